import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTransaction } from './meaning.js';

const describeIt = (type: string, status: string, responseCode = 'G12345') =>
  describeTransaction({ type, status, responseCode });

describe('a transaction means', () => {
  it.each([
    ['sale', 'A', 'paid'],
    ['auth', 'A', 'authorised'],
    ['authext', 'A', 'authorised'],
    ['register', 'A', 'cardRegistered'],
    ['capture', 'A', 'captured'],
    ['void', 'A', 'voided'],
    ['release', 'A', 'released'],
    ['refund', 'A', 'refunded'],
    ['refund', 'P', 'refundPending'],
    ['payment request', 'P', 'pending'],
    ['sale', 'P', 'pending'],
    ['auth', 'H', 'held'],
    ['sale', 'D', 'declined'],
    ['sale', 'C', 'cancelled'],
    ['sale', 'X', 'expired'],
    ['sale', 'V', 'voided'],
    ['sale', 'Z', 'unknown'],
    ['teleport', 'A', 'unknown'],
  ])('%s with %s: %s', (type, status, kind) => {
    expect(describeIt(type, status).kind).toBe(kind);
  });

  it.each(['118', '206', '342'])(
    'failed, with an error that is known to be a refusal (%s)',
    (code) => {
      expect(describeIt('refund', 'E', code)).toMatchObject({ kind: 'failed', final: true });
    },
  );

  it.each(['400', '401', '9999', ''])('nothing known, with any other error (%s)', (code) => {
    expect(describeIt('sale', 'E', code)).toMatchObject({ kind: 'unknown', final: false });
  });

  it('no payment that anybody has asked the gateway about, when it is a notice', () => {
    const sale = { type: 'sale', status: 'A', responseCode: 'G1' };
    expect(describeTransaction({ ...sale, kind: 'reportedPaid' }).kind).toBe('reportedPaid');
  });

  it('something about an earlier one, by its type or by naming it', () => {
    const sale = { type: 'sale', status: 'A', responseCode: 'G1' };
    expect(describeTransaction(sale).followUp).toBe(false);
    expect(describeTransaction({ ...sale, previousTranRef: 'TST1' })).toMatchObject({
      kind: 'paid',
      followUp: true,
    });
    expect(describeIt('refund', 'A').followUp).toBe(true);
  });

  it('paid only for a sale with A, whatever else comes', () => {
    const anyText = fc.oneof(
      fc.constantFrom('sale', 'auth', 'refund', 'capture', 'A', 'P', 'E', 'D'),
      fc.string(),
    );
    fc.assert(
      fc.property(anyText, anyText, anyText, (type, status, responseCode) => {
        const { kind } = describeTransaction({ type, status, responseCode });
        expect(kind === 'paid').toBe(type === 'sale' && status === 'A');
      }),
    );
  });
});
