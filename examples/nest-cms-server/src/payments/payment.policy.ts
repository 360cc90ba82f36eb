import { isClientOf, type Parties } from '../features/parties.policy.js';
import type { Caller } from '../identity/caller.js';

/** Only the client of the contract pays its invoices. */
export const mayPay = (caller: Caller, payment: Parties): boolean => isClientOf(caller, payment);
