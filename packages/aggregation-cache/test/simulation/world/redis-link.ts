import { AggregationCacheError } from '../../../src/errors.js';
import type {
  Lease,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteState,
  RemoteStore,
} from '../../../src/ports/remote-store.js';
import type { Host } from './host.js';
import { type Prng, quickDelayOf } from './prng.js';
import type { RedisMessage, RedisServer } from './redis-server.js';
import type { Scheduler } from './scheduler.js';

/** Milliseconds a command may take, as in the store's default. */
const TIMEOUT_MS = 50;

/** What all links to one server share. */
export interface RedisNetwork {
  readonly server: RedisServer;
  readonly scheduler: Scheduler;
  /** Whether messages are often late. */
  readonly isRough: boolean;
  /** Commands arrive and wait. */
  isFrozen: boolean;
  readonly frozen: (() => void)[];
  /** The share of answers and of messages that get lost. */
  lossRate: number;
}

/**
 * The remote store of one process: two connections to the server, one for commands and one for messages, on
 * each of which everything keeps its order.
 */
export class RedisLink implements RemoteStore {
  readonly #host: Host;
  readonly #network: RedisNetwork;
  readonly #random: Prng;
  readonly #listeners = new Set<RemoteListener>();
  readonly #pending = new Set<(error: AggregationCacheError) => void>();
  readonly #arrivals = { there: 0, back: 0, messages: 0 };
  #state: RemoteState = 'ready';
  #cuts = 0;
  #messageCuts = 0;
  /** Grows when the connection breaks: what was under way on the one before does not arrive. */
  #connection = 0;
  #messageConnection = 0;

  constructor(host: Host, network: RedisNetwork, random: Prng) {
    this.#host = host;
    this.#network = network;
    this.#random = random;
  }

  get state(): RemoteState {
    return this.#state;
  }

  /** Two commands, one after the other: something may happen in between. */
  async look(key: string, dependencies: readonly string[]) {
    const [{ value, trusted }, generations] = await Promise.all([
      this.#ask('look', (server) => server.value(key)),
      this.#ask('look', (server) => server.generations(dependencies)),
    ]);
    return { value, generations: trusted ?? generations };
  }

  generations(dependencies: readonly string[]) {
    return this.#ask('generations', (server) => server.generations(dependencies));
  }

  position() {
    return this.#ask('position', (server) => server.position());
  }

  store(entry: RemoteEntry) {
    return this.#ask('store', (server) => server.store(entry));
  }

  invalidate(changes: readonly RemoteChange[]) {
    return this.#ask('invalidate', (server) => server.invalidate(changes));
  }

  remove(key: string) {
    return this.#ask('remove', (server) => server.remove(key));
  }

  lease({ key, ttlMs }: { readonly key: string; readonly ttlMs: number }) {
    return this.#ask('lease', (server) => server.lease(key, ttlMs));
  }

  renew(lease: Lease, ttlMs: number) {
    return this.#ask('renew', (server) => server.renew(lease, ttlMs));
  }

  release(lease: Lease, failure?: { readonly bytes: Uint8Array; readonly ttlMs: number }) {
    return this.#ask('release', (server) => server.release(lease, failure));
  }

  progress(key: string) {
    return this.#ask('progress', (server) => server.progress(key));
  }

  saveProgress(lease: Lease, bytes: Uint8Array) {
    return this.#ask('saveProgress', (server) => server.saveProgress(lease, bytes));
  }

  subscribe(listener: RemoteListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  /** Cuts the connection for commands for so long. The process hears of it after a while, or not at all. */
  cut(ms: number): void {
    this.#cuts += 1;
    this.#break();
    this.#network.scheduler.after(ms, () => {
      this.#cuts -= 1;
      if (this.#cuts === 0) this.#reconnect();
    });
  }

  /** Cuts the connection for messages; nobody is told. */
  cutMessages(ms: number): void {
    this.#messageCuts += 1;
    this.#messageConnection += 1;
    this.#network.scheduler.after(ms, () => {
      this.#messageCuts -= 1;
    });
  }

  heal(): void {
    this.#cuts = 0;
    this.#messageCuts = 0;
    if (this.#state === 'away') this.#reconnect();
  }

  /** A message of the server, on its way to the process. */
  hear(message: RedisMessage): void {
    const { scheduler, lossRate } = this.#network;
    if (this.#messageCuts > 0 || this.#random.chance(lossRate)) return;
    const connection = this.#messageConnection;
    scheduler.after(this.#inOrder('messages'), () => {
      if (connection === this.#messageConnection) this.#host.deliver(() => this.#tell(message));
    });
  }

  #tell(message: RedisMessage): void {
    for (const listener of this.#listeners) {
      if (message.kind === 'woken') listener.woken?.(message.key);
      else listener.moved(message.generations, message.position);
    }
  }

  #ask<T>(operation: string, work: (server: RedisServer) => T): Promise<T> {
    const failed = (reason: 'timeout' | 'away') =>
      new AggregationCacheError('REMOTE_FAILED', `'${operation}' failed: ${reason}.`, {
        operation,
        reason,
      });
    if (this.#state === 'away') return Promise.reject(failed('away'));
    const connection = this.#connection;
    const isBroken = () => this.#cuts > 0 || connection !== this.#connection;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        this.#pending.delete(reject);
        cancel();
        settle();
      };
      const cancel = this.#host.clock.setTimer(
        () => end(() => reject(failed('timeout'))),
        TIMEOUT_MS,
      );
      this.#pending.add(reject);
      this.#send(isBroken, work, (result) => end(() => resolve(result)));
    });
  }

  #send<T>(
    isBroken: () => boolean,
    work: (server: RedisServer) => T,
    answer: (result: T) => void,
  ): void {
    const network = this.#network;
    const execute = () => {
      if (isBroken()) return;
      const result = work(network.server);
      if (this.#random.chance(network.lossRate)) return;
      network.scheduler.after(this.#inOrder('back'), () => {
        if (!isBroken()) this.#host.deliver(() => answer(result));
      });
    };
    network.scheduler.after(this.#inOrder('there'), () => {
      if (network.isFrozen) network.frozen.push(execute);
      else execute();
    });
  }

  #break(): void {
    this.#connection += 1;
    this.#network.scheduler.after(this.#random.pick([0, 1, 30, 200]), () => {
      if (this.#cuts > 0) this.#host.deliver(() => this.#become('away'));
    });
  }

  #reconnect(): void {
    this.#connection += 1;
    this.#network.scheduler.after(this.#random.between(1, 100), () => {
      if (this.#cuts === 0) this.#host.deliver(() => this.#become('ready'));
    });
  }

  #become(state: RemoteState): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'away') {
      for (const reject of Array.from(this.#pending)) {
        reject(
          new AggregationCacheError('REMOTE_FAILED', 'The connection is gone.', {
            operation: 'any',
            reason: 'away',
          }),
        );
      }
      this.#pending.clear();
    }
    for (const listener of this.#listeners) listener.stateChanged(state);
  }

  /** Milliseconds until it arrives, not before what was sent before it. */
  #inOrder(way: 'there' | 'back' | 'messages'): number {
    const { now } = this.#network.scheduler;
    const delay = quickDelayOf(this.#random, this.#network.isRough);
    this.#arrivals[way] = Math.max(this.#arrivals[way], now + delay);
    return this.#arrivals[way] - now;
  }
}
