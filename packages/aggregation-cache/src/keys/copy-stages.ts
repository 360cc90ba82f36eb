import { BSON, type Document } from 'mongodb';
import { checkEncodable, unsupported } from './canonical.js';

export interface CopyOptions {
  /** As the driver will send it: whether `undefined` becomes null or nothing. */
  readonly ignoreUndefined: boolean;
}

/**
 * The stages as they are now, down to the last byte. The driver reads a pipeline long after its key was
 * made; were any of it still the caller's own, a change in between would put the answer of one question
 * under the key of another.
 * @throws UNSUPPORTED_VALUE
 */
export const copyStages = (stages: readonly Document[], options: CopyOptions): Document[] =>
  stages.map((stage, index) => copyValue(stage, `pipeline.${index}`, options) as Document);

/** The value as it is now. @throws UNSUPPORTED_VALUE */
export const copyValue = (value: unknown, path: string, options: CopyOptions): unknown => {
  checkEncodable(value, path, []);
  return copy(value, path, options);
};

/** What has a shape of its own is copied as such; whatever else there is, as the bytes it would be sent as. */
const copy = (value: unknown, path: string, options: CopyOptions): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) {
    return value.map((item, index) => copy(item, `${path}.${index}`, options));
  }
  const copyEntry = ([key, item]: readonly [unknown, unknown]) =>
    [key, copy(item, `${path}.${String(key)}`, options)] as const;
  if (value instanceof Map) return new Map([...value].map(copyEntry));
  // `fromEntries`, for a key such as `__proto__` must become an own field like any other.
  if (isLiteral(value)) return Object.fromEntries(Object.entries(value).map(copyEntry) as []);
  return asSent(value, path, options);
};

/** Bytes, BSON's own values and instances of classes: read back with their types as they were. */
const asSent = (value: object, path: string, { ignoreUndefined }: CopyOptions): unknown => {
  try {
    const bytes = BSON.serialize({ value }, { ignoreUndefined });
    return BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true }).value;
  } catch (error) {
    if (error instanceof BSON.BSONError) throw unsupported(path, 'no value of BSON');
    throw error;
  }
};

/** An object of the plain kind: anything else may mean more than its fields say. */
const isLiteral = (value: object): boolean => {
  if ('_bsontype' in value || typeof (value as { toBSON?: unknown }).toBSON === 'function') {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
