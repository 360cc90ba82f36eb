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

  claim(key: string, token: string, claimMs: number): unknown {
    const confirmed = this.#confirmed.get(key);
    if (confirmed?.answer !== undefined) return { result: 'confirmed', answer: confirmed.answer };
    if (confirmed !== undefined) return 'confirmed';
    const held = this.#claims.get(key);
    if (held !== undefined && held.token !== token) return 'claimedElsewhere';
    if (held === undefined && this.size >= this.#maxEntries) return 'STORE_FULL';
    this.#claims.set(key, { token, until: this.#now + claimMs });
    return 'claimed';
  }

  confirm(key: string, keepMs: number, answer: string | undefined): void {
    if (!this.#claims.delete(key) && !this.#confirmed.has(key)) this.unclaimed += 1;
    this.#confirmed.set(key, { answer, until: this.#now + keepMs });
  }

  release(key: string, token: string): void {
    if (this.#claims.get(key)?.token === token) this.#claims.delete(key);
  }

  get size(): number {
    return this.#claims.size + this.#confirmed.size;
  }
}

const key = fc.integer({ min: 0, max: 60 }).map((number) => `delivery ${number}`);
const token = fc.constantFrom('one', 'other');
/** Short ones run out among long ones, so that room is anywhere. */
const ms = fc.constantFrom(10, 100, 5_000, 5_000);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('claim' as const), key, token, ms }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('confirm' as const),
      key,
      ms,
      answer: fc.option(fc.constantFrom('paid', 'kept'), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), key, token }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, 100) }),
  },
);

it('the memory replay store does what a simple model does, and is never over its bound', () => {
  const bound = fc.integer({ min: 1, max: 30 });
  const property = fc.property(
    bound,
    fc.array(step, { maxLength: 200, size: 'max' }),
    (maxEntries, steps) => {
      const clock = new ManualClock();
      const store = createMemoryReplayStore({ maxEntries, clock });
      const model = new Model(maxEntries);
      const claim = (name: string, holder: string, claimMs: number): unknown => {
        try {
          return store.claim(name, { claimMs, token: holder });
        } catch (error) {
          return (error as { code?: unknown }).code;
        }
      };
      for (const one of steps) {
        if (one.kind === 'claim') {
          const wanted = model.claim(one.key, one.token, one.ms);
          expect(claim(one.key, one.token, one.ms)).toEqual(wanted);
        } else if (one.kind === 'confirm') {
          model.confirm(one.key, one.ms, one.answer);
          store.confirm(one.key, { keepMs: one.ms, answer: one.answer });
        } else if (one.kind === 'release') {
          model.release(one.key, one.token);
          store.release(one.key, { token: one.token });
        } else {
          model.pass(one.ms);
          clock.advance(one.ms);
        }
        expect(store.size).toBeLessThanOrEqual(maxEntries + model.unclaimed);
        expect(store.size).toBeGreaterThanOrEqual(model.size);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});
