import { defineMachine, type StateOf } from '../platform/state-machine.js';

/**
 * A try that ended without money may be followed by another one, so `failed`, `cancelled` and
 * `expired` lead back to `processing`. They also lead to `paid`: when the gateway's answer shows
 * that money has moved after all (a page paid in its last second, say), the books must follow.
 * `paid` is final here: no late notice of a failure can overwrite it.
 */
export const paymentMachine = defineMachine({
  created: ['processing'],
  processing: ['paid', 'failed', 'cancelled', 'expired'],
  failed: ['processing', 'paid'],
  cancelled: ['processing', 'paid'],
  expired: ['processing', 'paid'],
  paid: [],
});

export type PaymentStatus = StateOf<typeof paymentMachine>;
