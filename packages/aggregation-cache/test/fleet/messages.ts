/** Milliseconds of the machine's monotonic clock, which all of its processes share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

export type Mode = 'strict' | 'bounded' | 'eventual';

/** One answer: how far each document was that it showed. */
export interface ReadNote {
  readonly kind: 'read';
  readonly mode: Mode;
  readonly begin: number;
  readonly end: number;
  /** The documents that were asked for. */
  readonly keys: readonly number[];
  /** Documents and the number each had; absent if the read failed. */
  readonly seen?: readonly (readonly [key: number, number: number])[];
  readonly source?: string;
  readonly failure?: string;
  /** The write of the token that the reader presented. */
  readonly token?: readonly [key: number, number: number];
}

/** One write, and what its invalidation resolved with. */
export interface WriteNote {
  readonly kind: 'write';
  readonly key: number;
  /** What the document has been set to. */
  readonly number: number;
  /** When the invalidation was acknowledged; absent if it failed, or the write did. */
  readonly acknowledgedAt?: number;
  readonly published?: boolean;
  readonly failure?: string;
}

export type Note = ReadNote | WriteNote;

export interface WorkerOrders {
  readonly mongodbUri: string;
  readonly redisUrl: string;
  readonly database: string;
  readonly keyPrefix: string;
  readonly heartbeatMs: number;
  readonly documents: number;
  readonly loops: number;
  readonly seed: number;
}

/** From a worker. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'notes'; readonly notes: readonly Note[] }
  | { readonly kind: 'done' };

/** To a worker. */
export type WorkerCommand = { readonly kind: 'go' } | { readonly kind: 'end' };
