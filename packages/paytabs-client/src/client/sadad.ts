import { z } from 'zod';
import {
  type SadadBill,
  type SadadInquiry,
  sadadBillReader,
  sadadInquiryReader,
} from '../gateway/loose-reply.js';
import { withRaw } from '../gateway/with-raw.js';
import { looseFields } from '../operations/loose-fields.js';
import { addresses, cart, customer, tranRef, userDefined } from '../operations/request-fields.js';
import { cartFields, customerFields } from '../operations/wire-fields.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { OutcomeUnknown } from './outcomes.js';

/** There is a bill: the customer can pay it at his bank. */
export interface SadadOpened extends SadadBill {
  readonly kind: 'bill';
}

/** How the request for a bill went. */
export type SadadOutcome = SadadOpened | OutcomeUnknown;

const sadadRequest = z.strictObject({
  ...cart,
  customer: customer.optional(),
  ...addresses,
  userDefined,
  fields: looseFields,
});

const sadadInquiry = z.strictObject({ tranRef, fields: looseFields });

/** Asks for a bill. What else the gateway takes goes into `fields`. */
export type SadadRequest = z.input<typeof sadadRequest>;

/** Names a bill by its transaction. */
export type SadadInquiryRequest = z.input<typeof sadadInquiry>;

/** Longer than any bill was seen to live (five days). */
const billLifeMs = 30 * 86_400_000;

/** SADAD, straight from the server: bills that are paid at a bank in Saudi Arabia. */
export class Sadad {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Asks for a bill. Remembered like a payment, for a customer can pay it; found again by its reference. */
  async request(request: SadadRequest, call: CallOptions = {}): Promise<SadadOutcome> {
    const checked = this.#desk.checked(sadadRequest, request);
    const { cartId, amount } = checked;
    return this.#desk.open<SadadBill, SadadOpened>(
      {
        operation: 'requestSadad',
        type: 'sale',
        cartId,
        amount,
        pageLifeMs: billLifeMs,
        path: '/payment/apm/sadad/ifs/request',
        fields: {
          ...checked.fields,
          ...cartFields(checked),
          customer_details: customerFields(checked.customer),
          user_defined: checked.userDefined,
          callback: checked.callbackUrl,
          return: checked.returnUrl,
        },
        reader: sadadBillReader,
        read: (bill) =>
          bill.cartId === cartId
            ? {
                kind: 'opened',
                tranRef: bill.tranRef,
                result: withRaw({ kind: 'bill' as const, ...bill }, bill.raw),
              }
            : {
                kind: 'unclear',
                why: 'the answer is about another cart',
                reason: 'unclearAnswer',
                tranRef: bill.tranRef,
              },
      },
      call,
    );
  }

  /** How a bill stands, in the gateway's own words. Only `query` says that it is paid. */
  async inquire(request: SadadInquiryRequest, call: CallOptions = {}): Promise<SadadInquiry> {
    const { tranRef: reference, fields } = this.#desk.checked(sadadInquiry, request);
    return this.#desk.read(
      {
        operation: 'inquireSadad',
        path: '/payment/apm/sadad/ifs/inquiry',
        tranRef: reference,
        fields: { ...fields, tran_ref: reference },
      },
      sadadInquiryReader,
      call,
    );
  }
}
