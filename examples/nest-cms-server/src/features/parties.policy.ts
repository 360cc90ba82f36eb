import type { ObjectId } from 'mongodb';
import type { Caller } from '../identity/caller.js';
import { forbidden } from '../platform/http/problem.js';

/** The two people an offer, a contract and a payment lie between. */
export interface Parties {
  readonly clientId: ObjectId;
  readonly employeeId: ObjectId;
}

/**
 * The filter that leaves only documents the caller may read: his own ones, all of them for a
 * manager. It is part of each query, so a foreign document is not found rather than refused.
 *
 * @throws Problem 403 for a role that has no business with these documents
 */
export function visibleTo(caller: Caller): Partial<Parties> {
  switch (caller.role) {
    case 'client':
      return { clientId: caller.userId };
    case 'employee':
      return { employeeId: caller.userId };
    case 'manager':
      return {};
    default:
      throw forbidden();
  }
}

/** The same rule for a document that is at hand already. */
export function maySee(caller: Caller, parties: Parties): boolean {
  const { clientId, employeeId } = visibleTo(caller);
  return (
    (clientId === undefined || clientId.equals(parties.clientId)) &&
    (employeeId === undefined || employeeId.equals(parties.employeeId))
  );
}

export function isClientOf(caller: Caller, parties: Parties): boolean {
  return caller.role === 'client' && caller.userId.equals(parties.clientId);
}

export function isEmployeeOf(caller: Caller, parties: Parties): boolean {
  return caller.role === 'employee' && caller.userId.equals(parties.employeeId);
}
