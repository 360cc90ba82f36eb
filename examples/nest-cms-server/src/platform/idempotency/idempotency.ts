import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type ClientSession, ObjectId } from 'mongodb';
import { CLOCK, type Clock } from '../clock.js';
import { unprocessable } from '../http/problem.js';
import { type CausalToken, Database } from '../mongo/database.js';
import { IDEMPOTENCY_KEYS, type IdempotencyDocument } from './idempotency.collection.js';

export interface IdempotentCall {
  /** Whose key it is: a user id. */
  readonly caller: string;
  /** Route pattern with method: `POST /payments/create`. */
  readonly route: string;
  /** The `Idempotency-Key` header; see `idempotencyKeySchema`. */
  readonly key: string;
  /** What the request asks for; see {@link fingerprintOf}. */
  readonly fingerprint: string;
}

export interface IdempotentResult<T> {
  readonly result: T;
  /** The effect had been there before this call. */
  readonly replayed: boolean;
  /** Of the transaction that made or read the effect. */
  readonly token: CausalToken;
}

/**
 * One effect per key. The record is written in the transaction of the effect, so there is never one without the other;
 * of several calls at the same time one commits and the rest find its answer. An error leaves no record: the same key
 * may be tried again.
 */
@Injectable()
export class Idempotency {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param work makes the effect; its result must be plain JSON, as it is stored and given back for later calls
   * @throws Problem 422 `IDEMPOTENCY_KEY_REUSED` when the key came with another request before
   */
  async run<T>(
    call: IdempotentCall,
    work: (session: ClientSession) => Promise<T>,
  ): Promise<IdempotentResult<T>> {
    const records = this.database.collection<IdempotencyDocument>(IDEMPOTENCY_KEYS);
    const { caller, route, key, fingerprint } = call;
    const { result, token } = await this.database.transaction(async (session) => {
      const earlier = await records.findOne({ caller, route, key }, { session });
      if (earlier !== null) return { json: replay(earlier, fingerprint), replayed: true };
      const _id = new ObjectId();
      // First of all: a parallel call with this key runs into a write conflict here, before it has done anything.
      await records.insertOne(
        {
          _id,
          v: 1,
          caller,
          route,
          key,
          fingerprint,
          result: '',
          createdAt: new Date(this.clock.wallTime()),
        },
        { session },
      );
      const json = JSON.stringify(await work(session));
      await records.updateOne({ _id }, { $set: { result: json } }, { session });
      return { json, replayed: false };
    });
    return { result: JSON.parse(result.json) as T, replayed: result.replayed, token };
  }
}

function replay(earlier: IdempotencyDocument, fingerprint: string): string {
  if (earlier.fingerprint === fingerprint) return earlier.result;
  throw unprocessable(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key was used for another request. Use a new key for a new request.',
  );
}

/** Digest of what a request asks for, the same for any order of its keys. */
export function fingerprintOf(request: unknown): string {
  return createHash('sha256').update(canonicalJson(request)).digest('base64url');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
