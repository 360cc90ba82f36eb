import { AggregationCacheError } from '../errors.js';

/** A value that BSON would drop or bend. */
export const unsupported = (
  path: string,
  kind: string,
): AggregationCacheError<'UNSUPPORTED_VALUE'> =>
  new AggregationCacheError(
    'UNSUPPORTED_VALUE',
    `The value at '${path}' cannot be part of a key: ${kind}.`,
    { path, kind },
  );
