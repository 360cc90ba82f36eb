import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { invalidOption } from '../../errors.js';
import type {
  Generation,
  Lease,
  LeaseAnswer,
  Position,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteLook,
  RemoteState,
  RemoteStore,
  StoreOutcome,
} from '../../ports/remote-store.js';
import { readNumber, readText, refuseUnknown, requireMethods } from '../../validation.js';
import { type CausalToken, later } from '../../validity/causal-token.js';
import { EVERYTHING } from '../../validity/dependencies.js';
import { encodeToken } from './generation-codec.js';
import { LookBatches, MOST_DEPENDENCIES, readGeneration, readPosition } from './look-batches.js';
import { type RedisArgument, RedisConnection } from './redis-connection.js';
import { RedisKeys } from './redis-keys.js';
import {
  type DuplicableRedisClient,
  RedisMessages,
  type RedisSubscriber,
} from './redis-messages.js';
import {
  INVALIDATE,
  LEASE,
  POSITION,
  PROGRESS,
  RELEASE,
  REMOVE,
  RENEW,
  SAVE_PROGRESS,
  STORE,
} from './scripts.js';

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
/** Digits of a fence, as scripts write it. */
const FENCE_DIGITS = 16;

export interface RedisRemoteStoreOptions {
  /** For commands: of one server, of Sentinel's, or of a cluster. May serve other purposes too; is never closed here. */
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
  readonly #looks: LookBatches;
  readonly #maxBytes: number;
  readonly #keys: RedisKeys;
  readonly #listeners = new Set<RemoteListener>();

