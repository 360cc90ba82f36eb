import { randomUUID } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Collection } from 'mongodb';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../clock.js';
import { LOGGER, type Logger } from '../logger.js';
import { Database } from '../mongo/database.js';
import { requestContext } from '../request-context.js';
import type { StoredEvent } from './event.js';
import { claimHead, findDueHeads } from './heads.js';
import { OUTBOX, type OutboxDocument } from './outbox.collection.js';

export type EventHandler = (event: StoredEvent) => Promise<void>;

/** Aggregates served at the same time by one instance. */
const CONCURRENCY = 8;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;

/**
 * Brings what lies in the outbox to its subscribers: at least once, in order within an aggregate, whatever crashes.
 * Several instances share the work: an event is leased on its document, and only the oldest undelivered event of an
 * aggregate is ever leased. A subscriber that fails is called again later (0.2 s, doubling to 30 s, for ever) and holds
 * back the later events of that aggregate alone, for all subscribers. Subscribers must therefore bear a repeated event.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #instance = randomUUID();
  readonly #subscribers = new Map<string, EventHandler>();
  readonly #kept = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  readonly #events: Collection<OutboxDocument>;
  #running = false;
  #pumping: Promise<void> | undefined;
  #again = false;
  #cancelPoll: () => void = () => undefined;

  constructor(
    database: Database,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#events = database.collection<OutboxDocument>(OUTBOX);
  }

  /** Adds a subscriber, under a name that stays the same over restarts. Call it before the application has started. */
  subscribe(name: string, handle: EventHandler): void {
    if (this.#subscribers.has(name)) throw new Error(`Two outbox subscribers are named ${name}`);
    this.#subscribers.set(name, handle);
  }

  /** Events of this type stay in the outbox after their delivery, for good. Call it before the application has started. */
  keep(type: string): void {
    this.#kept.add(type);
  }

  onApplicationBootstrap(): void {
    this.#running = true;
    this.wake();
    this.#armPoll();
  }

  /** Before anything is closed that a subscriber may need. What is written from then on is for the next instance. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#running = false;
    this.#cancelPoll();
    await this.#pumping;
    await Promise.all(this.#active.values());
  }

  /** Looks for events now instead of at the next poll. Does nothing before the start and after the shutdown. */
  wake(): void {
    if (this.#running) void this.#pump();
  }

  /** Ends when nothing is left that could be delivered now. */
  async drain(): Promise<void> {
    for (;;) {
      await this.#pump();
      if (this.#active.size === 0) return;
      await Promise.all(this.#active.values());
    }
  }

  /** How much waits, and since when. */
  async lag(): Promise<{ pending: number; oldestAgeMs: number }> {
    const [pending, oldest] = await Promise.all([
      this.#events.countDocuments({ pending: true }),
      this.#events.findOne({ pending: true }, { sort: { time: 1 }, projection: { time: 1 } }),
    ]);
    const oldestAgeMs =
      oldest === null ? 0 : Math.max(0, this.clock.wallTime() - oldest.time.getTime());
    return { pending, oldestAgeMs };
  }

  #armPoll(): void {
    this.#cancelPoll = this.clock.setTimer(() => {
      this.wake();
      this.#armPoll();
    }, this.environment.outbox.pollMs);
  }

  /** One pump at a time; a call during a pump makes it look once more. */
  #pump(): Promise<void> {
    this.#again = true;
    this.#pumping ??= this.#pumpWhileAsked().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  async #pumpWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#launchDue();
      } catch (error) {
        this.logger.warn(
          { err: error },
          'the outbox could not be read; trying again at the next poll',
        );
      }
    }
  }

  async #launchDue(): Promise<void> {
    const free = CONCURRENCY - this.#active.size;
    if (free <= 0) return;
    const now = new Date(this.clock.wallTime());
    for (const head of await findDueHeads(this.#events, now, free)) {
      if (this.#active.has(head.aggregate)) continue;
      const event = await claimHead(this.#events, head, this.#lease());
      if (event === null) continue;
      const delivery = this.#deliver(event).finally(() => {
        this.#active.delete(head.aggregate);
        this.wake();
      });
      this.#active.set(head.aggregate, delivery);
    }
  }

  #lease(): { by: string; now: Date; until: Date } {
    const now = this.clock.wallTime();
    return {
      by: this.#instance,
      now: new Date(now),
      until: new Date(now + this.environment.outbox.leaseMs),
    };
  }

  /** Never rejects: what goes wrong is written to the event and tried again. */
  async #deliver(document: OutboxDocument): Promise<void> {
    const stopRenewing = this.#renewLease(document);
    const delivered = new Set(document.delivered);
    const event = toStoredEvent(document);
    let failure: { readonly error: unknown } | undefined;
    await requestContext.run({ requestId: document.correlationId }, async () => {
      for (const [subscriber, handle] of this.#subscribers) {
        if (delivered.has(subscriber)) continue;
        try {
          await handle(event);
          delivered.add(subscriber);
        } catch (error) {
          // The others still get it: an alert must not wait for a cache.
          failure = { error };
          const { id: eventId, type } = event;
          const { attempts: attempt } = document;
          this.logger.error(
            { err: error, subscriber, eventId, type, attempt },
            'an outbox subscriber failed',
          );
        }
      }
    });
    stopRenewing();
    await this.#settle(document, [...delivered], failure).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'a delivery could not be recorded; it will be repeated');
    });
  }

  async #settle(
    document: OutboxDocument,
    delivered: string[],
    failure: { readonly error: unknown } | undefined,
  ): Promise<void> {
    const mine = { _id: document._id, leasedBy: this.#instance };
    const now = this.clock.wallTime();
    if (failure === undefined) {
      await this.#events.updateOne(mine, {
        $set: {
          pending: false,
          delivered,
          [this.#kept.has(document.type) ? 'keptSince' : 'deliveredAt']: new Date(now),
        },
        $unset: { leasedBy: '', lastError: '' },
      });
      return;
    }
    const delayMs = this.#retryDelayMs(document.attempts);
    await this.#events.updateOne(mine, {
      $set: {
        delivered,
        dueAt: new Date(now + delayMs),
        leasedUntil: new Date(now),
        lastError: failure.error instanceof Error ? failure.error.name : 'unknown',
      },
      $unset: { leasedBy: '' },
    });
    if (this.#running) this.clock.setTimer(() => this.wake(), delayMs);
  }

  #retryDelayMs(attempts: number): number {
    const full = Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1), LONGEST_RETRY_MS);
    return Math.round(full * (0.75 + this.random() * 0.25));
  }

  /** A slow subscriber keeps its event as long as this instance lives. */
  #renewLease(document: OutboxDocument): () => void {
    const everyMs = this.environment.outbox.leaseMs / 3;
    let cancel: () => void = () => undefined;
    const arm = (): void => {
      cancel = this.clock.setTimer(() => {
        this.#events
          .updateOne(
            { _id: document._id, leasedBy: this.#instance },
            { $set: { leasedUntil: this.#lease().until } },
          )
          .catch((error: unknown) => this.logger.warn({ err: error }, 'a lease was not renewed'));
        arm();
      }, everyMs);
    };
    arm();
    return () => cancel();
  }
}

function toStoredEvent(document: OutboxDocument): StoredEvent {
  return {
    id: document._id.toHexString(),
    v: document.v,
    type: document.type,
    aggregate: document.aggregate,
    sequence: document.sequence,
    data: document.data,
    time: document.time,
    correlationId: document.correlationId,
    ...(document.causationId === undefined ? {} : { causationId: document.causationId }),
  };
}
