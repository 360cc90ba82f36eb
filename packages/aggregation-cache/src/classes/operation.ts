import type { CollationOptions, Document, Hint } from 'mongodb';

/** Options of a question that belong to the class. All but `allowDiskUse` are part of the key. */
export interface AggregationOptions {
  readonly collation?: CollationOptions | undefined;
  readonly hint?: Hint | undefined;
  readonly let?: Document | undefined;
  /** Lets the server spill to disk. Default: the server's. */
  readonly allowDiskUse?: boolean | undefined;
}
