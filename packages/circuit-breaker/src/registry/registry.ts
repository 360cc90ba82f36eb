import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitBreakerEvents } from '../breaker/events.js';
import type { Hold } from '../breaker/hold.js';
import { InvalidOptionError, inWords } from '../errors.js';
import { GuardedEmitter } from '../events/guarded-emitter.js';
import type { OnListenerError } from '../events/listener-failure.js';
import type { ChangeableOptions, CircuitBreakerOptions } from '../options.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import { differenceOf } from '../settings/difference-of.js';
import { type ResolvedOptions, resolveOptions } from '../settings/resolve-options.js';
import {
  LONGEST_MS,
  readFlag,
  readFunction,
  readNumber,
  readPort,
  refuseUnknown,
} from '../validation.js';
import { type BreakerChoice, readBreakerChoice } from './breaker-choice.js';
import { Entry } from './entry.js';
import { inside, type RegistryInside } from './inside.js';
import type { RegistryEvents, RemovalReason } from './registry-events.js';
import { RegistryHold, type RegistryHoldOptions } from './registry-hold.js';
import { frozenChanges, updateAll } from './update-all.js';

const OPEN_FOR_MS = { min: 1, max: LONGEST_MS, unit: 'ms' };

export interface CircuitBreakerRegistryOptions {
  /** For breakers that bring none. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** For the registry's own listeners, and for breakers that bring none. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
  /**
   * Lets go of a breaker that nobody else keeps, once it is neither open nor held. The next one of its
   * name then begins closed, with an empty window. Default false: a name is never forgotten.
   */
  readonly weak?: boolean | undefined;
}

