import { BSON, type BSONSerializeOptions, type Document } from 'mongodb';
import { AggregationCacheError, type SchemaIssue } from '../errors.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import { validate } from '../validate-schema.js';
import { freezeDeep, NotFreezable } from './freeze-deep.js';

/** How BSON becomes JavaScript; the same for rows from a member, from memory and from the remote store. */
export type RowTypes = Pick<
  BSONSerializeOptions,
  'promoteLongs' | 'promoteValues' | 'promoteBuffers' | 'useBigInt64' | 'bsonRegExp'
> & { readonly enableUtf8Validation?: boolean | undefined };

/** Picks from the database's own options, so that rows look as the driver itself would give them. */
export const rowTypesOf = (options: BSONSerializeOptions & RowTypes): RowTypes => {
  const { promoteLongs, promoteValues, promoteBuffers, useBigInt64, bsonRegExp } = options;
  const types = { promoteLongs, promoteValues, promoteBuffers, useBigInt64, bsonRegExp };
  const given = Object.entries(types).filter(([, value]) => value !== undefined);
  return Object.freeze({
    ...Object.fromEntries(given),
    enableUtf8Validation: options.enableUtf8Validation ?? true,
  });
};

/**
 * Rows as frozen objects, checked against the class's schema where it has one.
 * @throws INVALID_ROW
 */
export const decodeRows = async <Row>(
  bytes: readonly Uint8Array[],
  types: RowTypes,
  pipelineClass: {
    readonly name: string;
    readonly rows?: StandardSchema<unknown, Row> | undefined;
  },
): Promise<readonly Row[]> => {
  const { enableUtf8Validation, ...promotions } = types;
  const options = { ...promotions, validation: { utf8: enableUtf8Validation !== false } };
  const rows: unknown[] = [];
  for (const [index, row] of bytes.entries()) {
    const document: Document = BSON.deserialize(row, options);
    rows.push(freezeRow(await checkRow(document, index, pipelineClass), index, pipelineClass.name));
  }
  return Object.freeze(rows) as readonly Row[];
};

const checkRow = async <Row>(
  document: Document,
  row: number,
  {
    name,
    rows,
  }: { readonly name: string; readonly rows?: StandardSchema<unknown, Row> | undefined },
): Promise<unknown> => {
  if (rows === undefined) return document;
  const checked = await validate(rows, document);
  if (checked.issues === undefined) return checked.value;
  const { length, 0: first } = checked.issues;
  const why = `does not fit its schema: ${length} issues, first at '${first?.path ?? ''}'`;
  throw invalidRow(row, name, why, checked.issues);
};

/** A schema may make of a row what cannot be shared. */
const freezeRow = (value: unknown, row: number, name: string): unknown => {
  try {
    return freezeDeep(value);
  } catch (error) {
    if (!(error instanceof NotFreezable)) throw error;
    const { kind, path } = error;
    const message = `is a ${kind}, which cannot be made unchangeable`;
    throw invalidRow(row, name, `cannot be shared: '${path}' ${message}`, [{ message, path }]);
  }
};

const invalidRow = (
  row: number,
  pipelineClass: string,
  why: string,
  issues: readonly SchemaIssue[],
): AggregationCacheError<'INVALID_ROW'> =>
  new AggregationCacheError('INVALID_ROW', `Row ${row} of '${pipelineClass}' ${why}.`, {
    pipelineClass,
    row,
    issues,
  });
