import { z } from 'zod';
import { type ValuInquiry, valuReader } from '../gateway/loose-reply.js';
import { decimal, positiveMoney } from '../operations/money-fields.js';
import { refuseTooLarge, text } from '../operations/request-fields.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';

const valuInquiry = z.strictObject({ amount: positiveMoney, phone: text(32) });

/** For which amount, and for which customer of valU. */
export type ValuInquiryRequest = z.input<typeof valuInquiry>;

/** valU: instalments of a lender in Egypt. */
export class Valu {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** What it offers for an amount. */
  async inquire(request: ValuInquiryRequest, call: CallOptions = {}): Promise<ValuInquiry> {
    const { amount, phone } = this.#desk.checked(valuInquiry, request);
    refuseTooLarge(amount);
    return this.#desk.read(
      {
        operation: 'inquireValu',
        path: '/payment/info/valu/inquiry',
        fields: {
          cart_amount: decimal(amount),
          cart_currency: amount.currency,
          customer_details: { phone },
        },
      },
      valuReader,
      call,
    );
  }
}
