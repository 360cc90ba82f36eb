import type { Caller } from '../../identity/caller.js';
import { isEmployeeOf, type Parties } from '../parties.policy.js';

/** The contract's employee makes its invoices; a manager may do it for him. */
export const mayInvoice = (caller: Caller, contract: Parties): boolean =>
  caller.role === 'manager' || isEmployeeOf(caller, contract);
