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

/** A notice whose signature was good, exactly as it came. */
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
  /**
   * SHA-256 of them: the same bytes are the same notice for as long as it is kept. Given back by one
   * that was abandoned, so that the gateway's next delivery of it is asked about anew.
   */
  digest?: string;
  /**
   * Other bytes about the same transaction and status are a copy of this one. Given back by a notice
   * that came to nothing, so that it does not stand in the way of a true one.
   */
  claim?: true;
  /** Too old, too far ahead or without a time: only the gateway's answer counts, and only if paid. */
  stale: boolean;
  receivedAt: Date;
  correlationId: string;
  pending: boolean;
  tries: number;
  /** How often the gateway did not know the transaction. A question it could not answer is none. */
  unknownAnswers?: number;
  /** Not looked at before this. */
  dueAt: Date;
  /** Held by `leasedBy` until this. */
  leasedUntil: Date;
  leasedBy?: string;
  result?: NoticeResult;
  processedAt?: Date;
}

/**
 * Notices name the payer and his e-mail, so they are not kept for ever. One that comes again after
 * that is asked about once more, and the journal knows its money.
 */
const KEEP_PROCESSED_SECONDS = 90 * 24 * 3600;

export const inboxCollection: CollectionSpec = {
  name: 'webhookInbox',
  indexes: [
    {
      name: 'sameBytes',
      key: { digest: 1 },
      unique: true,
      partialFilterExpression: { digest: { $exists: true } },
    },
    {
      name: 'claim',
      key: { profileId: 1, tranRef: 1, status: 1 },
      unique: true,
      partialFilterExpression: { claim: true },
    },
    { name: 'due', key: { dueAt: 1 }, partialFilterExpression: { pending: true } },
    {
      name: 'removeProcessed',
      key: { processedAt: 1 },
      expireAfterSeconds: KEEP_PROCESSED_SECONDS,
    },
  ],
};

/** Whether another notice about the same transaction and status would be a copy of this one. */
export const keepsClaim = ({ verdict }: NoticeResult, { stale }: { stale: boolean }): boolean =>
  verdict === 'applied' || (verdict === 'unchanged' && !stale);

/** Whether the same bytes would be a copy of this one. */
export const keepsDigest = ({ verdict }: NoticeResult): boolean => verdict !== 'abandoned';
