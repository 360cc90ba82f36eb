import {
  type AggregateOptions,
  BSON,
  type ClientSession,
  type Db,
  type DistinctOptions,
  type Document,
  type FindOptions as DriverFindOptions,
} from 'mongodb';
import type { Operation, SourceRequest } from '../ports/source.js';
import type { Route } from './routes.js';
import { valueRow } from './value-row.js';

/** An operation that was sent, or is as soon as its rows are asked for. */
export interface Question {
  /** All rows, once the cursor has ended well. */
  toArray(): Promise<readonly Uint8Array[]>;
  /** The next rows; undefined once the cursor has ended well. */
  next(): Promise<readonly Uint8Array[] | undefined>;
  /** The server that answers, where the driver tells. */
  readonly address: string | undefined;
  /** Ends the cursor on the server, if it is still open there. */
  close(): Promise<void>;
}

/** The part of the driver's cursors that is used here. */
interface RawCursor {
  toArray(): Promise<Uint8Array[]>;
  hasNext(): Promise<boolean>;
  readBufferedDocuments(): Uint8Array[];
  explain(how: { verbosity: string; maxTimeMS: number }): Promise<Document>;
  close(): Promise<void>;
}

export interface Sending {
  readonly database: Db;
  readonly route: Route;
  readonly request: SourceRequest;
  readonly session: ClientSession | undefined;
  readonly signal: AbortSignal;
}

export const sendOperation = (sending: Sending): Question => {
  const { operation } = sending.request;
  if (operation.kind === 'distinct') {
    return once(async () => {
      const values = await distinctOf(sending, operation, AS_STORED);
      return values.map(valueRow);
    });
  }
  const question = fromCursor(cursorOf(sending, operation, { raw: true }));
  return operation.kind === 'count' ? countOf(question) : question;
};

type OfKind<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

export const cursorOf = (
  sending: Sending,
  operation: OfKind<'aggregate' | 'find' | 'count'>,
  { raw }: { readonly raw: boolean },
): RawCursor => {
  const options = { ...operation.options, ...commonOptions(sending), raw };
  const collection = sending.database.collection(sending.request.pipelineClass.collection);
  const aggregate = (pipeline: readonly Document[], others: object) =>
    collection.aggregate([...pipeline], others as AggregateOptions) as never;
  switch (operation.kind) {
    case 'aggregate':
      return aggregate(operation.pipeline, options);
    case 'find':
      return collection.find(operation.filter, options as DriverFindOptions) as never;
    case 'count': {
      const { skip, limit, ...others } = options as typeof options & Paging;
      return aggregate(countStages(operation.filter, { skip, limit }), others);
    }
  }
};

export const distinctOf = (
  sending: Sending,
  { field, filter, options }: OfKind<'distinct'>,
  more: object,
): Promise<unknown[]> => {
  const all = { ...options, ...commonOptions(sending), raw: false, ...more };
  return sending.database
    .collection(sending.request.pipelineClass.collection)
    .distinct(field, filter, all as DistinctOptions);
};

/** What every operation is sent with. */
const commonOptions = ({
  route,
  request: { pipelineClass, moment },
  session,
  signal,
}: Sending) => ({
  ...(session === undefined ? {} : { session }),
  // Majority, so that nothing is kept that a failover could undo. A server on its own knows no such thing.
  // A snapshot is of what a majority has, and brings its own read concern.
  ...(route.role === 'standalone' || moment !== undefined
    ? {}
    : { readConcern: { level: 'majority' as const } }),
  readPreference: route.readPreference,
  maxTimeMS: pipelineClass.maxTimeMs,
  comment: `aggregation-cache: ${pipelineClass.name}`,
  signal,
});

/** Numbers and the like as the objects they are stored as: written again they are the same bytes. */
const AS_STORED = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  useBigInt64: false,
  bsonRegExp: true,
} as const;

interface Paging {
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
}

const countStages = (filter: Document, { skip, limit }: Paging): Document[] => [
  { $match: filter },
  ...(skip === undefined || skip === 0 ? [] : [{ $skip: skip }]),
  // As in a find, 0 is no limit.
  ...(limit === undefined || limit === 0 ? [] : [{ $limit: limit }]),
  { $group: { _id: null, n: { $sum: 1 } } },
  { $project: { _id: 0, n: 1 } },
];

/** A group of nothing has no row, but a count of nothing is a number. */
const countOf = (question: Question): Question =>
  once(
    async () => {
      const rows = await question.toArray();
      return rows.length === 0 ? [BSON.serialize({ n: 0 })] : rows;
    },
    () => question.address,
  );

/** A question that is answered at once or not at all. */
const once = (
  ask: () => Promise<readonly Uint8Array[]>,
  addressOf: () => string | undefined = () => undefined,
): Question => {
  let isAsked = false;
  return {
    toArray: ask,
    next: async () => {
      if (isAsked) return undefined;
      isAsked = true;
      return ask();
    },
    get address() {
      return addressOf();
    },
    close: async () => {},
  };
};

const fromCursor = (cursor: RawCursor): Question => ({
  toArray: async () => compact(await cursor.toArray()),
  next: async () =>
    (await cursor.hasNext()) ? compact(cursor.readBufferedDocuments()) : undefined,
  // The server that the cursor was opened on: the driver keeps it in a getter it does not document.
  get address() {
    const { server } = cursor as { server?: { description?: { address?: string } } };
    return server?.description?.address;
  },
  close: () => cursor.close(),
});

/** One buffer of their own: a row of the driver keeps the whole reply it came in alive. */
const compact = (rows: readonly Uint8Array[]): readonly Uint8Array[] => {
  const bytes = Buffer.concat(rows);
  let at = 0;
  return rows.map(({ byteLength }) => {
    at += byteLength;
    return bytes.subarray(at - byteLength, at);
  });
};
