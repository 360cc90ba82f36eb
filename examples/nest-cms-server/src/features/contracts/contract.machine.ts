import { defineMachine, type StateOf } from '../../platform/state-machine.js';

export const contractMachine = defineMachine({
  active: ['completed', 'terminated'],
  completed: [],
  terminated: [],
});

export type ContractStatus = StateOf<typeof contractMachine>;
