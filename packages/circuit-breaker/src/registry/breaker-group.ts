import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';
import { InvalidOptionError } from '../errors.js';
import type { Operation } from '../operation/operation.js';
import type { ChangeableOptions, CircuitBreakerOptions, Settings } from '../options.js';
import { changeSettings } from '../settings/change-settings.js';
import { resolveOptions } from '../settings/resolve-options.js';
import { readNumber, readText } from '../validation.js';
import { inside } from './inside.js';
import type { Watcher } from './outlet.js';
import {
  type OutlierOptions,
  outliersAmong,
  type Peer,
  type ResolvedOutlier,
  readOutlier,
} from './outlier-rule.js';
import { CircuitBreakerRegistry } from './registry.js';
import { frozenChanges, updateAll } from './update-all.js';

/** Defaults of a group, with the reason for each. */
export const GROUP_DEFAULTS = Object.freeze({
  /** Keys at the same time. More than a service has hosts or busy tenants, and a megabyte at most. */
  maxKeys: 1000,
} as const);

/** Options of a group; all that a breaker takes holds for each of its breakers. Read once, copied and frozen. */
export interface BreakerGroupOptions extends CircuitBreakerOptions {
  /**
   * Name of the group, which no other group of its registry may have. The breaker of a key is named
   * `name:key`, and has the name among its tags.
   */
  readonly name: string;
  /** Keys at the same time; 1 to 1,000,000; default 1,000. */
  readonly maxKeys?: number | undefined;
  /** Compares the keys with each other; default false. */
  readonly outlier?: OutlierOptions | false | undefined;
  /** Where the breakers live, for events, metrics and holds. Default: one of the group's own, with its `clock` and `onListenerError`. */
  readonly registry?: CircuitBreakerRegistry | undefined;
}

type OwnPorts = Pick<CircuitBreakerOptions, 'clock' | 'onListenerError'>;

interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A breaker for each key, such as a host or a tenant, made when it is first asked for. Of too many, the
 * one that is least of a loss goes: one that is closed and idle; else half-open and idle; else open; else
 * with calls running; else held. Among those, the one that was asked for least recently.
 */
export class BreakerGroup {
  readonly name: string;
  readonly registry: CircuitBreakerRegistry;
  readonly #tags: readonly string[];
  #settings: Settings;
  /** Those the group was given itself: its registry has others for breakers that bring none. */
  readonly #ports: OwnPorts;
  readonly #maxKeys: number;
  /** In the order in which they were last asked for. */
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #watcher: Watcher;
  #latest: CircuitBreaker | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;

