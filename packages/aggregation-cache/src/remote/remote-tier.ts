import { type CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';
import type { EventSink } from '../cache/events.js';
import { isAggregationCacheError } from '../errors.js';
import type {
  Generation,
  Lease,
  LeaseAnswer,
  Position,
  RemoteChange,
  RemoteLook,
  RemoteStore,
  StoreOutcome,
} from '../ports/remote-store.js';
import {
  type EnvelopeContent,
  Envelopes,
  type OpenedEnvelope,
  type PoisonReason,
  type StoredClass,
} from '../rows/envelope.js';
import type { EnvelopeHeader } from '../rows/envelope-header.js';

export interface RemoteQuestion {
  readonly pipelineClass: StoredClass;
  readonly key: string;
  readonly dependencies: readonly string[];
}

export interface RemoteValue {
  readonly header: EnvelopeHeader;
  /** Each of them can be decoded. Views of more than themselves: who keeps them copies them. */
  readonly rows: readonly Uint8Array[];
  readonly remainingMs: number;
}

export interface RemoteAnswer {
  readonly generations: readonly Generation[];
  /** Only if it is whole, answers the question, and its generations stand. */
  readonly value: RemoteValue | undefined;
}

/**
 * The remote store behind its breaker. No method rejects: a tier that fails is a tier that has nothing,
 * and says so by `undefined`.
 */
export class RemoteTier {
  readonly #store: RemoteStore;
  readonly #breaker: CircuitBreaker;
  readonly #events: EventSink;
  readonly #envelopes: Envelopes;

  constructor(parts: {
    readonly store: RemoteStore;
    readonly breaker: CircuitBreaker;
    readonly events: EventSink;
    /** Default: compresses, and has no key to seal with. */
    readonly envelopes?: Envelopes | undefined;
  }) {
    this.#store = parts.store;
    this.#breaker = parts.breaker;
    this.#events = parts.events;
    this.#envelopes = parts.envelopes ?? new Envelopes();
  }

  get state(): 'ready' | 'away' | 'open' {
    if (this.#store.state === 'away') return 'away';
    return this.#breaker.state === 'open' ? 'open' : 'ready';
  }

  /** The one call on the way of a hit: without an `async` function, each of which costs it a turn. */
  look(question: RemoteQuestion): Promise<RemoteAnswer | undefined> {
    if (this.#store.state === 'away') return Promise.resolve(undefined);
    const { key, dependencies } = question;
    return this.#breaker
      .execute(() => this.#store.look(key, dependencies))
      .then(
        (look) => this.#answerOf(question, look),
        (error: unknown) => this.#notDone('look', error),
      );
  }

  #answerOf(
    question: RemoteQuestion,
    { generations, value }: RemoteLook,
  ): RemoteAnswer | Promise<RemoteAnswer> {
    if (value === undefined) return { generations, value: undefined };
    const { pipelineClass, key } = question;
    const opened = this.#envelopes.open(value.bytes, { pipelineClass, key, generations });
    const answer = (found: OpenedEnvelope): RemoteAnswer => {
      if ('poisoned' in found) this.discard(question, found.poisoned);
      if (!('rows' in found)) return { generations, value: undefined };
      const { header, rows } = found;
      return { generations, value: { header, rows, remainingMs: value.remainingMs } };
    };
    return opened instanceof Promise ? opened.then(answer) : answer(opened);
  }

  generations(dependencies: readonly string[]): Promise<readonly Generation[] | undefined> {
    return this.#call('generations', () => this.#store.generations(dependencies));
  }

  position(): Promise<Position | undefined> {
    return this.#call('position', () => this.#store.position());
  }

  lease(key: string, ttlMs: number): Promise<LeaseAnswer | undefined> {
    return this.#call('lease', () => this.#store.lease({ key, ttlMs }));
  }

  renew(lease: Lease, ttlMs: number): Promise<boolean | undefined> {
    return this.#call('renew', () => this.#store.renew(lease, ttlMs));
  }

  async release(
    lease: Lease,
    failure?: { readonly bytes: Uint8Array; readonly ttlMs: number },
  ): Promise<void> {
    await this.#call('release', () => this.#store.release(lease, failure));
  }

  progress(key: string): Promise<Uint8Array | undefined> {
    return this.#call('progress', () => this.#store.progress(key));
  }

  saveProgress(lease: Lease, bytes: Uint8Array): Promise<boolean | undefined> {
    return this.#call('saveProgress', () => this.#store.saveProgress(lease, bytes));
  }

  async store(
    content: EnvelopeContent,
    rows: readonly Uint8Array[],
    ttlMs: number,
    lease?: Lease,
  ): Promise<Exclude<StoreOutcome, 'replaced'> | undefined> {
    if (this.#store.state === 'away') return undefined;
    const { key } = content;
    const generations = content.generations.map(([dependency, id]) => ({ dependency, id }));
    let bytes: Uint8Array;
    try {
      bytes = await this.#envelopes.write(content, rows);
    } catch (error) {
      // Says nothing about the store, so its breaker does not hear of it.
      this.#failed('store', error);
      return undefined;
    }
    const outcome = await this.#call('store', () =>
      this.#store.store({ key, bytes, ttlMs, generations, lease }),
    );
    if (outcome !== 'replaced') return outcome;
    this.#events.emit('poisoned', { pipelineClass: content.pipelineClass, key, reason: 'foreign' });
    return 'stored';
  }

  invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[] | undefined> {
    return this.#call('invalidate', () => this.#store.invalidate(changes));
  }

  /** Drops a value that cannot be used, so that it is not looked at again and again. */
  discard(
    { pipelineClass, key }: Omit<RemoteQuestion, 'dependencies'>,
    reason: PoisonReason,
  ): void {
    this.#events.emit('poisoned', { pipelineClass: pipelineClass.name, key, reason });
    void this.#call('remove', () => this.#store.remove(key));
  }

  async #call<T>(operation: string, call: () => Promise<T>): Promise<T | undefined> {
    // Known to be away: not worth an event at each read, the change of state was one.
    if (this.#store.state === 'away') return undefined;
    try {
      return await this.#breaker.execute(call);
    } catch (error) {
      return this.#notDone(operation, error);
    }
  }

  #notDone(operation: string, error: unknown): undefined {
    if (!isCircuitBreakerError(error, 'BREAKER_OPEN')) this.#failed(operation, error);
    return undefined;
  }

  #failed(operation: string, error: unknown): void {
    const reason = isAggregationCacheError(error, 'REMOTE_FAILED')
      ? error.details.reason
      : 'refused';
    this.#events.emit('remoteFailed', { operation, reason, error });
  }
}
