import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ReplayStore } from '../ports/replay-store.js';

export interface ReplayStoreHarness {
  readonly store: ReplayStore;
  /** Lets `ms` pass for the store: moves its clock on, or waits. */
  readonly passTime: (ms: number) => Promise<void>;
  /**
   * How short a claim may be so that the suite stays quick, in ms. Default 150; a store that really
   * waits needs more, for two calls in a row must fit into it.
   */
  readonly shortMs?: number;
}

/** One check; run it under any test runner. It rejects when the store does not conform. */
export interface ConformanceCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * What every replay store must do. Each check uses keys of its own, so one store may serve all.
 * @param harness called once a check
 */
export function replayStoreConformance(
  harness: () => Promise<ReplayStoreHarness> | ReplayStoreHarness,
): readonly ConformanceCheck[] {
  const long = 60_000;
  // What clocks and timers may be off by.
  const margin = 100;
  const check = (name: string, body: (context: Context) => Promise<void>): ConformanceCheck => ({
    name,
    run: async () => {
      const { store, passTime, shortMs = 150 } = await harness();
      await body({ store, passTime, shortMs, key: `conformance:${randomUUID()}` });
    },
  });
  const claim = ({ store, key }: Context, token: string, claimMs = long) =>
    store.claim(key, { claimMs, token });

  return [
    check('a delivery is claimed once', async (context) => {
      assert.equal(await claim(context, 'a'), 'claimed');
      assert.equal(await claim(context, 'b'), 'claimedElsewhere');
    }),
    check('the same token may claim again, as after a lost answer', async (context) => {
      assert.equal(await claim(context, 'a'), 'claimed');
      assert.equal(await claim(context, 'a'), 'claimed');
      assert.equal(await claim(context, 'b'), 'claimedElsewhere');
    }),
    check('other deliveries are not touched', async (context) => {
      const other = { ...context, key: `${context.key}:other` };
      assert.equal(await claim(context, 'a'), 'claimed');
      assert.equal(await claim(other, 'b'), 'claimed');
      await context.store.release(context.key, { token: 'a' });
      assert.equal(await claim(other, 'c'), 'claimedElsewhere');
    }),
    check('a confirmed delivery stays confirmed, for its own claimer too', async (context) => {
      await claim(context, 'a');
      await context.store.confirm(context.key, { keepMs: long });
      assert.equal(await claim(context, 'b'), 'confirmed');
      assert.equal(await claim(context, 'a'), 'confirmed');
    }),
    check(
      'an answer is kept with the confirmation, and given to repeats alone',
      async (context) => {
        const answer = '[200,"text/plain","$set: طلب:1:confirmed"]';
        await claim(context, 'a');
        await context.store.confirm(context.key, { keepMs: context.shortMs, answer });
        assert.deepEqual(await claim(context, 'b'), { result: 'confirmed', answer });
        await context.passTime(context.shortMs + margin);
        assert.equal(await claim(context, 'c'), 'claimed');
        await context.store.confirm(context.key, { keepMs: long });
        assert.equal(await claim(context, 'd'), 'confirmed');
      },
    ),
    check('a released delivery may be claimed again', async (context) => {
      await claim(context, 'a');
      await context.store.release(context.key, { token: 'a' });
      assert.equal(await claim(context, 'b'), 'claimed');
    }),
    check("another token's release changes nothing", async (context) => {
      await claim(context, 'a');
      await context.store.release(context.key, { token: 'b' });
      assert.equal(await claim(context, 'c'), 'claimedElsewhere');
    }),
    check('a release after the confirmation changes nothing', async (context) => {
      await claim(context, 'a');
      await context.store.confirm(context.key, { keepMs: long });
      await context.store.release(context.key, { token: 'a' });
      assert.equal(await claim(context, 'b'), 'confirmed');
    }),
    check('releasing and confirming what nobody claimed is harmless', async (context) => {
      await context.store.release(context.key, { token: 'a' });
      await context.store.confirm(context.key, { keepMs: long });
      assert.equal(await claim(context, 'b'), 'confirmed');
    }),
    check('a claim whose worker crashed frees itself', async (context) => {
      assert.equal(await claim(context, 'a', context.shortMs), 'claimed');
      assert.equal(await claim(context, 'b', context.shortMs), 'claimedElsewhere');
      await context.passTime(context.shortMs + margin);
      assert.equal(await claim(context, 'b'), 'claimed');
    }),
    check('a claim made again by its own token holds anew', async (context) => {
      assert.equal(await claim(context, 'a', context.shortMs), 'claimed');
      assert.equal(await claim(context, 'a', long), 'claimed');
      await context.passTime(context.shortMs + margin);
      assert.equal(await claim(context, 'b'), 'claimedElsewhere');
    }),
    check('a late worker cannot release the claim of its successor', async (context) => {
      await claim(context, 'a', context.shortMs);
      await context.passTime(context.shortMs + margin);
      assert.equal(await claim(context, 'b'), 'claimed');
      await context.store.release(context.key, { token: 'a' });
      assert.equal(await claim(context, 'c'), 'claimedElsewhere');
    }),
    check('a late worker that did finish confirms all the same', async (context) => {
      await claim(context, 'a', context.shortMs);
      await context.passTime(context.shortMs + margin);
      await claim(context, 'b');
      await context.store.confirm(context.key, { keepMs: long });
      await context.store.release(context.key, { token: 'b' });
      assert.equal(await claim(context, 'c'), 'confirmed');
    }),
    check('a confirmation is forgotten after keepMs', async (context) => {
      await claim(context, 'a');
      await context.store.confirm(context.key, { keepMs: context.shortMs });
      assert.equal(await claim(context, 'b', context.shortMs), 'confirmed');
      await context.passTime(context.shortMs + margin);
      assert.equal(await claim(context, 'b'), 'claimed');
    }),
    check('of a hundred concurrent claims one succeeds', async (context) => {
      const results = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => claim(context, `t${index}`)),
      );
      assert.equal(results.filter((result) => result === 'claimed').length, 1);
      assert.equal(results.filter((result) => result === 'claimedElsewhere').length, 99);
    }),
    check('keys that differ in one character are different deliveries', async (context) => {
      const almost = context.key.padEnd(499, 'x');
      const pairs = [
        [`${context.key}:a`, `${context.key}:A`],
        [`${context.key}:b`, `${context.key}:b `],
        [`${context.key}:c`, `${context.key}:c\0`],
        [`${context.key}:\u00e9`, `${context.key}:e\u0301`],
        [`${almost}1`, `${almost}2`],
      ] as const;
      for (const [one, other] of pairs) {
        assert.equal(await claim({ ...context, key: one }, 'a'), 'claimed');
        assert.equal(await claim({ ...context, key: other }, 'b'), 'claimed', other);
        await context.store.confirm(one, { keepMs: long });
        await context.store.release(other, { token: 'b' });
        assert.equal(await claim({ ...context, key: one }, 'c'), 'confirmed');
        assert.equal(await claim({ ...context, key: other }, 'c'), 'claimed', other);
      }
    }),
    check('keys may hold any character', async (context) => {
      for (const odd of ['%3A', ' ', '$x.y', 'طلب', '{tag}', '"', '\\']) {
        const odder = { ...context, key: `${context.key}:${odd}` };
        assert.equal(await claim(odder, 'a'), 'claimed', odd);
        assert.equal(await claim(odder, 'b'), 'claimedElsewhere', odd);
      }
    }),
  ];
}

interface Context extends Required<ReplayStoreHarness> {
  readonly key: string;
}