  /** @throws InvalidOptionError for an unknown or impossible option, and if another group has the name */
  constructor(options: BreakerGroupOptions) {
    const { maxKeys, outlier, registry, ...shared } = options ?? {};
    const { name, tags, settings } = resolveOptions(shared);
    const { clock, onListenerError } = shared;
    this.name = name;
    this.#tags = Object.freeze([...tags, name]);
    this.#settings = settings;
    this.#ports = { clock, onListenerError };
    this.#maxKeys = readNumber('maxKeys', maxKeys, GROUP_DEFAULTS.maxKeys, {
      min: 1,
      max: 1_000_000,
      integer: true,
      unit: 'keys',
    });
    const resolvedOutlier = readOutlier(outlier);
    this.registry = readRegistry(registry, this.#ports);
    if (!this.registry[inside].takeName(name)) {
      const allowed = 'the name of no other group of its registry';
      throw new InvalidOptionError({ option: 'name', value: name, allowed, isWord: true });
    }
    this.#watcher = this.#watching(resolvedOutlier);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#breakers.size;
  }

  /** The breakers of all keys, the one asked for least recently first. */
  list(): readonly CircuitBreaker[] {
    return [...this.#breakers.values()];
  }

  /** The keys, the one asked for least recently first. */
  keys(): readonly string[] {
    return [...this.#breakers.keys()];
  }

  /**
   * The breaker of `key`, made if there is none. Ask for it at each call instead of keeping it: so the group
   * knows which keys are in use, and one that had to go comes back.
   * @throws InvalidOptionError if `key` is blank, or the breaker's name is taken in the registry by another
   */
  get(key: string): CircuitBreaker {
    const known = this.#breakers.get(key);
    if (known === undefined) return this.#make(key);
    if (known !== this.#latest) {
      this.#breakers.delete(key);
      this.#breakers.set(key, known);
      this.#latest = known;
    }
    return known;
  }

  /** The breaker of `key`, if there is one; it does not count as used by that. */
  peek(key: string): CircuitBreaker | undefined {
    return this.#breakers.get(key);
  }

  /** As `execute` of the breaker of `key`. */
  execute<T>(key: string, operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    try {
      return this.get(key).execute(operation, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Forgets the breaker of `key`, as the registry's `delete` does. @returns whether there was one */
  delete(key: string): boolean {
    return this.#breakers.has(key) && this.registry.delete(this.#nameOf(key));
  }

  /**
   * Changes options of the breakers of all keys, now and later, as `update` of a breaker does.
   * @throws InvalidOptionError for an unknown or impossible option, also if only one breaker (which was
   * changed by itself) cannot take it; then nothing is changed
   */
  update(changes: ChangeableOptions): void {
    const copy = frozenChanges(changes);
    const settings = changeSettings(this.#settings, copy);
    const before = this.#settings;
    this.#settings = settings;
    try {
      updateAll(this.list(), copy);
    } catch (error) {
      this.#settings = before;
      throw error;
    }
  }

  #make(key: string): CircuitBreaker {
    const name = this.#nameOf(readText('key', key));
    const own = { ...this.#settings, ...this.#ports, name, tags: this.#tags };
    const breaker = this.registry.getOrCreate(own);
    // Whoever hears of a removal may ask for yet another key.
    while (this.#breakers.size >= this.#maxKeys) this.#evict();
    // Or may have had this one removed again: nobody would tell of its end, so it is not kept.
    if (!this.registry[inside].watch(breaker, this.#watcher)) return breaker;
    this.#breakers.set(key, breaker);
    this.#latest = breaker;
    return breaker;
  }

  #evict(): void {
    let leastKey = '';
    let leastLoss = Number.POSITIVE_INFINITY;
    for (const [key, breaker] of this.#breakers) {
      const loss = lossOf(breaker);
      if (loss >= leastLoss) continue;
      leastKey = key;
      leastLoss = loss;
      if (loss === 0) break;
    }
    this.registry[inside].remove(this.#nameOf(leastKey), 'evicted');
  }

  #watching(outlier: ResolvedOutlier | false): Watcher {
    const removed = (breaker: string) => {
      this.#latest = undefined;
      this.#breakers.delete(this.#keyOf(breaker));
    };
    if (outlier === false) return { events: [], told: () => {}, removed };
    const told = (_event: unknown, breaker: string) => this.#compareInTime(breaker, outlier);
    return { events: ['failed'], told, removed };
  }

  #nameOf(key: string): string {
    return `${this.name}:${key}`;
  }

  #keyOf(breaker: string): string {
    return breaker.slice(this.name.length + 1);
  }

  #compareInTime(failed: string, outlier: ResolvedOutlier): void {
    // Those that are gone are not heard of any more.
    const breaker = this.#breakers.get(this.#keyOf(failed)) as CircuitBreaker;
    const now = breaker[inner].machine.now();
    if (now - this.#comparedAt < outlier.intervalMs) return;
    this.#comparedAt = now;
    this.#compare(outlier);
  }

  #compare(outlier: ResolvedOutlier): void {
    const peers: Peer[] = [];
    let open = 0;
    for (const [key, breaker] of this.#breakers) {
      if (breaker.state !== 'closed') open += 1;
      else if (breaker.holds.length === 0) {
        const { window } = breaker[inner].machine;
        if (window === undefined || window.calls < outlier.minimumCalls) continue;
        peers.push({ key, failureRate: window.failedWeight / window.weight });
      }
    }
    const most = Math.max(1, Math.floor(this.#breakers.size * outlier.maxOpenShare));
    for (const { key } of outliersAmong(peers, outlier).slice(0, Math.max(0, most - open))) {
      this.#breakers.get(key)?.trip({ reason: 'outlier' });
    }
  }
}

/** What is lost with a breaker, from nothing but its counts to what a person decided. */
const lossOf = (breaker: CircuitBreaker): number => {
  if (breaker.holds.length > 0) return 4;
  if (breaker[inner].inFlight > 0) return 3;
  return { closed: 0, halfOpen: 1, open: 2 }[breaker.state];
};

const readRegistry = (
  registry: CircuitBreakerRegistry | undefined,
  ports: OwnPorts,
): CircuitBreakerRegistry => {
  if (registry === undefined) return new CircuitBreakerRegistry(ports);
  if (typeof registry === 'object' && registry !== null && inside in registry) return registry;
  const allowed = 'a CircuitBreakerRegistry';
  throw new InvalidOptionError({ option: 'registry', value: registry, allowed });
};
