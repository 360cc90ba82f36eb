import { createHash } from 'node:crypto';
import { BSON, type Document } from 'mongodb';
import { canonicalOptions, canonicalPipeline } from './canonical.js';

/** Everything that an answer depends on. */
export interface KeyParts {
  readonly database: string;
  readonly collection: string;
  readonly pipeline: readonly Document[];
  /** The aggregation's options. Those that cannot change the answer are left out of the key. */
  readonly options?: Document | undefined;
  readonly pipelineClass?: { readonly name: string; readonly version: number } | undefined;
  readonly tenant?: string | undefined;
  /** Keeps apart what shares a remote store. */
  readonly prefix?: string | undefined;
  /** As the driver will send it: whether `undefined` becomes null or nothing. Default: null. */
  readonly ignoreUndefined?: boolean | undefined;
}

/** Raised when the encoding changes, so that keys of two encodings never meet. */
const KEY_FORMAT = 1;

/**
 * 43 characters that stand for one question. Two questions that may be answered differently never share
 * a key: the hash is over the very bytes the server would be sent, types included. Spellings of one
 * question share one: the order of a stage's options and of a filter's fields, time limits, comments.
 * @throws UNSUPPORTED_VALUE for what BSON would drop in silence: functions, symbols, cycles
 */
export const cacheKey = (parts: KeyParts): string => {
  const bytes = BSON.serialize(
    {
      v: KEY_FORMAT,
      prefix: parts.prefix ?? null,
      class: parts.pipelineClass?.name ?? null,
      version: parts.pipelineClass?.version ?? null,
      tenant: parts.tenant ?? null,
      database: parts.database,
      collection: parts.collection,
      pipeline: canonicalPipeline(parts.pipeline),
      options: canonicalOptions(parts.options ?? {}),
    },
    { ignoreUndefined: parts.ignoreUndefined ?? false },
  );
  return createHash('sha256').update(bytes).digest('base64url');
};
