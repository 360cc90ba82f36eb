import { type CircuitBreaker, isCircuitBreakerError } from '@nestcms/circuit-breaker';
import type { EventSink } from '../cache/events.js';
import { isAggregationCacheError } from '../errors.js';
import type { Generation, RemoteChange, RemoteStore, StoreOutcome } from '../ports/remote-store.js';
import {
  type EnvelopeHeader,
  openEnvelope,
  type PoisonReason,
  sealEnvelope,
} from '../rows/envelope.js';

export interface RemoteQuestion {
  readonly pipelineClass: { readonly name: string; readonly version: number };
  readonly key: string;
  readonly namespaces: readonly string[];
}

export interface RemoteValue {
  readonly header: EnvelopeHeader;
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

  constructor(parts: {
    readonly store: RemoteStore;
    readonly breaker: CircuitBreaker;
    readonly events: EventSink;
  }) {
    this.#store = parts.store;
    this.#breaker = parts.breaker;
    this.#events = parts.events;
  }

  get state(): 'ready' | 'away' | 'open' {
    if (this.#store.state === 'away') return 'away';
    return this.#breaker.state === 'open' ? 'open' : 'ready';
  }

  async look(question: RemoteQuestion): Promise<RemoteAnswer | undefined> {
    const { key, namespaces } = question;
    const look = await this.#call('look', () => this.#store.look(key, namespaces));
    if (look === undefined) return undefined;
    const { generations, value } = look;
    if (value === undefined) return { generations, value: undefined };
    const opened = openEnvelope(value.bytes, {
      pipelineClass: question.pipelineClass.name,
      version: question.pipelineClass.version,
      key,
    });
    if ('poisoned' in opened) {
      this.discard(question, opened.poisoned);
      return { generations, value: undefined };
    }
    const stands = sameGenerations(opened.header.generations, generations);
    return {
      generations,
      value: stands ? { ...opened, remainingMs: value.remainingMs } : undefined,
    };
  }

  generations(namespaces: readonly string[]): Promise<readonly Generation[] | undefined> {
    return this.#call('generations', () => this.#store.generations(namespaces));
  }

  store(
    header: Omit<EnvelopeHeader, 'rows'>,
    rows: readonly Uint8Array[],
    ttlMs: number,
  ): Promise<StoreOutcome | undefined> {
    const generations = header.generations.map(([namespace, id]) => ({ namespace, id }));
    return this.#call('store', () =>
      this.#store.store({ key: header.key, bytes: sealEnvelope(header, rows), ttlMs, generations }),
    );
  }

  invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[] | undefined> {
    return this.#call('invalidate', () => this.#store.invalidate(changes));
  }

  /** Drops a value that cannot be used, so that it is not looked at again and again. */
  discard({ pipelineClass, key }: Omit<RemoteQuestion, 'namespaces'>, reason: PoisonReason): void {
    this.#events.emit('poisoned', { pipelineClass: pipelineClass.name, key, reason });
    void this.#call('remove', () => this.#store.remove(key));
  }

  async #call<T>(operation: string, call: () => Promise<T>): Promise<T | undefined> {
    // Known to be away: not worth an event at each read, the change of state was one.
    if (this.#store.state === 'away') return undefined;
    try {
      return await this.#breaker.execute(call);
    } catch (error) {
      if (isCircuitBreakerError(error, 'BREAKER_OPEN')) return undefined;
      const reason = isAggregationCacheError(error, 'REMOTE_FAILED')
        ? error.details.reason
        : 'refused';
      this.#events.emit('remoteFailed', { operation, reason, error });
      return undefined;
    }
  }
}

const sameGenerations = (
  stored: EnvelopeHeader['generations'],
  standing: readonly Generation[],
): boolean => {
  const ids = new Map(stored);
  return (
    ids.size === standing.length && standing.every(({ namespace, id }) => ids.get(namespace) === id)
  );
};
