import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMemoryReplayStore } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';

/** What the store should be: two maps that forget at once. */
class Model {
  readonly #claims = new Map<string, { readonly token: string; readonly until: number }>();
  readonly #confirmed = new Map<string, { readonly answer: string | undefined; until: number }>();
  readonly #maxEntries: number;
  #now = 0;
  /** Confirmed when the claim had run out already: these alone may exceed the bound. */
  unclaimed = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const entries of [this.#claims, this.#confirmed]) {
      for (const [key, { until }] of entries) if (until <= this.#now) entries.delete(key);
    }
  }

  claim(key: string, { token, claimMs }: { token: string; claimMs: number }): unknown {
    const confirmed = this.#confirmed.get(key);
    if (confirmed?.answer !== undefined) return { result: 'confirmed', answer: confirmed.answer };
    if (confirmed !== undefined) return 'confirmed';
    const held = this.#claims.get(key);
    if (held !== undefined && held.token !== token) return 'claimedElsewhere';
    if (held === undefined && this.size >= this.#maxEntries) return 'STORE_FULL';
    this.#claims.set(key, { token, until: this.#now + claimMs });
    return 'claimed';
  }

  confirm(key: string, { keepMs, answer }: { keepMs: number; answer: string | undefined }): void {
    if (!this.#claims.delete(key) && !this.#confirmed.has(key)) this.unclaimed += 1;
    this.#confirmed.set(key, { answer, until: this.#now + keepMs });
  }

  release(key: string, { token }: { token: string }): void {
    if (this.#claims.get(key)?.token === token) this.#claims.delete(key);
  }

  get size(): number {
    return this.#claims.size + this.#confirmed.size;
  }
}

type Store = Pick<Model, 'claim' | 'confirm' | 'release'>;
/** What both are told, in one step. */
type Step = (store: Store, pass: (ms: number) => void) => unknown;

const key = fc.integer({ min: 0, max: 60 }).map((number) => `delivery ${number}`);
const token = fc.constantFrom('one', 'other');
/** Short ones run out among long ones, so that room is anywhere. */
const duration = fc.constantFrom(10, 100, 5_000, 5_000);
const answer = fc.constantFrom('paid', undefined);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(key, fc.record({ token, claimMs: duration })).map(
      ([name, options]): Step =>
        (store) =>
          codeOr(() => store.claim(name, options)),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(key, fc.record({ keepMs: duration, answer })).map(
      ([name, options]): Step =>
        (store) =>
          store.confirm(name, options),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, fc.record({ token })).map(
      ([name, options]): Step =>
        (store) =>
          store.release(name, options),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 10, 100).map(
      (ms): Step =>
        (_store, pass) =>
          pass(ms),
    ),
  },
);

function codeOr(claim: () => unknown): unknown {
  try {
    return claim();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

it('the memory replay store does what a simple model does, and is never over its bound', () => {
  const bound = fc.integer({ min: 1, max: 30 });
  const steps = fc.array(step, { maxLength: 200, size: 'max' });
  const property = fc.property(bound, steps, (maxEntries, all) => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ maxEntries, clock });
    const model = new Model(maxEntries);
    for (const one of all) {
      const wanted = one(model, (ms) => model.pass(ms));
      expect(one(store, (ms) => clock.advance(ms))).toEqual(wanted);
      expect(store.size).toBeLessThanOrEqual(maxEntries + model.unclaimed);
      expect(store.size).toBeGreaterThanOrEqual(model.size);
    }
  });
  fc.assert(property, { numRuns: 300 });
}, 20_000);
