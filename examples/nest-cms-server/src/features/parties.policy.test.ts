import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Caller, Role } from '../identity/caller.js';
import { mayInvoice } from './contracts/contract.policy.js';
import { mayAcceptOffer, mayConvertOffer } from './offers/offer.policy.js';
import { maySee, visibleTo } from './parties.policy.js';

const ids = Array.from({ length: 4 }, () => new ObjectId());
const id = fc.constantFrom(...ids);
const parties = fc.record({ clientId: id, employeeId: id });
const callerOf = (...roles: Role[]) =>
  fc.record<Caller>({
    userId: id,
    role: fc.constantFrom(...roles),
    sessionId: fc.constant('session'),
  });
const party = callerOf('client', 'employee', 'manager');

describe('who may see and act', () => {
  it('lets the filter of a list and the look at one document agree', () => {
    fc.assert(
      fc.property(party, parties, (caller, document) => {
        const filter = Object.entries(visibleTo(caller)) as [keyof typeof document, ObjectId][];
        expect(maySee(caller, document)).toBe(
          filter.every(([field, value]) => document[field].equals(value)),
        );
      }),
    );
  });

  it('shows a document to nobody but its client, its employee and a manager', () => {
    fc.assert(
      fc.property(party, parties, (caller, document) => {
        const own =
          (caller.role === 'client' && caller.userId.equals(document.clientId)) ||
          (caller.role === 'employee' && caller.userId.equals(document.employeeId));
        expect(maySee(caller, document)).toBe(own || caller.role === 'manager');
      }),
    );
  });

  it('allows no action on a document that the caller may not even see', () => {
    fc.assert(
      fc.property(party, parties, (caller, document) => {
        const actions = [mayAcceptOffer, mayConvertOffer, mayInvoice];
        const mayAct = actions.some((may) => may(caller, document));
        expect(!mayAct || maySee(caller, document)).toBe(true);
      }),
    );
  });

  it('never lets one person stand on both sides of an action', () => {
    fc.assert(
      fc.property(callerOf('client', 'employee'), parties, (caller, document) => {
        expect(mayAcceptOffer(caller, document) && mayConvertOffer(caller, document)).toBe(false);
      }),
    );
  });

  it.each(['admin', 'owner', 'auditor'] as const)('has nothing for the role %s', (role) => {
    const caller: Caller = { userId: ids[0] as ObjectId, role, sessionId: 'session' };
    expect(() => visibleTo(caller)).toThrow(expect.objectContaining({ status: 403 }));
  });
});