  constructor(options: RedisRemoteStoreOptions) {
    refuseUnknown('', options, KNOWN);
    requireMethods('redis', options.redis, ['callBuffer', 'duplicate', 'on', 'off']);
    if (options.subscriber !== undefined) {
      requireMethods('subscriber', options.subscriber, ['subscribe', 'unsubscribe', 'on', 'off']);
      // Once it is subscribed, a connection takes no other commands.
      if ((options.subscriber as object) === options.redis)
        throw invalidOption('subscriber', options.subscriber, "a client of its own, not 'redis'");
    }
    if (options.clock !== undefined) {
      requireMethods('clock', options.clock, ['now', 'wallTime', 'setTimer']);
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
    this.#keys = new RedisKeys(prefix);
    this.#messages = new RedisMessages({
      redis: options.redis,
      subscriber: options.subscriber,
      keys: this.#keys,
      onMoved: ({ generations, position }) =>
        this.#tell((listener) => listener.moved(generations, position)),
      onWoken: (key) => this.#tell((listener) => listener.woken?.(key)),
    });
    this.#connection = new RedisConnection({
      redis: options.redis,
      timeoutMs: readNumber('timeoutMs', options.timeoutMs, REDIS_STORE_DEFAULTS.timeoutMs, {
        min: 1,
        max: 10_000,
        unit: 'ms',
      }),
      clock: options.clock ?? systemClock,
      stateKey: this.#keys.state,
      onState: (state) => {
        if (state === 'ready') this.#messages.renew();
        this.#tell((listener) => listener.stateChanged(state));
      },
    });
    this.#looks = new LookBatches(this.#connection, this.#keys);
  }

  get state(): RemoteState {
    return this.#connection.state;
  }

  look(key: string, dependencies: readonly string[]): Promise<RemoteLook> {
    return this.#looks.look(key, dependencies);
  }

  generations(dependencies: readonly string[]): Promise<readonly Generation[]> {
    return this.#looks.generations(dependencies);
  }

  async position(): Promise<Position> {
    const answer = await this.#connection.run('position', POSITION, [], [this.#random()]);
    return readPosition(answer as readonly unknown[]);
  }

  async store({ key, bytes, ttlMs, generations, lease }: RemoteEntry): Promise<StoreOutcome> {
    const { state, order, sizes, wokenChannel } = this.#keys;
    const named = generations.filter(({ dependency }) => dependency !== EVERYTHING);
    const everything = generations.find(({ dependency }) => dependency === EVERYTHING);
    const leaseKey = lease === undefined ? state : this.#keys.lease(lease.key);
    const outcome = await this.#connection.run(
      'store',
      STORE,
      [
        this.#keys.value(key),
        order,
        sizes,
        leaseKey,
        ...named.map(({ dependency }) => this.#keys.generation(dependency)),
      ],
      [
        asBuffer(bytes),
        key,
        ttlMs,
        this.#maxBytes,
        ENTRY_OVERHEAD_BYTES,
        everything?.id ?? '',
        fenceOf(lease),
        wokenChannel,
        lease?.key ?? '',
        ...named.map(({ id }) => id),
      ],
    );
    const said = String(outcome);
    return OUTCOMES.find((known) => known === said) ?? 'moved';
  }

  async invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[]> {
    // One that is named twice moves once.
    const latest = new Map<string, CausalToken | undefined>();
    for (const { dependency, after } of changes) {
      latest.set(dependency, later(latest.get(dependency), after));
    }
    const all = [...latest];
    const moved = new Map<string, Generation>();
    for (let at = 0; at < all.length; at += MOST_DEPENDENCIES) {
      for (const generation of await this.#invalidate(all.slice(at, at + MOST_DEPENDENCIES))) {
        moved.set(generation.dependency, generation);
      }
    }
    return changes.map(({ dependency }) => moved.get(dependency) as Generation);
  }

  async remove(key: string): Promise<void> {
    const keys = [this.#keys.value(key), this.#keys.order, this.#keys.sizes];
    await this.#connection.run('remove', REMOVE, keys, [key]);
  }

  async lease({
    key,
    ttlMs,
  }: {
    readonly key: string;
    readonly ttlMs: number;
  }): Promise<LeaseAnswer> {
    const answer = await this.#ofLease('lease', LEASE, key, [ttlMs]);
    const [isGranted, said] = answer as readonly unknown[];
    if (Number(isGranted) === 1) return { granted: true, lease: { key, fence: Number(said) } };
    return { granted: false, failure: said instanceof Uint8Array ? said : undefined };
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const answer = await this.#ofLease('renew', RENEW, lease.key, [fenceOf(lease), ttlMs]);
    return Number(answer) === 1;
  }

  async release(
    lease: Lease,
    failure?: { readonly bytes: Uint8Array; readonly ttlMs: number },
  ): Promise<void> {
    const told = failure === undefined ? [] : [failure.ttlMs, asBuffer(failure.bytes)];
    await this.#ofLease('release', RELEASE, lease.key, [
      fenceOf(lease),
      this.#keys.wokenChannel,
      lease.key,
      ...told,
    ]);
  }

  async progress(key: string): Promise<Uint8Array | undefined> {
    const keys = [this.#keys.progress(key)];
    const saved = await this.#connection.run('progress', PROGRESS, keys, []);
    return saved instanceof Uint8Array ? saved : undefined;
  }

  async saveProgress(lease: Lease, bytes: Uint8Array): Promise<boolean> {
    const keys = [this.#keys.lease(lease.key), this.#keys.progress(lease.key)];
    const args = [fenceOf(lease), asBuffer(bytes)];
    return Number(await this.#connection.run('saveProgress', SAVE_PROGRESS, keys, args)) === 1;
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

  #ofLease(
    operation: string,
    script: typeof LEASE,
    key: string,
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    return this.#connection.run(operation, script, [this.#keys.lease(key)], args);
  }

  async #invalidate(
    changes: readonly (readonly [string, CausalToken | undefined])[],
  ): Promise<readonly Generation[]> {
    const { movedChannel, dependencyAt } = this.#keys;
    const named = changes.filter(([dependency]) => dependency !== EVERYTHING);
    const everything = changes.find(([dependency]) => dependency === EVERYTHING);
    const answer = await this.#connection.run(
      'invalidate',
      INVALIDATE,
      named.map(([dependency]) => this.#keys.generation(dependency)),
      [
        this.#random(),
        movedChannel,
        dependencyAt,
        everything === undefined ? '-' : encodeToken(everything[1]),
        ...named.map(([, after]) => encodeToken(after)),
      ],
    );
    const moved = answer as readonly unknown[];
    return [...named, ...(everything === undefined ? [] : [everything])].map(
      ([dependency], index) => readGeneration(dependency, moved[index]),
    );
  }

  #random(): string {
    return this.#connection.random();
  }

  /** One that throws keeps nothing from the others. */
  #tell(message: (listener: RemoteListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        message(listener);
      } catch (error) {
        const kind = error instanceof Error ? error.name : typeof error;
        process.emitWarning(`A listener of a remote store threw: ${kind}`);
      }
    }
  }
}

const KNOWN = ['redis', 'subscriber', 'keyPrefix', 'timeoutMs', 'maxBytes', 'clock'];
const OUTCOMES: readonly StoreOutcome[] = ['stored', 'replaced', 'moved', 'refused', 'fenced'];

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Empty without a lease. */
const fenceOf = (lease: Lease | undefined): string =>
  lease === undefined ? '' : String(lease.fence).padStart(FENCE_DIGITS, '0');
