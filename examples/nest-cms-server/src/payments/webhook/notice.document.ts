import type { ObjectId } from 'mongodb';
import type { CollectionSpec } from '../../platform/mongo/schema.js';

/** What came of a notice. */
export interface NoticeResult {
  /**
   * `applied`: the gateway's answer moved the payment; `unchanged`: it did not need to;
   * `refused`: it does not belong to the payment; `unmatched`: nothing of ours is meant;
   * `abandoned`: the gateway does not know the transaction, however often it is asked.
   */
  readonly verdict: 'applied' | 'unchanged' | 'refused' | 'unmatched' | 'abandoned';
  readonly reason: string;
}

/** A notice whose signature was good, exactly as it came. The document is the claim of the notice. */
export interface NoticeDocument {
  _id: ObjectId;
  v: 1;
  profileId: number;
  tranRef: string;
  /** The gateway's letter. */
  status: string;
  cartId: string;
  /** The signed bytes, as text. */
  body: string;
  /** Too old, too far ahead or without a time: only the gateway's answer counts, and only if paid. */
  stale: boolean;
  receivedAt: Date;
  correlationId: string;
  pending: boolean;
  tries: number;
  /** Not looked at before this. */
  dueAt: Date;
  /** Held by `leasedBy` until this. */
  leasedUntil: Date;
  leasedBy?: string;
  result?: NoticeResult;
  processedAt?: Date;
}

export const inboxCollection: CollectionSpec = {
  name: 'webhookInbox',
  indexes: [
    { key: { profileId: 1, tranRef: 1, status: 1 }, unique: true },
    { key: { dueAt: 1 }, partialFilterExpression: { pending: true } },
  ],
};
