import { describe, expect, it } from 'vitest';
import { readNotification } from './read-notification.js';

const notice = (amount: unknown) => ({
  tran_ref: 'TST2625600001234',
  profile_id: 98765,
  cart_id: 'order-1001',
  cart_currency: 'AED',
  cart_amount: amount,
  tran_currency: 'AED',
  tran_total: amount,
  tran_type: 'Sale',
  payment_result: { response_status: 'A', response_code: 'G48213' },
});

describe('an amount of a notice that came as a JSON number', () => {
  it.each([
    ['149.50', 14950n],
    ['0', 0n],
    ['9999999999.99', 999_999_999_999n],
    ['1234567890123.45', 123_456_789_012_345n],
  ])('is read exactly: %s', (text, minor) => {
    expect(readNotification(notice(JSON.parse(text))).total.minor).toBe(minor);
  });

  it.each(['90071992547409.93', '9007199254740993', '0.1000000000000001', '1e21', '1e-7'])(
    'is refused when digits of it may be lost: %s',
    (text) => {
      expect(() => readNotification(notice(JSON.parse(text)))).toThrow(
        expect.objectContaining({ code: 'UNEXPECTED_REPLY' }),
      );
    },
  );
});
