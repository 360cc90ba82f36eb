/** What each code tells beside its message. The list of codes is closed. */
export interface AggregationCacheErrorDetails {
  /** An option is unknown or impossible. */
  INVALID_OPTION: {
    /** The option's path, such as `memory.maxBytes`. */
    readonly option: string;
    /** A number or a boolean as it was given; of anything else, which may hold a secret, its kind in words. */
    readonly value: unknown;
    /** What would have been accepted, in words. */
    readonly allowed: string;
  };
  /** The parameters of a read do not fit the class's schema. Of a personal class its words are left out. */
  INVALID_PARAMETERS: { readonly pipelineClass: string; readonly issues: readonly SchemaIssue[] };
  /** The built pipeline holds something that cannot be part of a key, such as a function. */
  UNSUPPORTED_VALUE: { readonly path: string; readonly kind: string };
  /** The class keeps its tenants apart, and the read named none. */
  TENANT_REQUIRED: { readonly pipelineClass: string };
  /** The class is personal, and the remote store would get its values, but there is no key to seal them with. */
  SEAL_KEY_REQUIRED: { readonly pipelineClass: string };
  /** The pipeline writes (`$out`, `$merge`). Nothing was sent. */
  WRITE_STAGE: { readonly stage: string };
  /**
   * A row from the database does not fit the class's schema, or cannot be decoded. Nothing was stored. Of a personal
   * class the words of the schema are left out.
   */
  INVALID_ROW: {
    readonly pipelineClass: string;
    /** Position in the result, from 0. */
    readonly row: number;
    readonly issues: readonly SchemaIssue[];
  };
  /** No member that the class allows could answer. */
  NO_MEMBER: {
    readonly pipelineClass: string;
    readonly passedOver: readonly { readonly member: string; readonly reason: string }[];
  };
  /** The member gave up at the class's `maxTimeMs`. */
  MAX_TIME_EXCEEDED: {
    readonly pipelineClass: string;
    readonly member: string;
    readonly maxTimeMs: number;
  };
  /** The database refused the pipeline. `cause` is the driver's error, but of a personal class. */
  QUERY_FAILED: {
    readonly pipelineClass: string;
    readonly member: string;
    /** The server's error code, if it gave one. */
    readonly serverCode?: number | undefined;
  };
  /** There was no answer within the class's `hardTimeoutMs`. The load goes on for the cache. */
  READ_TIMEOUT: { readonly pipelineClass: string; readonly hardTimeoutMs: number };
  /**
   * A read of the mode `strict` or `bounded`, and neither the remote store nor the database could say how new an answer
   * has to be.
   */
  NOT_VERIFIABLE: { readonly pipelineClass: string };
  /**
   * An invalidation that named no write, and nobody could say how far the database is. What it names is void all
   * the same, but a member that lags may bring back rows from before.
   */
  POINT_UNKNOWN: Record<never, never>;
  /** The text is no cursor of this listing. */
  INVALID_CURSOR: { readonly pipelineClass: string };
  /** The database no longer has the moment that the listing is of (about five minutes). */
  CURSOR_EXPIRED: { readonly pipelineClass: string };
  /** The caller's signal was aborted. The read goes on for others. `cause` is the signal's reason. */
  ABORTED: Record<never, never>;
  /** The cache was closed. */
  CLOSED: Record<never, never>;
  /** Thrown by remote stores; a read never ends with it. */
  REMOTE_FAILED: {
    readonly operation: string;
    readonly reason: 'timeout' | 'away' | 'refused';
  };
}

/** Why an error of this package was thrown. */
export type AggregationCacheErrorCode = keyof AggregationCacheErrorDetails;

/** One complaint of a schema. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the value, such as `lines.0.price`; empty for the value itself. */
  readonly path: string;
}

/** Marks the errors of every copy of this package, so that ESM and CommonJS copies know each other's. */
const brand: unique symbol = Symbol.for('@nestcms/aggregation-cache.error');

/** Every error of this package. Tell them apart by `code`, or by {@link isAggregationCacheError}. */
export class AggregationCacheError<
  C extends AggregationCacheErrorCode = AggregationCacheErrorCode,
> extends Error {
  override readonly name = 'AggregationCacheError';
  readonly code: C;
  readonly details: AggregationCacheErrorDetails[C];

  constructor(
    code: C,
    message: string,
    details: AggregationCacheErrorDetails[C],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get [brand](): true {
    return true;
  }
}

/**
 * Whether `error` comes from this package (any copy of it), and, if `code` is given, for that reason.
 * Never throws.
 */
export const isAggregationCacheError = <
  C extends AggregationCacheErrorCode = AggregationCacheErrorCode,
>(
  error: unknown,
  code?: C,
): error is AggregationCacheError<C> => {
  if (typeof error !== 'object' || error === null) return false;
  const marked = error as { [brand]?: unknown; code?: unknown };
  try {
    return marked[brand] === true && (code === undefined || marked.code === code);
  } catch {
    return false;
  }
};

/** Safe for any value: a text may be a connection string, an object may hold one. */
const inWords = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return value.trim() === '' ? 'a blank text' : `a text of ${value.length} characters`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'function':
      return 'a function';
    case 'object':
      if (Array.isArray(value)) return `a list of ${value.length}`;
      return value === null ? 'null' : 'an object';
    default:
      return typeof value;
  }
};

const isPlain = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null;

/** The error for an impossible option. */
export const invalidOption = (
  option: string,
  value: unknown,
  allowed: string,
): AggregationCacheError<'INVALID_OPTION'> =>
  new AggregationCacheError(
    'INVALID_OPTION',
    `Option '${option}' must be ${allowed}; it is ${inWords(value)}.`,
    { option, value: isPlain(value) ? value : inWords(value), allowed },
  );
