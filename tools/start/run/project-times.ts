import type { ProjectTime } from './test-report.ts';

/** How many seconds of a whole run each project may take, so that all of them fit into 15 minutes. */
const BUDGETS: Readonly<Record<string, number>> = {
  'circuit-breaker': 60,
  'webhook-security': 120,
  'paytabs-client': 120,
  'aggregation-cache': 180,
  'nest-cms-server': 300,
  checks: 90,
  'nest-11': 20,
};
/** A busy machine takes longer; beyond this many budgets it is the tests. */
const FAR_BEYOND = 3;

/**
 * Divides the time of a run among its projects: of each moment, every test file that runs has the
 * same share. The shares add up to the time in which anything ran.
 */
export class TimeShares {
  readonly #now: () => number;
  readonly #running = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  #last = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  begin(project: string): void {
    this.#divide();
    this.#running.set(project, (this.#running.get(project) ?? 0) + 1);
  }

  end(project: string): void {
    this.#divide();
    this.#running.set(project, Math.max(0, (this.#running.get(project) ?? 0) - 1));
  }

  get list(): ProjectTime[] {
    return [...this.#seconds].map(([name, seconds]) => ({ name, seconds }));
  }

  #divide(): void {
    const passed = (this.#now() - this.#last) / 1_000;
    this.#last = this.#now();
    const files = [...this.#running.values()].reduce((sum, count) => sum + count, 0);
    for (const [project, count] of this.#running) {
      if (count === 0) continue;
      const before = this.#seconds.get(project) ?? 0;
      this.#seconds.set(project, before + (passed * count) / files);
    }
  }
}

/** A line for each project with its seconds and its budget, and which projects are far beyond theirs. */
export function describeTimes(times: readonly ProjectTime[]): {
  lines: string[];
  farBeyond: string[];
} {
  const widest = Math.max(0, ...times.map(({ name }) => name.length));
  const lines: string[] = [];
  const farBeyond: string[] = [];
  for (const { name, seconds } of [...times].sort((a, b) => b.seconds - a.seconds)) {
    const budget = BUDGETS[name];
    const told = `${name.padEnd(widest)} ${String(Math.round(seconds)).padStart(4)} s`;
    const isOver = budget !== undefined && seconds > budget;
    lines.push(
      `⏱ ${told}${budget === undefined ? '' : ` of ${budget}`}${isOver ? ', over its budget' : ''}`,
    );
    if (budget !== undefined && seconds > FAR_BEYOND * budget) {
      farBeyond.push(
        `The tests of ${name} took ${Math.round(seconds)} s, far beyond their ${budget} s.`,
      );
    }
  }
  return { lines, farBeyond };
}
