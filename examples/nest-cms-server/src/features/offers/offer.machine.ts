import { defineMachine, type StateOf } from '../../platform/state-machine.js';

export const offerMachine = defineMachine({
  review: ['accepted', 'rejected'],
  accepted: ['converted'],
  rejected: [],
  converted: [],
});

export type OfferStatus = StateOf<typeof offerMachine>;
