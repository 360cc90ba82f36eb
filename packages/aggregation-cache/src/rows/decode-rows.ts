import { BSON, type BSONSerializeOptions, type Document } from 'mongodb';
import { AggregationCacheError, invalidOption, type SchemaIssue } from '../errors.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import { tellable, validate } from '../validate-schema.js';
import { freezeDeep, NotFreezable } from './freeze-deep.js';

/** How BSON becomes JavaScript; the same for rows from a member, from memory and from the remote store. */
export type RowTypes = Pick<
  BSONSerializeOptions,
  'promoteLongs' | 'promoteValues' | 'promoteBuffers' | 'useBigInt64' | 'bsonRegExp'
> & { readonly enableUtf8Validation?: boolean | undefined };

/**
 * Picks from the database's own options, so that rows look as the driver itself would give them.
 * @throws INVALID_OPTION for those under which there can be no such rows
 */
export const rowTypesOf = (options: BSONSerializeOptions & RowTypes): RowTypes => {
  refuseImpossible(options);
  const { promoteLongs, promoteValues, promoteBuffers, useBigInt64, bsonRegExp } = options;
  const types = { promoteLongs, promoteValues, promoteBuffers, useBigInt64, bsonRegExp };
  const given = Object.entries(types).filter(([, value]) => value !== undefined);
  return Object.freeze({
    ...Object.fromEntries(given),
    enableUtf8Validation: options.enableUtf8Validation ?? true,
  });
};

/** The driver asks a client for the first two, but not a database, which would throw at its first row. */
const refuseImpossible = (options: BSONSerializeOptions): void => {
  const { useBigInt64, raw, fieldsAsRaw } = options;
  for (const name of ['promoteLongs', 'promoteValues'] as const) {
    if (useBigInt64 !== true || options[name] !== false) continue;
    const allowed = "true, for with 'useBigInt64' no long integer could be decoded";
    throw invalidOption(`database.${name}`, false, allowed);
  }
  if (raw === true) {
    throw invalidOption('database.raw', raw, 'false, for bytes cannot be made unchangeable');
  }
  if (fieldsAsRaw !== undefined && Object.keys(fieldsAsRaw).length > 0) {
    const allowed = 'left out, for bytes cannot be made unchangeable';
    throw invalidOption('database.fieldsAsRaw', fieldsAsRaw, allowed);
  }
};

interface DecodedClass<Row> {
  readonly name: string;
  readonly personal?: boolean | undefined;
  readonly rows?: StandardSchema<unknown, Row> | undefined;
  /** What of a document is the row. */
  readonly unwrap?: ((document: Document) => unknown) | undefined;
}

const bsonOptionsOf = ({ enableUtf8Validation, ...promotions }: RowTypes) => ({
  ...promotions,
  validation: { utf8: enableUtf8Validation !== false },
});

/** What makes frozen objects of rows that no class has a say in. */
export const rowDecoder = (types: RowTypes) => {
  const options = bsonOptionsOf(types);
  return (bytes: readonly Uint8Array[]): readonly unknown[] =>
    Object.freeze(bytes.map((row) => freezeDeep(BSON.deserialize(row, options))));
};

/** Whether {@link rowDecoder} makes the same of its rows as {@link decodeRows}. */
export const isPlainlyDecoded = ({ rows, unwrap }: Omit<DecodedClass<unknown>, 'name'>): boolean =>
  rows === undefined && unwrap === undefined;

/**
 * Rows as frozen objects, checked against the class's schema where it has one; without one, at once. Whoever
 * has checked that they decode need not expect an error then.
 * @throws INVALID_ROW
 */
export const decodeRows = <Row>(
  bytes: readonly Uint8Array[],
  types: RowTypes,
  pipelineClass: DecodedClass<Row>,
  /** Number of the first of them in the whole result. */
  from = 0,
): readonly Row[] | Promise<readonly Row[]> => {
  const { name, rows: schema, unwrap } = pipelineClass;
  const options = bsonOptionsOf(types);
  const decode = (row: Uint8Array, index: number): unknown => {
    const document = decodeRow(row, options, from + index, pipelineClass);
    return unwrap === undefined ? document : unwrap(document);
  };
  const freeze = (value: unknown, index: number) => freezeRow(value, from + index, name);
  if (schema === undefined) {
    return Object.freeze(
      bytes.map((row, index) => freeze(decode(row, index), index)),
    ) as readonly Row[];
  }
  const checkAll = async (): Promise<readonly Row[]> => {
    const rows: unknown[] = [];
    for (const [index, row] of bytes.entries()) {
      const checked = await checkRow(decode(row, index), from + index, pipelineClass, schema);
      rows.push(freeze(checked, index));
    }
    return Object.freeze(rows) as readonly Row[];
  };
  return checkAll();
};

type About = Omit<DecodedClass<unknown>, 'rows' | 'unwrap'>;

const decodeRow = (
  bytes: Uint8Array,
  options: ReturnType<typeof bsonOptionsOf>,
  row: number,
  { name, personal }: About,
): Document => {
  try {
    return BSON.deserialize(bytes, options);
  } catch (cause) {
    const message = 'holds a text, a pattern or another value that JavaScript has no form for';
    const issues = [{ message, path: '' }];
    const told = personal === true ? undefined : { cause };
    throw invalidRow(row, name, `cannot be decoded: it ${message}`, issues, told);
  }
};

const checkRow = async (
  value: unknown,
  row: number,
  { name, personal }: About,
  schema: StandardSchema,
): Promise<unknown> => {
  const checked = await validate(schema, value);
  if (checked.issues === undefined) return checked.value;
  const issues = tellable(checked.issues, personal);
  const { length, 0: first } = issues;
  const why = `does not fit its schema: ${length} issues, first at '${first?.path ?? ''}'`;
  throw invalidRow(row, name, why, issues);
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
  options?: ErrorOptions,
): AggregationCacheError<'INVALID_ROW'> =>
  new AggregationCacheError(
    'INVALID_ROW',
    `Row ${row} of '${pipelineClass}' ${why}.`,
    { pipelineClass, row, issues },
    options,
  );
