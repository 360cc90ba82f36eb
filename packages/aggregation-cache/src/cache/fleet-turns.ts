import { createHash } from 'node:crypto';
import type { Clock } from '@nestcms/circuit-breaker';
import type { AggregationCacheError } from '../errors.js';
import type { Generation, Lease } from '../ports/remote-store.js';
import type { RemoteAnswer, RemoteTier } from '../remote/remote-tier.js';
import type { GenerationTable, Ticket } from '../validity/generation-table.js';
import type { Closing } from './closing.js';
import { decodeFailure } from './failures.js';
import type { PreparedRead } from './prepare-read.js';

/** Milliseconds after which a waiting process looks by itself: who is to wake it may have died, or its message. */
const LOOK_AGAIN_MS = 100;

export interface FoundTurn {
  readonly kind: 'found';
  readonly answer: RemoteAnswer;
  readonly askedAt: number;
  /** What stood when the remote store was asked. */
  readonly asked: Ticket;
}

/** What waiting for one's turn to ask the database came to. */
export type Turn =
  /** Ask it; all others wait. */
  | { readonly kind: 'mine'; readonly lease: Lease; readonly end: () => void }
  /** Somebody else did, and this is what he stored. */
  | FoundTurn
  /** Somebody else did, and failed. */
  | { readonly kind: 'failed'; readonly error: AggregationCacheError }
  /** There is nobody to agree with, or it takes too long: ask it alone. */
  | { readonly kind: 'alone' };

/**
 * One load per question in the whole fleet. The right to load is a lease of the remote store, for the
 * question *and* the generations that stand, so that nobody waits for rows that began before an invalidation.
 */
export class FleetTurns {
  readonly #tier: RemoteTier;
  readonly #table: GenerationTable;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #closing: Closing;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(parts: {
    readonly tier: RemoteTier;
    readonly table: GenerationTable;
    readonly clock: Clock;
    readonly leaseMs: number;
    readonly closing: Closing;
  }) {
    this.#tier = parts.tier;
    this.#table = parts.table;
    this.#clock = parts.clock;
    this.#leaseMs = parts.leaseMs;
    this.#closing = parts.closing;
    parts.closing.onClose(() => {
      for (const key of this.#waiting.keys()) this.woken(key);
    });
  }

  /** A lease that somebody waits for has ended. */
  woken(key: string): void {
    for (const wake of this.#waiting.get(key) ?? []) wake();
  }

  /**
   * @param standing the generations that were seen without a value
   * @param isAnswer whether a value is one for this reader
   * @throws CLOSED
   */
  async take(
    read: PreparedRead<unknown>,
    standing: readonly Generation[],
    withinMs: number,
    isAnswer: (answer: RemoteAnswer) => boolean,
  ): Promise<Turn> {
    const deadline = this.#clock.now() + withinMs;
    let generations = standing;
    for (;;) {
      const key = leaseKey(read.key, generations);
      const waiting = this.#listen(key);
      try {
        const answer = await this.#tier.lease(key, this.#leaseMs);
        if (answer === undefined) return { kind: 'alone' };
        if (answer.granted)
          return { kind: 'mine', lease: answer.lease, end: this.#renew(answer.lease) };
        const error = answer.failure && decodeFailure(answer.failure);
        if (error !== undefined) return { kind: 'failed', error };
        const leftMs = deadline - this.#clock.now();
        if (leftMs <= 0) return { kind: 'alone' };
        await waiting.wakes(Math.min(LOOK_AGAIN_MS, leftMs));
        this.#closing.assertOpen();
      } finally {
        waiting.end();
      }
      const asked = this.#table.ticket(read.dependencies);
      const askedAt = this.#clock.now();
      const looked = await this.#tier.look(read);
      if (looked === undefined) return { kind: 'alone' };
      if (isAnswer(looked)) return { kind: 'found', answer: looked, askedAt, asked };
      generations = looked.generations;
    }
  }

  #listen(key: string): { wakes: (withinMs: number) => Promise<void>; end: () => void } {
    let wake = () => {};
    let isWoken = false;
    const hear = () => {
      isWoken = true;
      wake();
    };
    const all = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, all.add(hear));
    return {
      wakes: (withinMs) =>
        new Promise((resolve) => {
          if (isWoken) return resolve();
          const cancel = this.#clock.setTimer(resolve, withinMs);
          wake = () => {
            cancel();
            resolve();
          };
        }),
      end: () => {
        all.delete(hear);
        if (all.size === 0) this.#waiting.delete(key);
      },
    };
  }

  /** Keeps the lease for as long as the load takes. @returns a function that stops it */
  #renew(lease: Lease): () => void {
    let cancel = () => {};
    const schedule = () => {
      cancel = this.#clock.setTimer(
        () => {
          schedule();
          void this.#tier.renew(lease, this.#leaseMs);
        },
        this.#leaseMs / 3,
        { background: true },
      );
    };
    schedule();
    return () => cancel();
  }
}

const leaseKey = (key: string, generations: readonly Generation[]): string => {
  const hash = createHash('sha256');
  for (const { id } of generations) hash.update(id).update(',');
  return `${key}@${hash.digest('base64url').slice(0, 22)}`;
};
