import { hash } from 'node:crypto';
import { BSON } from 'mongodb';

/**
 * A text for a document's `_id`, the same for whatever MongoDB takes for the same: an Int32, a Long and a Double
 * of one whole value, a text and a symbol. Also for bytes of every subtype, for under `promoteBuffers` the driver
 * does not say which. Undefined for an `_id` of which that cannot be said, or that says more than one thing as a
 * condition: Decimal128, fractions, null, lists, documents, patterns.
 *
 * Of texts and bytes it is a hash, for an e-mail address may be an `_id`, and dependencies lie open in the remote store.
 * @param id from a condition, a change event or a caller
 */
export const documentIdText = (id: unknown): string | undefined => {
  switch (typeof id) {
    case 'string':
      return isSpelled(id) ? `s${digest(id)}` : undefined;
    case 'number':
      return Number.isInteger(id) ? `i${BigInt(id)}` : undefined;
    case 'bigint':
      return BigInt.asIntN(64, id) === id ? `i${id}` : undefined;
    case 'boolean':
      return id ? 'b1' : 'b0';
    case 'object':
      return id === null ? undefined : objectId(id);
    default:
      return undefined;
  }
};

const objectId = (id: object): string | undefined => {
  if (id instanceof Date) return Number.isNaN(id.getTime()) ? undefined : `d${id.getTime()}`;
  if (id instanceof Uint8Array) return bytesId(id);
  const fields = id as Readonly<Record<string, unknown>>;
  switch (fields._bsontype) {
    case 'ObjectId':
      return `o${(id as BSON.ObjectId).toHexString()}`;
    case 'Int32':
    case 'Double':
      return documentIdText(fields.value);
    case 'Long':
      return `i${BSON.Long.fromBits(Number(fields.low), Number(fields.high)).toBigInt()}`;
    case 'BSONSymbol':
      return documentIdText(fields.value);
    case 'Binary': {
      const { buffer, position } = id as BSON.Binary;
      return bytesId(buffer.subarray(0, position));
    }
    default:
      return undefined;
  }
};

const bytesId = (bytes: Uint8Array): string => `x${digest(bytes)}`;

/** 132 bits: nobody meets two of one. */
const digest = (data: string | Uint8Array): string =>
  hash('sha256', data, 'base64url').slice(0, 22);

const isSpelled = (text: string): boolean =>
  (text as string & { isWellFormed(): boolean }).isWellFormed();
