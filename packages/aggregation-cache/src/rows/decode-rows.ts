import { BSON, type BSONSerializeOptions, type Document } from 'mongodb';
import { AggregationCacheError } from '../errors.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import { validate } from '../validate-schema.js';
import { freezeDeep } from './freeze-deep.js';

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
    rows.push(freezeDeep(await checkRow(document, index, pipelineClass)));
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
  throw new AggregationCacheError(
    'INVALID_ROW',
    `Row ${row} of '${name}' does not fit its schema: ${checked.issues.length} issues, first at '${checked.issues[0]?.path ?? ''}'.`,
    { pipelineClass: name, row, issues: checked.issues },
  );
};
