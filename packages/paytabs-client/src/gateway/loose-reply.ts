import { z } from 'zod';
import { fit, traced, traceOf, wireId } from './acknowledgement.js';
import { readerOf, Unreadable } from './reply.js';
import { type Raw, withRaw } from './with-raw.js';

const text = z.string().nullish();

/** Endpoints whose answers are hardly known: any object of a call that went well. */
const object = (body: unknown, httpStatus: number): Raw => {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (!isObject || httpStatus >= 400) throw new Unreadable('it is no object that says something');
  return body as Raw;
};

/** A link that can be paid by again and again. */
export interface PayLink {
  /** Absent when the gateway called it by another name: look into `raw`. */
  readonly url?: string;
  readonly linkId?: string;
  readonly trace?: string;
  readonly raw: Raw;
}

const link = z.looseObject({
  link_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(undefined),
  paylink_id: z.union([z.string(), z.int()]).transform(String).optional().catch(undefined),
  ...traced,
});

export const linkReader = readerOf<PayLink>((body, { httpStatus }) => {
  const raw = object(body, httpStatus);
  const read = fit(link, raw);
  const fields = {
    ...(read.link_url === undefined ? {} : { url: read.link_url }),
    ...(read.paylink_id === undefined ? {} : { linkId: read.paylink_id }),
    ...traceOf(read),
  };
  return withRaw(fields, raw);
});

/** A bill of SADAD that can be paid at any bank of the country. */
export interface SadadBill {
  readonly tranRef: string;
  readonly cartId: string;
  readonly billerId: string;
  /** What the customer types at the bank. */
  readonly sadadNumber: string;
  readonly invoiceId?: number;
  /** Until when it can be paid; absent when the gateway sent no readable time. */
  readonly expiresAt?: Date;
  readonly raw: Raw;
}

const digits = z.union([z.string().min(1), z.int().transform(String)]);

const bill = z.looseObject({
  tran_ref: z.string().min(1),
  cart_id: z.string().min(1),
  biller_id: digits,
  sadad_number: digits,
  expire_date: text,
  invoice_id: wireId.nullish().catch(undefined),
});

/** Nanoseconds, which only some parsers take. */
const readTime = (value: string | null | undefined): Date | undefined => {
  const time = Date.parse((value ?? '').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time) ? undefined : new Date(time);
};

export const sadadBillReader = readerOf<SadadBill>((body) => {
  const read = fit(bill, body);
  const expiresAt = readTime(read.expire_date);
  const fields = {
    tranRef: read.tran_ref,
    cartId: read.cart_id,
    billerId: read.biller_id,
    sadadNumber: read.sadad_number,
    ...(read.invoice_id ? { invoiceId: read.invoice_id } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  return withRaw(fields, body);
});

/** What the gateway says of a bill. Hardly known, so it is in `raw`. */
export interface SadadInquiry {
  readonly tranRef?: string;
  /** Letter of the transaction, if one is told. */
  readonly status?: string;
  readonly raw: Raw;
}

const inquiry = z.looseObject({
  tran_ref: z.string().optional().catch(undefined),
  payment_result: z
    .looseObject({ response_status: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export const sadadInquiryReader = readerOf<SadadInquiry>((body, { httpStatus }) => {
  const raw = object(body, httpStatus);
  const { tran_ref: tranRef, payment_result: result } = fit(inquiry, raw);
  const status = result?.response_status;
  const told = status === undefined ? {} : { status };
  return withRaw({ ...(tranRef === undefined ? {} : { tranRef }), ...told }, raw);
});

/** What valU offers for an amount. */
export interface ValuInquiry {
  /** Zero is fine. */
  readonly responseCode: number;
  readonly isOffered: boolean;
  /** The answer as it came; the plans are in `valuResponse.productList`. */
  readonly raw: Raw;
}

const code = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,9}$/)
    .transform(Number),
]);

const valu = z.looseObject({ valuResponse: z.looseObject({ responseCode: code }) });

export const valuReader = readerOf<ValuInquiry>((body) => {
  const { responseCode } = fit(valu, body).valuResponse;
  return withRaw({ responseCode, isOffered: responseCode === 0 }, body);
});
