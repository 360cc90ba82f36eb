import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { invalidOption } from '../../errors.js';
import type {
  Generation,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteLook,
  RemoteState,
  RemoteStore,
  StoreOutcome,
} from '../../ports/remote-store.js';
import { readNumber, readText, refuseUnknown, requireMethods } from '../../validation.js';
import { decodeGeneration, encodeToken } from './generation-codec.js';
import { RedisConnection } from './redis-connection.js';
import {
  type DuplicableRedisClient,
  RedisMessages,
  type RedisSubscriber,
} from './redis-messages.js';
import { INVALIDATE, LOOK, REMOVE, STORE } from './scripts.js';

/** Every default, with the reason for its value. */
export const REDIS_STORE_DEFAULTS = {
  keyPrefix: 'aggregation-cache',
  /** Milliseconds. Far above what Redis needs, far below what the aggregation it saves would take. */
  timeoutMs: 50,
} as const;

/**
 * Bytes that Redis holds for a value beside the value itself: its key, its place in the order, its size.
 * Measured with `MEMORY USAGE` and rounded up.
 */
const ENTRY_OVERHEAD_BYTES = 512;

const TEBIBYTE = 1024 ** 4;

export interface RedisRemoteStoreOptions {
  /** For commands. May serve other purposes too; is never closed here. */
  readonly redis: DuplicableRedisClient;
  /** For messages, used for nothing else. Default: a duplicate of `redis`, for as long as a cache listens. */
  readonly subscriber?: RedisSubscriber | undefined;
  /** Begins every key, in braces, so that all keys share a slot. Default `aggregation-cache`. */
  readonly keyPrefix?: string | undefined;
  /** Milliseconds a command may take before it counts as failed; 1 to 10,000; default 50. */
  readonly timeoutMs?: number | undefined;
  /** Bytes the values may take; the oldest go first. 64 KiB to 1 TiB; default: no bound but Redis' own. */
  readonly maxBytes?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * The remote tier in Redis 6.2 or newer, through ioredis.
 * @throws INVALID_OPTION for an unknown or impossible option
 */
export const createRedisRemoteStore = (options: RedisRemoteStoreOptions): RemoteStore =>
  new RedisRemoteStore(options);

class RedisRemoteStore implements RemoteStore {
  readonly #connection: RedisConnection;
  readonly #messages: RedisMessages;
  readonly #maxBytes: number;
  readonly #keys: Readonly<
    Record<'valuePrefix' | 'generations' | 'order' | 'sizes' | 'channel', string>
  >;
  readonly #listeners = new Set<RemoteListener>();

  constructor(options: RedisRemoteStoreOptions) {
    refuseUnknown('', options, KNOWN);
    requireMethods('redis', options.redis, ['callBuffer', 'duplicate', 'on', 'off']);
    if ((options.redis as { isCluster?: unknown }).isCluster === true) {
      // Which run of the server this is could not be told: each node has its own.
      throw invalidOption('redis', options.redis, 'a client of one server, not of a cluster');
    }
    const prefix = readText('keyPrefix', options.keyPrefix, REDIS_STORE_DEFAULTS.keyPrefix);
    if (/[{}]/.test(prefix)) throw invalidOption('keyPrefix', prefix, 'without braces');
    this.#maxBytes =
      options.maxBytes === undefined
        ? 0
        : readNumber('maxBytes', options.maxBytes, undefined, {
            min: 65_536,
            max: TEBIBYTE,
            unit: 'bytes',
          });
    // One slot of a cluster for all of them, since a script touches several. `v1` is the envelope's format.
    this.#keys = {
      valuePrefix: `{${prefix}}:v1:`,
      generations: `{${prefix}}:generations`,
      order: `{${prefix}}:order`,
      sizes: `{${prefix}}:sizes`,
      channel: `{${prefix}}:moved`,
    };
    this.#connection = new RedisConnection({
      redis: options.redis,
      timeoutMs: readNumber('timeoutMs', options.timeoutMs, REDIS_STORE_DEFAULTS.timeoutMs, {
        min: 1,
        max: 10_000,
        unit: 'ms',
      }),
      clock: options.clock ?? systemClock,
      generationsKey: this.#keys.generations,
      onState: (state) => {
        for (const listener of this.#listeners) listener.stateChanged(state);
      },
    });
    this.#messages = new RedisMessages({
      redis: options.redis,
      subscriber: options.subscriber,
      channel: this.#keys.channel,
      onMoved: (generations) => {
        for (const listener of this.#listeners) listener.moved(generations);
      },
    });
  }

  get state(): RemoteState {
    return this.#connection.state;
  }

  async look(key: string, namespaces: readonly string[]): Promise<RemoteLook> {
    const keys = [this.#keys.generations, this.#valueKey(key)];
    const [value, remaining, ...generations] = await this.#ask('look', keys, namespaces);
    const named = decodeAll(namespaces, generations);
    if (!(value instanceof Uint8Array)) return { generations: named };
    // A value that lost its end of life (by hand, by a restore) is as old as can be.
    return {
      generations: named,
      value: { bytes: value, remainingMs: Math.max(0, Number(remaining)) },
    };
  }

  async generations(namespaces: readonly string[]): Promise<readonly Generation[]> {
    const [, , ...generations] = await this.#ask(
      'generations',
      [this.#keys.generations],
      namespaces,
    );
    return decodeAll(namespaces, generations);
  }

  async store({ key, bytes, ttlMs, generations }: RemoteEntry): Promise<StoreOutcome> {
    const { order, sizes } = this.#keys;
    const keys = [this.#valueKey(key), this.#keys.generations, order, sizes];
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const standing = generations.flatMap(({ namespace, id }) => [namespace, id]);
    const outcome = await this.#connection.run('store', STORE, keys, [
      value,
      key,
      ttlMs,
      this.#maxBytes,
      ENTRY_OVERHEAD_BYTES,
      ...standing,
    ]);
    const said = String(outcome);
    return said === 'stored' || said === 'refused' ? said : 'moved';
  }

  async invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[]> {
    const pairs = changes.flatMap(({ namespace, after }) => [namespace, encodeToken(after)]);
    const answer = await this.#connection.run(
      'invalidate',
      INVALIDATE,
      [this.#keys.generations],
      [this.#connection.random(), this.#keys.channel, ...pairs],
    );
    return decodeAll(
      changes.map(({ namespace }) => namespace),
      answer as readonly unknown[],
    );
  }

  async remove(key: string): Promise<void> {
    const keys = [this.#valueKey(key), this.#keys.order, this.#keys.sizes];
    await this.#connection.run('remove', REMOVE, keys, [key]);
  }

  subscribe(listener: RemoteListener): () => void {
    this.#listeners.add(listener);
    this.#messages.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#messages.stop();
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#messages.stop();
    this.#connection.close();
  }

  async #ask(
    operation: string,
    keys: readonly string[],
    namespaces: readonly string[],
  ): Promise<readonly unknown[]> {
    const args = [this.#connection.random(), ...namespaces];
    return (await this.#connection.run(operation, LOOK, keys, args)) as readonly unknown[];
  }

  #valueKey(key: string): string {
    return `${this.#keys.valuePrefix}${key}`;
  }
}

const KNOWN = ['redis', 'subscriber', 'keyPrefix', 'timeoutMs', 'maxBytes', 'clock'];

const decodeAll = (
  namespaces: readonly string[],
  generations: readonly unknown[],
): readonly Generation[] =>
  namespaces.map((namespace, index) => {
    const bytes = generations[index];
    return decodeGeneration(namespace, bytes instanceof Uint8Array ? bytes : new Uint8Array());
  });
