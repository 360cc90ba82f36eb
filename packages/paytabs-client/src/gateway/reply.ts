import { isPayTabsError } from '../errors.js';
import type { Money } from '../money/money.js';
import { parseJson } from './json.js';
import type { HostedPage, Transaction, UnreadableRow } from './transaction.js';
import { completedSchema, errorSchema, readAmount, redirectSchema, toTransaction } from './wire.js';
import { withRaw } from './with-raw.js';

/** What every answer of HTTP has. */
export interface ReplyFacts {
  readonly httpStatus: number;
  readonly retryAfterMs?: number;
}

/** What the gateway said, told apart by the shape of the body; the HTTP status is only carried along. */
export type Reply = ReplyFacts &
  (
    | {
        readonly shape: 'error';
        readonly code: number;
        readonly message: string;
        readonly trace?: string;
        /** It also has parts of a transaction or a page, so it is no proof that nothing was done. */
        readonly contradictory: boolean;
        readonly tranRef?: string;
      }
    | { readonly shape: 'redirect'; readonly page: HostedPage; readonly cartAmount: Money }
    | { readonly shape: 'completed'; readonly transaction: Transaction }
    | {
        readonly shape: 'rows';
        readonly transactions: readonly Transaction[];
        readonly unreadable: readonly UnreadableRow[];
      }
    | { readonly shape: 'unreadable'; readonly why: string; readonly excerpt: string }
  );

/** An HTTP answer before anybody has looked into it. */
export interface RawReply extends ReplyFacts {
  readonly text: string;
  /** What came before it was read as text. */
  readonly bytes?: Uint8Array;
}

/** An answer that is neither a page nor a transaction, in the form its endpoint has. */
export interface OtherReply<Value> extends ReplyFacts {
  readonly shape: 'other';
  readonly value: Value;
}

/** The gateway said that it did not do it, or nobody can read what it said. */
export type FailureReply = Extract<Reply, { shape: 'error' | 'unreadable' }>;

/** Any answer. */
export type AnyReply = Reply | OtherReply<unknown>;

/** Reads the answers of one endpoint. Never throws, whatever came. */
export type Reader<Each extends AnyReply> = (raw: RawReply) => Each | FailureReply;

type JsonObject = Record<string, unknown>;
type Shaped<S extends Reply['shape']> = Omit<Extract<Reply, { shape: S }>, 'httpStatus'>;

/** Reads an answer about a page or transactions. Never throws, whatever came. */
export const readReply: Reader<Reply> = (raw) => readAs(raw, shapeOf);

/**
 * A reader of answers in a form of their own. `read` gets whatever JSON is no error of the gateway's, and throws
 * {@link Unreadable} for what it does not know.
 */
export const readerOf =
  <Value>(read: (body: unknown, facts: ReplyFacts) => Value): Reader<OtherReply<Value>> =>
  (raw) =>
    readAs(raw, (body) => errorOf(body) ?? { shape: 'other', value: read(body, raw) });

function readAs<Shape extends object>(
  { httpStatus, text, retryAfterMs }: RawReply,
  shape: (body: unknown) => Shape,
): (ReplyFacts & Shape) | Extract<Reply, { shape: 'unreadable' }> {
  const about = { httpStatus, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const unreadable = (why: string) =>
    ({ ...about, shape: 'unreadable', why, excerpt: text }) as const;
  let body: unknown;
  try {
    body = parseJson(text);
  } catch {
    return unreadable('it is no JSON');
  }
  try {
    return { ...about, ...shape(body) };
  } catch (error) {
    return unreadable(whyUnreadable(error));
  }
}

/** Says nothing of what was in it. Rethrows what is no fault of the answer. */
function whyUnreadable(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  if (isPayTabsError(error, 'INVALID_MONEY')) return 'an amount or currency cannot be held exactly';
  throw error;
}

/** The answer is not of the form that its endpoint has. Says what is missing, never a value. */
export class Unreadable extends Error {}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What only a request that was carried out has. */
const doneParts = ['tran_ref', 'redirect_url', 'payment_result'];

/** As references look, so that no card number is told in the place of one. */
const isReference = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z]{2,6}\d{5,20}$/i.test(value);

/** The gateway's own way to say that it did not do it; undefined for anything else. */
function errorOf(body: unknown): Shaped<'error'> | undefined {
  if (!isObject(body) || !('code' in body)) return undefined;
  const error = errorSchema.safeParse(body);
  if (!error.success) return undefined;
  const { code, message, trace } = error.data;
  const { tran_ref: tranRef } = body;
  return {
    shape: 'error',
    code,
    message: message ?? '',
    ...(trace ? { trace } : {}),
    contradictory: doneParts.some((name) => (body[name] ?? '') !== ''),
    ...(isReference(tranRef) ? { tranRef } : {}),
  };
}

function shapeOf(
  body: unknown,
): Shaped<'error'> | Shaped<'redirect'> | Shaped<'completed'> | Shaped<'rows'> {
  if (Array.isArray(body)) return readRows(body);
  if (!isObject(body)) throw new Unreadable('it is neither an object nor an array');
  const error = errorOf(body);
  if (error !== undefined) return error;
  if (typeof body.redirect_url === 'string' && body.redirect_url !== '') return readRedirect(body);
  if ('payment_result' in body) return { shape: 'completed', transaction: readTransaction(body) };
  throw new Unreadable('it has none of the known shapes');
}

/** One row that cannot be read must not hide the others. */
function readRows(rows: readonly unknown[]): Shaped<'rows'> {
  const transactions: Transaction[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const row of rows) {
    try {
      transactions.push(readTransaction(row));
    } catch (error) {
      const why = whyUnreadable(error);
      const tranRef: unknown = isObject(row) ? row.tran_ref : undefined;
      unreadable.push(Object.freeze({ ...(isReference(tranRef) ? { tranRef } : {}), why }));
    }
  }
  return { shape: 'rows', transactions, unreadable };
}

function readRedirect(body: JsonObject): Shaped<'redirect'> {
  const wire = redirectSchema.safeParse(body);
  if (!wire.success) throw new Unreadable(where(wire.error.issues));
  const { tran_ref, cart_id, redirect_url, trace } = wire.data;
  const told = trace ? { trace } : {};
  const fields = { tranRef: tran_ref, redirectUrl: redirect_url, cartId: cart_id, ...told };
  const page = withRaw(fields, body);
  const cartAmount = readAmount(wire.data.cart_amount, wire.data.cart_currency);
  return { shape: 'redirect', page, cartAmount };
}

function readTransaction(body: unknown): Transaction {
  const wire = completedSchema.safeParse(body);
  if (!wire.success) throw new Unreadable(where(wire.error.issues));
  return toTransaction(wire.data, body as JsonObject);
}

/** Names the field only: a value might be anything. */
export const where = (issues: readonly { readonly path: readonly PropertyKey[] }[]): string =>
  `the field "${issues[0]?.path.map(String).join('.') || '(all)'}" is missing or of another type`;
