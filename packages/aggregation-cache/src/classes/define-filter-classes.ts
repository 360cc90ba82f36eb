import type { Document, Sort } from 'mongodb';
import { invalidOption } from '../errors.js';
import type { Operation } from '../ports/source.js';
import { readNumber, readText } from '../validation.js';
import { type Built, type ClassOptions, isConstant } from './class-options.js';
import { keepConstant } from './keep-constant.js';
import type { PipelineClass } from './pipeline-class.js';
import { readClassOptions } from './read-class-options.js';

export interface FilterClassOptions<Input, Params, Row> extends ClassOptions<Input, Params, Row> {
  /** What documents must be. Default: all. */
  readonly filter?: Built<Params, Document> | undefined;
}

export interface FindOneClassOptions<Input, Params, Row>
  extends FilterClassOptions<Input, Params, Row> {
  readonly sort?: Built<Params, Sort> | undefined;
  readonly projection?: Built<Params, Document> | undefined;
  /** How many documents are left out first; a whole number from 0. */
  readonly skip?: Built<Params, number> | undefined;
}

export interface FindClassOptions<Input, Params, Row>
  extends FindOneClassOptions<Input, Params, Row> {
  /** How many documents are answered at most; a whole number from 1. Default: all. */
  readonly limit?: Built<Params, number> | undefined;
}

export interface CountClassOptions<Input, Params>
  extends FilterClassOptions<Input, Params, number> {
  readonly skip?: Built<Params, number> | undefined;
  /** How many documents are counted at most; a whole number from 1. Default: all. */
  readonly limit?: Built<Params, number> | undefined;
}

export interface DistinctClassOptions<Input, Params, Row>
  extends FilterClassOptions<Input, Params, Row> {
  /** The field whose values are answered, dots and all. */
  readonly field: string;
}

/** Declares a search for documents. @throws INVALID_OPTION, UNSUPPORTED_VALUE */
export const defineFindClass = <Params = void, Row = Document, Input = Params>(
  given: FindClassOptions<Input, Params, Row>,
): PipelineClass<Input, Params, Row> => {
  const names = ['sort', 'projection', 'skip', 'limit'] as const;
  const base = readClassOptions(
    given,
    ['filter', ...names],
    ['collation', 'hint', 'let', 'allowDiskUse'],
  );
  const parts = readParts<Params>(given, names);
  return define(base, parts, (filter, options) => ({ kind: 'find', filter, options }));
};

/** Declares a search for the first document: one row, or none. @throws INVALID_OPTION, UNSUPPORTED_VALUE */
export const defineFindOneClass = <Params = void, Row = Document, Input = Params>(
  given: FindOneClassOptions<Input, Params, Row>,
): PipelineClass<Input, Params, Row> => {
  if (Object.hasOwn(Object(given), 'limit')) {
    throw invalidOption('limit', (given as { limit?: unknown }).limit, 'left out: it is one');
  }
  return defineFindClass({ ...given, limit: 1 });
};

/** Declares a count, exact as that of `countDocuments`: one row, the number. @throws INVALID_OPTION, UNSUPPORTED_VALUE */
export const defineCountClass = <Params = void, Input = Params>(
  given: CountClassOptions<Input, Params>,
): PipelineClass<Input, Params, number> => {
  const names = ['skip', 'limit'] as const;
  const base = readClassOptions(given, ['filter', ...names], ['collation', 'hint', 'let']);
  const parts = readParts<Params>(given, names);
  return define(
    base,
    parts,
    (filter, options) => ({ kind: 'count', filter, options }),
    ({ n }) => n,
  );
};

/** Declares the values of a field: one row each. @throws INVALID_OPTION, UNSUPPORTED_VALUE */
export const defineDistinctClass = <Row = unknown, Params = void, Input = Params>(
  given: DistinctClassOptions<Input, Params, Row>,
): PipelineClass<Input, Params, Row> => {
  const base = readClassOptions(given, ['filter', 'field'], ['collation', 'hint']);
  const field = readText('field', given.field);
  return define(
    base,
    readParts<Params>(given, []),
    (filter, options) => ({ kind: 'distinct', field, filter, options }),
    ({ v }) => v,
  );
};

type PartName = 'sort' | 'projection' | 'skip' | 'limit';

/** Filter and further options of a question, each a constant of its own or made from the parameters. */
interface Parts<Params> {
  readonly filter: (params: Params) => Document;
  readonly others: readonly (readonly [PartName, (params: Params) => unknown])[];
  readonly isConstant: boolean;
}

const readParts = <Params>(given: object, names: readonly PartName[]): Parts<Params> => {
  const values = given as { readonly [K in PartName | 'filter']?: unknown };
  const present = names.filter((name) => values[name] !== undefined);
  return {
    filter: readPart<Params>('filter', values.filter === undefined ? {} : values.filter) as (
      params: Params,
    ) => Document,
    others: present.map((name) => [name, readPart<Params>(name, values[name])] as const),
    isConstant: isConstant(given, ['filter', ...names]),
  };
};

const readPart = <Params>(
  name: PartName | 'filter',
  value: unknown,
): ((params: Params) => unknown) => {
  if (typeof value === 'function') {
    const build = value as (params: Params) => unknown;
    return (params) => checkPart(name, build(params));
  }
  const kept = keepConstant(name, checkPart(name, value));
  return () => kept;
};

/** @throws INVALID_OPTION */
const checkPart = (name: PartName | 'filter', value: unknown): unknown => {
  if (name === 'skip' || name === 'limit') {
    const min = name === 'skip' ? 0 : 1;
    return value === undefined
      ? value
      : readNumber(name, value, undefined, { min, max: Number.MAX_SAFE_INTEGER });
  }
  // The driver takes a sort in many shapes; the server and the key say what of it is none.
  const fits = name === 'sort' || (typeof value === 'object' && !Array.isArray(value));
  if (fits && value !== null) return value;
  if (name !== 'filter' && value === undefined) return value;
  throw invalidOption(name, value, 'an object, or a function that returns one');
};

const define = <Input, Params, Row>(
  base: Omit<PipelineClass<Input, Params, Row>, 'kind' | 'build' | 'isConstant' | 'unwrap'>,
  { filter, others, isConstant }: Parts<Params>,
  make: (filter: Document, options: object) => Operation,
  unwrap?: (document: Document) => unknown,
): PipelineClass<Input, Params, Row> => {
  const build = (params: Params): Operation => {
    const options: Record<string, unknown> = { ...base.options };
    for (const [name, part] of others) {
      const value = part(params);
      if (value !== undefined) options[name] = value;
    }
    return make(filter(params), options);
  };
  return Object.freeze({
    ...base,
    kind: make({}, {}).kind,
    build,
    isConstant,
    unwrap,
  });
};
