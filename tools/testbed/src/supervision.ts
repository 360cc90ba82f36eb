import { createSupervisor, type Supervisor } from '../../start/lib/supervisor.mjs';

let supervisor: Supervisor | undefined;

/** The one supervisor of this process: what it starts never outlives the process. */
export function supervision(): Supervisor {
  supervisor ??= createSupervisor();
  return supervisor;
}
