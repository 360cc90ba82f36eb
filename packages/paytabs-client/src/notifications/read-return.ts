import { z } from 'zod';
import { PayTabsError } from '../errors.js';
import { describeTransaction, type NotificationKind } from './meaning.js';

/** What a return can say. It tells no type: on a page that holds an amount `reportedPaid` means held, on one that verifies a card verified. */
export type ReturnKind = Extract<
  NotificationKind,
  | 'reportedPaid'
  | 'held'
  | 'pending'
  | 'declined'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'voided'
  | 'unknown'
>;

/** What the shopper's browser brings back. It has no amount, so it proves no payment: show a page, and ask. */
export interface PayTabsReturn {
  readonly kind: ReturnKind;
  readonly tranRef: string;
  readonly cartId: string;
  /** The gateway's letter; empty where it sent none, as after some aborted pages. */
  readonly status: string;
  readonly responseCode: string;
  readonly responseMessage: string;
  readonly acquirerMessage?: string;
  readonly acquirerRrn?: string;
  /** Not among what `inspect`, JSON and spreading show. */
  readonly customerEmail?: string;
  /** The saved card. Not among what `inspect`, JSON and spreading show. */
  readonly token?: string;
  /** The fields as they came, unknown ones included. Not among what `inspect`, JSON and spreading show. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const fields = z.looseObject({
  tranRef: z.string().min(1),
  cartId: z.string().min(1),
  respStatus: text,
  respCode: text,
  respMessage: text,
  acquirerMessage: text,
  acquirerRRN: text,
  customerEmail: text,
  token: text,
});

/** The fields whose value is there. */
const present = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

/**
 * Reads a return whose signature was checked before: the payload of `createReturnVerifier`, or of a verifier with the
 * scheme `payTabsReturn`. It shows a page and decides nothing.
 * @throws PayTabsError UNEXPECTED_REPLY when it is no such form
 */
export function readReturn(payload: unknown): PayTabsReturn {
  const checked = fields.safeParse(payload);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.map(String).join('.') || '(all)';
    const why = `the field "${field}" is missing or of another type`;
    throw new PayTabsError('UNEXPECTED_REPLY', `This is no return of the gateway: ${why}`);
  }
  const { data } = checked;
  const facts = {
    kind: kindOf(data.respStatus, data.respCode),
    tranRef: data.tranRef,
    cartId: data.cartId,
    status: data.respStatus,
    responseCode: data.respCode,
    responseMessage: data.respMessage,
    ...present({ acquirerMessage: data.acquirerMessage, acquirerRrn: data.acquirerRRN }),
  };
  const personal = {
    ...present({ customerEmail: data.customerEmail, token: data.token }),
    raw: payload as Readonly<Record<string, unknown>>,
  };
  for (const [name, value] of Object.entries(personal)) {
    Object.defineProperty(facts, name, { value, enumerable: false });
  }
  return Object.freeze(facts) as PayTabsReturn;
}

/** As of a sale, for the form does not say of what. */
function kindOf(status: string, responseCode: string): ReturnKind {
  const { kind } = describeTransaction({ type: 'sale', status, responseCode });
  return kind === 'paid' ? 'reportedPaid' : (kind as ReturnKind);
}
