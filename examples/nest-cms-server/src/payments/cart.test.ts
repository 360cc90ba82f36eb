import { money, type Transaction } from '@nestcms/paytabs-client';
import { describe, expect, it } from 'vitest';
import { isOpen, isWithheld, undoneAmong } from './cart.js';

const row = (tranRef: string, change: Partial<Transaction> = {}): Transaction => ({
  tranRef,
  type: 'sale',
  cartId: 'payment.1',
  cartAmount: money(14_950, 'AED'),
  total: money(14_950, 'AED'),
  status: 'A',
  responseCode: 'G12345',
  responseMessage: 'Authorised',
  paymentInfo: {},
  raw: {},
  ...change,
});
const backOf = (tranRef: string, change: Partial<Transaction> = {}) =>
  row(`${tranRef}-back`, { type: 'refund', previousTranRef: tranRef, ...change });
/** As a question by cart tells it: without its parent. */
const orphan = (tranRef: string, change: Partial<Transaction>): Transaction => row(tranRef, change);

describe('money that went back', () => {
  it.each(['refund', 'void', 'release'])('is known by a %s of the whole sale', (type) => {
    expect([...undoneAmong([row('ONE'), row('TWO'), backOf('ONE', { type })])]).toEqual(['ONE']);
    expect([...undoneAmong([orphan('BACK', { type }), row('ONE')])]).toEqual(['ONE']);
  });

  it('adds up in parts', () => {
    const part = (minor: number) => backOf('ONE', { total: money(minor, 'AED') });
    expect(undoneAmong([row('ONE'), part(14_949)]).size).toBe(0);
    expect([...undoneAmong([part(14_949), row('ONE'), part(1)])]).toEqual(['ONE']);
  });

  it('is none where it did not go through, or could be of either of two sales', () => {
    for (const status of ['D', 'E', 'P']) {
      expect(undoneAmong([row('ONE'), backOf('ONE', { status })]).size).toBe(0);
    }
    expect(undoneAmong([row('ONE'), row('TWO'), orphan('BACK', { type: 'refund' })]).size).toBe(0);
    expect(undoneAmong([row('ZERO', { total: money(0, 'AED') })]).size).toBe(0);
  });

  it('is no longer withheld', () => {
    const all = [row('ONE'), row('TWO'), backOf('ONE')];
    expect(all.map((one) => isWithheld(one, undoneAmong(all)))).toEqual([false, true, false]);
    expect(isWithheld(row('THREE', { status: 'D' }), new Set())).toBe(false);
  });
});

describe('the end of a transaction', () => {
  const openOf = (...all: Transaction[]) =>
    all.filter((one) => isOpen(one, all)).map(({ tranRef }) => tranRef);
  const hold = row('HOLD', { type: 'auth', status: 'H' });
  const deferred = row('WAIT', { type: 'payment request', status: 'P' });

  it('is open while it is held, authorised, awaited or unknown', () => {
    expect(openOf(hold)).toEqual(['HOLD']);
    expect(openOf(row('AUTH', { type: 'auth' }))).toEqual(['AUTH']);
    expect(openOf(deferred)).toEqual(['WAIT']);
    expect(openOf(row('LOST', { status: 'E', responseCode: '401' }))).toEqual(['LOST']);
    expect(openOf(row('DONE'), row('NO', { status: 'D' }))).toEqual([]);
  });

  it.each<[string, Partial<Transaction>]>([
    ['a capture', { type: 'capture' }],
    ['a void', { type: 'void' }],
    ['a sale', {}],
    ['its expiry', { status: 'X', responseCode: '355' }],
  ])('comes with %s, whether its parent is told or not', (_what, change) => {
    for (const waiting of [hold, deferred]) {
      expect(openOf(row('LATER', change), waiting)).toEqual([]);
      const child = row('LATER', { ...change, previousTranRef: waiting.tranRef });
      expect(openOf(waiting, child)).toEqual([]);
      expect(openOf(waiting, { ...child, previousTranRef: 'ANOTHER' })).toEqual([waiting.tranRef]);
    }
  });

  it('does not come with a capture that failed', () => {
    for (const status of ['D', 'E']) {
      const failed = row('LATER', { type: 'capture', status, responseCode: '200' });
      expect(openOf(hold, failed)).toEqual(['HOLD']);
    }
  });
});
