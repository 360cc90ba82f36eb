import { BSON, type Timestamp } from 'mongodb';
import { AggregationCacheError } from '../errors.js';

/** Where a listing goes on: as of which moment, and behind how many rows. */
export interface PagePlace {
  readonly moment: Timestamp;
  readonly skip: number;
}

const FORMAT = 1;
/** A cursor comes from outside; one longer than that is none of ours. */
const LONGEST = 400;

/** A text for the next page of one listing. Anybody may read it; it says nothing about rows or parameters. */
export const encodeCursor = ({ moment, skip }: PagePlace, key: string): string =>
  Buffer.from(BSON.serialize({ v: FORMAT, m: moment, s: skip, k: key })).toString('base64url');

/** @throws INVALID_CURSOR for what is none, or of another listing */
export const decodeCursor = (cursor: unknown, key: string, pipelineClass: string): PagePlace => {
  const read = typeof cursor === 'string' && cursor.length <= LONGEST ? fieldsOf(cursor) : {};
  const { v, m, s, k } = read as { v?: unknown; m?: unknown; s?: unknown; k?: unknown };
  const isTimestamp = (Object(m) as { _bsontype?: unknown })._bsontype === 'Timestamp';
  if (v === FORMAT && isTimestamp && Number.isSafeInteger(s) && (s as number) >= 0 && k === key) {
    return { moment: m as Timestamp, skip: s as number };
  }
  throw new AggregationCacheError(
    'INVALID_CURSOR',
    `The cursor is none of this listing of '${pipelineClass}'. Begin with its first page.`,
    { pipelineClass },
  );
};

const fieldsOf = (cursor: string): object => {
  try {
    return BSON.deserialize(Buffer.from(cursor, 'base64url'));
  } catch {
    return {};
  }
};
