import { describe, expect, it } from 'vitest';
import { type Money, money } from '../money/money.js';
import { balanceOf } from './balance-of.js';

const aed = (minor: bigint): Money => money(minor, 'AED');

let count = 0;
const moved = (type: string, minor: bigint, more: object = {}) => {
  count += 1;
  return {
    tranRef: `TST${count}`,
    previousTranRef: 'SALE',
    type,
    status: 'A',
    total: aed(minor),
    ...more,
  };
};

const sale = { tranRef: 'SALE', type: 'sale', status: 'A', total: aed(10_000n) };
const hold = { ...sale, type: 'auth' };

describe('the balance', () => {
  it('of a sale is what was not given back, or is about to be', () => {
    const refunds = [moved('refund', 6_000n), moved('refund', 1_500n, { status: 'P' })];
    expect(balanceOf(sale, refunds)).toEqual({ refundable: aed(2_500n), capturable: aed(0n) });
  });

  it.each(['D', 'E', 'C', 'X', 'V'])('is not lowered by a refund with status %s', (status) => {
    const refused = moved('refund', 6_000n, { status });
    expect(balanceOf(sale, [refused]).refundable).toEqual(aed(10_000n));
  });

  it('of a sale is less what was voided, should the gateway allow that', () => {
    expect(balanceOf(sale, [moved('void', 10_000n)]).refundable).toEqual(aed(0n));
    const parts = [moved('release', 2_000n), moved('refund', 1_000n)];
    expect(balanceOf(sale, parts).refundable).toEqual(aed(7_000n));
  });

  it('of a hold is what was neither taken nor given up', () => {
    const done = [moved('capture', 4_000n), moved('release', 1_000n), moved('void', 500n)];
    expect(balanceOf(hold, done)).toEqual({ refundable: aed(0n), capturable: aed(4_500n) });
  });

  it('passes over follow-ups of others, and the transaction itself', () => {
    const others = [moved('refund', 6_000n, { previousTranRef: 'OTHER' }), moved('capture', 1n)];
    const itself = { ...sale, previousTranRef: 'SALE', type: 'refund' };
    expect(balanceOf(sale, [...others, itself]).refundable).toEqual(aed(10_000n));
  });

  it.each(['D', 'H', 'P', 'V'])('of what is no more than %s is nothing', (status) => {
    const none = { refundable: aed(0n), capturable: aed(0n) };
    expect(balanceOf({ ...sale, status }, [])).toEqual(none);
    expect(balanceOf({ ...hold, status }, [])).toEqual(none);
  });

  it('is never below nothing', () => {
    expect(balanceOf(sale, [moved('refund', 20_000n)]).refundable).toEqual(aed(0n));
  });

  it('does not mix currencies', () => {
    const other = moved('refund', 1n, { total: money(1n, 'SAR') });
    expect(() => balanceOf(sale, [other])).toThrow(/cannot be set against each other/);
  });
});
