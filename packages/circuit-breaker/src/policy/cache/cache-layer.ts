import type { Call } from '../../operation/call.js';
import type { Layer, Sink } from '../../operation/layer.js';
import { neverThrows } from '../../operation/own-layer.js';
import type { Scope } from '../../operation/scope.js';
import type { SharedCall } from '../sharing/shared-call.js';
import type { SharedCalls } from '../sharing/shared-calls.js';
import type { Teller } from '../teller.js';
import type { CacheEvents } from './events.js';
import type { Results } from './results.js';

/** What all layers of one cache have in common. */
export interface CacheParts {
  readonly results: Results;
  readonly calls: SharedCalls;
  readonly teller: Teller<CacheEvents>;
}

/** Answers from what was kept, or lets one call for each key through to the next layer. */
export class CacheLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  readonly #parts: CacheParts;

  constructor(next: Layer, parts: CacheParts) {
    this.#next = next;
    this.#parts = parts;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const { key } = call.options;
    if (key === undefined) {
      this.#next.run(call, scope, sink);
      return;
    }
    const { results, calls, teller } = this.#parts;
    const kept = results.fresh(key);
    if (kept !== undefined) {
      if (teller.hears('hit')) teller.tell('hit', { key, ageMs: kept.ageMs });
      sink.settled(false, kept.value);
      return;
    }
    const joined = calls.join(key, scope, sink);
    const shared = joined ?? calls.open(key, scope, sink);
    teller.tell('missed', { key, joined: joined !== undefined });
    if (joined !== undefined) return;
    this.#next.run(call, shared, new Filling(this.#parts, key, shared));
  }
}

/** Keeps what a call brings, and tells its callers. */
class Filling implements Sink {
  readonly #parts: CacheParts;
  readonly #key: string;
  readonly #shared: SharedCall;

  constructor(parts: CacheParts, key: string, shared: SharedCall) {
    this.#parts = parts;
    this.#key = key;
    this.#shared = shared;
  }

  settled(failed: boolean, value: unknown): void {
    // What comes from an operation that was given up may be half of a result.
    if (this.#shared.isOver) return;
    if (failed) this.#failed(value);
    else this.#succeeded(value);
  }

  #succeeded(value: unknown): void {
    const { results, calls } = this.#parts;
    // Not if the key was deleted since it began: then it may be older than the reason to delete it.
    if (calls.isCurrent(this.#key, this.#shared)) results.keep(this.#key, value);
    this.#shared.settled(false, value);
  }

  #failed(error: unknown): void {
    const [key, { results, teller }] = [this.#key, this.#parts];
    const kept = results.usable(key);
    if (kept === undefined) {
      this.#shared.settled(true, error);
      return;
    }
    teller.tell('servedStale', { key, ageMs: kept.ageMs, error });
    this.#shared.settled(false, kept.value);
  }
}