/** Breakers by name, and the events of all of them in one place. */
export class CircuitBreakerRegistry {
  /** Every event of every breaker; `breaker` in the payload is its name. */
  readonly events: GuardedEmitter<CircuitBreakerEvents>;
  /** Which breakers come and go. */
  readonly changes: GuardedEmitter<RegistryEvents>;
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #onListenerError: OnListenerError | undefined;
  readonly #collected: FinalizationRegistry<Entry> | undefined;
  /** Names of the groups that keep their breakers here. */
  readonly #groups = new Set<string>();
  #holds: readonly RegistryHold[] = [];
  /** Walks over the entries, a few at a time. */
  #walk: Iterator<Entry> | undefined;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: CircuitBreakerRegistryOptions = {}) {
    refuseUnknown('', options, ['clock', 'onListenerError', 'weak']);
    this.#clock = readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']);
    this.#onListenerError = readFunction('onListenerError', options.onListenerError);
    this.events = new GuardedEmitter({ onListenerError: this.#onListenerError });
    this.changes = new GuardedEmitter({ onListenerError: this.#onListenerError });
    if (readFlag('weak', options.weak, false)) {
      this.#collected = new FinalizationRegistry((entry) => this.#remove(entry, 'collected'));
    }
  }

  /**
   * The breaker of that name, made on the first call.
   * @throws InvalidOptionError for an unknown or impossible option, and if the name is taken by a
   * breaker with other options: one of the two callers would silently get rules it did not ask for.
   * Functions are the same if they are the same object, so keep `classify` in a constant.
   */
  getOrCreate(options: CircuitBreakerOptions): CircuitBreaker {
    if (typeof options !== 'object' || options === null) refuseUnknown('', options, []);
    const own = {
      ...options,
      clock: options.clock === undefined ? this.#clock : options.clock,
      onListenerError:
        options.onListenerError === undefined ? this.#onListenerError : options.onListenerError,
    };
    const resolved = resolveOptions(own);
    const known = this.#entries.get(resolved.name);
    if (known !== undefined) {
      const { breaker } = known;
      if (breaker !== undefined) {
        refuseDifference(resolved.name, known.options, resolved);
        return breaker;
      }
      this.#remove(known, 'collected');
    }
    return this.#make(own, resolved);
  }

  get(name: string): CircuitBreaker | undefined {
    return this.#entries.get(name)?.breaker;
  }

  /** All breakers, oldest first. */
  list(): readonly CircuitBreaker[] {
    const breakers = Array.from(this.#entries.values(), ({ breaker }) => breaker);
    return breakers.filter((breaker) => breaker !== undefined);
  }

  /**
   * Forgets the breaker of that name: its events come here no more, and `changes` tells `removed`. Those
   * who have it can go on using it, holds of this registry stay on it until they are released, and a new
   * one may take its name.
   * @param options `shutDown`: shuts it down too; default false
   * @returns whether there was one
   * @throws InvalidOptionError for an unknown or impossible option
   */
  delete(name: string, options: { readonly shutDown?: boolean | undefined } = {}): boolean {
    refuseUnknown('', options, ['shutDown']);
    const shutsDown = readFlag('shutDown', options.shutDown, false);
    // Shut down first, so that those who listen here hear of it.
    if (shutsDown) this.get(name)?.shutDown();
    return this.#drop(name, 'deleted');
  }

  /** The holds that are out: those of `holdOpen` and `holdClosed` here, not those of single breakers. */
  get holds(): readonly Hold[] {
    return this.#holds;
  }

  /**
   * Holds all breakers with a tag, or of some names, open until it is released: as one hold, also over
   * those that are made meanwhile. A breaker's own `reset()` drops its part.
   * @throws InvalidOptionError
   */
  holdOpen(options: RegistryHoldOptions): Hold {
    return this.#hold('open', options);
  }

  /** As `holdOpen`, but holds them closed. @throws InvalidOptionError */
  holdClosed(options: RegistryHoldOptions): Hold {
    return this.#hold('closed', options);
  }

  /**
   * Opens all breakers with a tag, or of some names, that are here now, as `trip` of each does: for
   * `openForMs` (1 to 30 days; default: what each one's options say), unless it is held or disabled.
   * @returns how many there are
   * @throws InvalidOptionError
   */
  trip(options: BreakerChoice & { readonly openForMs?: number | undefined }): number {
    const chosen = this.#chosen(readBreakerChoice(options, ['openForMs']));
    const { openForMs } = options;
    const how =
      openForMs === undefined
        ? {}
        : { openForMs: readNumber('openForMs', openForMs, undefined, OPEN_FOR_MS) };
    for (const breaker of chosen) breaker.trip(how);
    return chosen.length;
  }

  /**
   * Closes all breakers with a tag, or of some names, that are here now, as `reset` of each does: their
   * holds are dropped too, those of this registry among them.
   * @returns how many there are
   * @throws InvalidOptionError
   */
  reset(options: BreakerChoice): number {
    const chosen = this.#chosen(readBreakerChoice(options));
    for (const breaker of chosen) breaker.reset();
    return chosen.length;
  }

  /**
   * Changes options of all breakers with a tag, or of some names, that are here now, as `update` of each
   * does: of all of them, or of none if one cannot take the changes.
   * @returns how many there are
   * @throws InvalidOptionError
   */
  update(options: BreakerChoice, changes: ChangeableOptions): number {
    const chosen = this.#chosen(readBreakerChoice(options));
    updateAll(chosen, frozenChanges(changes));
    return chosen.length;
  }

  /** For other parts of this package. */
  get [inside](): RegistryInside {
    return {
      takeName: (group) => this.#groups.size < this.#groups.add(group).size,
      watch: (breaker, watcher) => {
        const entry = this.#entries.get(breaker.name);
        if (entry?.breaker !== breaker) return false;
        entry.outlet.watch(watcher);
        return true;
      },
      remove: (name, reason) => this.#drop(name, reason),
    };
  }

  #make(options: CircuitBreakerOptions, resolved: ResolvedOptions): CircuitBreaker {
    const entry = new Entry(resolved, this.events);
    const breaker = new CircuitBreaker(options, { publishTo: entry.outlet });
    if (this.#collected === undefined) entry.hold(breaker);
    else {
      this.#letGo();
      entry.holdWeakly(breaker);
      this.#collected.register(breaker, entry, entry);
    }
    this.#entries.set(entry.name, entry);
    this.changes.emit('registered', { breaker });
    for (const hold of this.#holds) hold.take(breaker);
    return breaker;
  }

  #drop(name: string, reason: RemovalReason): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined) return false;
    this.#remove(entry, reason);
    return true;
  }

  #remove(entry: Entry, reason: RemovalReason): void {
    this.#entries.delete(entry.name);
    this.#collected?.unregister(entry);
    const { name: breaker, tags } = entry.options;
    entry.outlet.close(breaker);
    this.changes.emit('removed', { breaker, tags, reason });
  }

  #chosen(isChosen: (breaker: CircuitBreaker) => boolean): readonly CircuitBreaker[] {
    return this.list().filter(isChosen);
  }

  #hold(kind: 'open' | 'closed', options: RegistryHoldOptions): Hold {
    const hold = new RegistryHold(kind, options, (released) => {
      this.#holds = this.#holds.filter((other) => other !== released);
    });
    this.#holds = [...this.#holds, hold];
    for (const breaker of this.list()) hold.take(breaker);
    return hold;
  }

  /** Nothing tells when an open breaker has waited long enough: each new breaker looks after two old ones. */
  #letGo(): void {
    for (let looked = 0; looked < 2; looked += 1) {
      this.#walk ??= this.#entries.values();
      const { done, value } = this.#walk.next();
      if (done) this.#walk = undefined;
      else (value as Entry).pin();
    }
  }
}

const refuseDifference = (name: string, known: ResolvedOptions, asked: ResolvedOptions): void => {
  const option = differenceOf(
    { tags: known.tags, ...known.settings },
    { tags: asked.tags, ...asked.settings },
  );
  if (option === undefined) return;
  const valueIn = ({ tags, settings }: ResolvedOptions): unknown =>
    option.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], {
      tags,
      ...settings,
    });
  const allowed = `what breaker '${name}' was made with (${inWords(valueIn(known), true)})`;
  throw new InvalidOptionError({ option, value: valueIn(asked), allowed, isWord: true });
};
