import { money, type Transaction } from '@nestcms/paytabs-client';
import { expect, it } from 'vitest';
import { undoneAmong } from './undone.js';

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

it.each(['refund', 'void', 'release'])('knows a sale whose whole money went back by %s', (type) => {
  expect([...undoneAmong([row('ONE'), row('TWO'), backOf('ONE', { type })])]).toEqual(['ONE']);
});

it('adds up what went back in parts', () => {
  const part = (minor: number) => backOf('ONE', { total: money(minor, 'AED') });
  expect(undoneAmong([row('ONE'), part(14_949)]).size).toBe(0);
  expect([...undoneAmong([part(14_949), row('ONE'), part(1)])]).toEqual(['ONE']);
});

it('counts only what went through, and of nothing that came back says nothing', () => {
  const nothing = row('ZERO', { total: money(0, 'AED') });
  for (const status of ['D', 'E', 'P']) {
    expect(undoneAmong([row('ONE'), nothing, backOf('ONE', { status })]).size).toBe(0);
  }
});
