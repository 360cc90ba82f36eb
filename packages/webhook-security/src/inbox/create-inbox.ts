import { WebhookSecurityError } from '../errors.js';
import type { DeadLetterPage, InboxCounts, InboxDelivery } from '../ports/inbox-store.js';
import { readClock } from '../time/read-clock.js';
import { integer, invalid, refuseUnknown } from '../validation.js';
import type { AcceptedVerdict } from '../verdict.js';
import { AskedStore } from './asked-store.js';
import { inboxKey } from './inbox-key.js';
import { type InboxOptions, type InboxSettings, readInboxOptions } from './inbox-options.js';
import { type InboxRun, Worker } from './worker.js';

/** What the sender is answered with. */
export interface InboxReceipt {
  readonly received: true;
  /** Whether it was kept before. */
  readonly known: boolean;
}

export interface DeadLetterOptions {
  /** How many at most. Default 100; 1 to 1,000. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

/** Stores what was accepted, answers, and processes it afterwards: at least once each. */
export interface Inbox<Payload = unknown> {
  /**
   * Resolves once the delivery is kept. A handler for every adapter:
   * `handler: ({ verdict }) => inbox.receive(verdict)`.
   * @throws what the store throws, or WebhookSecurityError STORE_FULL, STORE_FORMAT, STORE_TIMEOUT,
   * PAYLOAD_NOT_JSON: the delivery is not kept, and the sender must not be told so
   */
  receive(verdict: AcceptedVerdict<Payload>): Promise<InboxReceipt>;
  /** Takes what is due from now on. Its timers do not keep the process alive. */
  start(): void;
  /** Takes no more, and resolves when what runs has ended. */
  stop(): Promise<void>;
  /**
   * Works off what is due now, started or not: for tests and for schedulers.
   * @throws what the store throws when it is asked for entries
   */
  runOnce(): Promise<InboxRun>;
  /** What was given up, a page at a time. */
  deadLetters(options?: DeadLetterOptions): Promise<DeadLetterPage>;
  /** Tries a dead letter again, from the first attempt. False where there is none of that key. */
  replay(key: string): Promise<boolean>;
  counts(): Promise<InboxCounts>;
}

/**
 * Makes an inbox. Options are read once.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createInbox<Payload = unknown>(options: InboxOptions<Payload>): Inbox<Payload> {
  return new StoredInbox<Payload>(readInboxOptions(options));
}

class StoredInbox<Payload> implements Inbox<Payload> {
  readonly #settings: InboxSettings;
  readonly #asked: AskedStore;
  readonly #worker: Worker;

  constructor(settings: InboxSettings) {
    this.#settings = settings;
    this.#asked = new AskedStore(settings);
    this.#worker = new Worker(settings, this.#asked);
  }

  async receive(verdict: AcceptedVerdict<Payload>): Promise<InboxReceipt> {
    if (verdict?.verdict !== 'accepted') throw invalid('verdict', verdict, 'an accepted one');
    const { scheme, deliveryId, stale } = verdict;
    const key = await inboxKey(verdict);
    const delivery = deliveryOf(verdict, readClock(this.#settings.clock, 'wallTime'));
    const result = await this.#asked.ask('add', key, (store) => store.add(key, delivery));
    if (result === 'known') {
      this.#settings.emit({ event: 'known', key, scheme, deliveryId });
      return { received: true, known: true };
    }
    this.#settings.emit({ event: 'stored', key, scheme, deliveryId, stale });
    this.#worker.wake();
    return { received: true, known: false };
  }

  start(): void {
    this.#worker.start();
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  runOnce(): Promise<InboxRun> {
    return this.#worker.runOnce();
  }

  async deadLetters(options: DeadLetterOptions = {}): Promise<DeadLetterPage> {
    refuseUnknown('', options, ['limit', 'after']);
    const limit = integer('limit', options.limit ?? 100, 1, 1_000);
    const { after } = options;
    return this.#asked.ask('deadLetters', undefined, (store) =>
      store.deadLetters({ limit, after }),
    );
  }

  async replay(key: string): Promise<boolean> {
    if (typeof key !== 'string') throw invalid('key', key, 'the key of a dead letter');
    const isReplayed = await this.#asked.ask('replay', key, (store) => store.replay(key));
    if (!isReplayed) return false;
    this.#settings.emit({ event: 'replayed', key });
    this.#worker.wake();
    return true;
  }

  async counts(): Promise<InboxCounts> {
    return this.#asked.ask('counts', undefined, (store) => store.counts());
  }
}

/** @throws WebhookSecurityError PAYLOAD_NOT_JSON */
function deliveryOf(verdict: AcceptedVerdict, receivedAt: number): InboxDelivery {
  const { scheme, tenant, deliveryId, stale, staleness, sentAt } = verdict;
  const payload = payloadText(verdict.payload);
  return { scheme, tenant, deliveryId, payload, stale, staleness, sentAt, receivedAt };
}

function payloadText(payload: unknown): string | undefined {
  if (payload === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch {
    // Not as the cause: its message may quote the payload.
  }
  if (text !== undefined) return text;
  throw new WebhookSecurityError(
    'PAYLOAD_NOT_JSON',
    'the payload cannot be written as JSON, e.g. for a bigint; have the schema give what can',
  );
}
