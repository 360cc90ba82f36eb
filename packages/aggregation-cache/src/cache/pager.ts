import { AggregationCacheError, invalidOption, isAggregationCacheError } from '../errors.js';
import type { ServedBy, Source } from '../ports/source.js';
import { type Tracer, traced } from '../ports/tracer.js';
import { decodeRows, type RowTypes } from '../rows/decode-rows.js';
import { readNumber, refuseUnknown } from '../validation.js';
import type { CausalToken } from '../validity/causal-token.js';
import { decodeCursor, encodeCursor, type PagePlace } from './page-cursor.js';
import type { PreparedRead } from './prepare-read.js';
import { memberAttributes } from './read-attributes.js';
import { readToken } from './requests.js';
import { type SlowQueries, watched } from './slow-queries.js';

export interface PageOptions {
  /** Rows of a page; 1 to 10,000. */
  readonly size: number;
  /** The `next` of the page before. Without it: the first page. */
  readonly cursor?: string | undefined;
  /** The first page must show this write; the others are of the same moment. */
  readonly after?: CausalToken | undefined;
  readonly tenant?: string | undefined;
  /** Gives up; the page ends with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Some rows of a listing, all of whose pages are of one moment of the database. */
export interface Page<Row> {
  /** Frozen. */
  readonly rows: readonly Row[];
  /** For the next page; absent after the last row. */
  readonly next?: string | undefined;
  readonly member: ServedBy;
}

const LARGEST_PAGE = 10_000;

/** Server errors for a moment that is gone: snapshots are kept for about five minutes. */
const MOMENT_GONE = new Set([
  239, // SnapshotTooOld
  246, // SnapshotUnavailable
]);

/** @throws INVALID_OPTION */
export const readPageOptions = (options: PageOptions): void => {
  refuseUnknown('', options, ['size', 'cursor', 'after', 'tenant', 'signal']);
  readNumber('size', options.size, undefined, { min: 1, max: LARGEST_PAGE, unit: 'rows' });
  readToken('after', options.after);
};

/**
 * Pages straight from the database, the first one as of `after`: each is asked for once, and keeping them would
 * only push out what is read again.
 * @throws INVALID_CURSOR, CURSOR_EXPIRED, and what a read throws
 */
export const readPage = async <Row>(
  read: PreparedRead<unknown>,
  { size, cursor, after, signal }: PageOptions,
  {
    source,
    slow,
    rowTypes,
    tracer,
  }: {
    readonly source: Source;
    readonly slow: SlowQueries | undefined;
    readonly rowTypes: RowTypes;
    readonly tracer?: Tracer | undefined;
  },
): Promise<Page<Row>> => {
  const { pipelineClass, key } = read;
  const place: Partial<PagePlace> =
    cursor === undefined ? {} : decodeCursor(cursor, key, pipelineClass.name);
  const { moment, skip = 0 } = place;
  // One more than asked for tells whether there is a next page.
  const { pipeline: stages, options } = aggregationOf(read);
  const pipeline = [...stages, ...(skip === 0 ? [] : [{ $skip: skip }]), { $limit: size + 1 }];
  const request = {
    pipelineClass,
    operation: { kind: 'aggregate', pipeline, ...(options && { options }) },
    moment: moment ?? 'any',
    after,
    signal,
  } as const;
  const answer = await traced(tracer, 'member', {
    work: () => watched(slow, { key, request }, () => source.fetch(request)),
    tell: ({ member }) => memberAttributes(member),
  }).catch((error: unknown) => {
    throw isMomentGone(error) ? cursorExpired(pipelineClass.name, error) : error;
  });
  const rows = await decodeRows(answer.rows.slice(0, size), rowTypes, pipelineClass);
  const hasNext = answer.rows.length > size && answer.moment !== undefined;
  return {
    rows: rows as readonly Row[],
    next: hasNext
      ? encodeCursor({ moment: moment ?? answer.moment, skip: skip + size }, key)
      : undefined,
    member: answer.member,
  };
};

const isMomentGone = (error: unknown): boolean =>
  isAggregationCacheError(error, 'QUERY_FAILED') && MOMENT_GONE.has(error.details.serverCode ?? 0);

const cursorExpired = (
  pipelineClass: string,
  cause: unknown,
): AggregationCacheError<'CURSOR_EXPIRED'> =>
  new AggregationCacheError(
    'CURSOR_EXPIRED',
    `The database no longer has the moment of this listing of '${pipelineClass}'. Begin with its first page.`,
    { pipelineClass },
    { cause },
  );

/** What can be cut into pages: an aggregation, for others say themselves where they begin and end. */
export const requirePageable = (read: PreparedRead<unknown>): void => {
  aggregationOf(read);
};

/** @throws INVALID_OPTION for any other question */
const aggregationOf = ({ operation, pipelineClass }: PreparedRead<unknown>) => {
  if (operation.kind === 'aggregate') return operation;
  throw invalidOption('pipelineClass', pipelineClass, 'an aggregation, to be read in pages');
};
