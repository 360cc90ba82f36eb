import type { Caller } from '../../identity/caller.js';
import { isClientOf, isEmployeeOf, type Parties } from '../parties.policy.js';

/** Only the client an offer is addressed to accepts it. */
export const mayAcceptOffer = (caller: Caller, offer: Parties): boolean =>
  isClientOf(caller, offer);

/** Only the employee who made an offer turns it into a contract. */
export const mayConvertOffer = (caller: Caller, offer: Parties): boolean =>
  isEmployeeOf(caller, offer);
