import assert from 'node:assert/strict';
import { deliveryOf, failure, type InboxCheck, long, takeKeys } from './inbox-check.js';

/** Who may work on an entry, and when. */
export const inboxLeaseChecks: readonly InboxCheck[] = [
  [
    'entries are taken in the order of their due times, as many as asked for',
    async ({ store, passTime }) => {
      for (const key of ['c', 'a', 'b']) {
        await store.add(key, deliveryOf(key));
        await passTime(5);
      }
      assert.deepEqual(await takeKeys(store, 't', 2), ['c', 'a']);
      assert.deepEqual(await takeKeys(store, 't', 2), ['b']);
      assert.deepEqual(await takeKeys(store, 't', 2), []);
    },
  ],
  [
    'a hundred entries taken at once by ten workers are taken once each',
    async ({ store }) => {
      const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
      for (const key of keys) await store.add(key, deliveryOf(key));
      const workers = Array.from({ length: 10 }, async (_, index) => {
        const mine: string[] = [];
        for (;;) {
          const taken = await takeKeys(store, `worker ${index}`, 3);
          if (taken.length === 0) return mine;
          mine.push(...taken);
          // A store that gives without end must not keep the suite.
          assert.ok(mine.length <= keys.length, 'taken more often than added');
        }
      });
      assert.deepEqual((await Promise.all(workers)).flat().sort(), [...keys].sort());
    },
  ],
  [
    'an entry whose worker crashed is taken by another, and the attempt counts',
    async ({ store, shortMs, passShort }) => {
      await store.add('a', deliveryOf('a'));
      assert.deepEqual(await takeKeys(store, 'one', 10, shortMs), ['a']);
      assert.deepEqual(await takeKeys(store, 'two'), []);
      await passShort();
      const { entries } = await store.take({ token: 'two', leaseMs: long, limit: 10 });
      assert.deepEqual(entries, [{ key: 'a', delivery: deliveryOf('a'), attempt: 2 }]);
    },
  ],
  [
    'a renewed lease holds anew',
    async ({ store, shortMs, passShort }) => {
      await store.add('a', deliveryOf('a'));
      await takeKeys(store, 'one', 10, shortMs);
      assert.equal(await store.renew('a', { token: 'one', leaseMs: long }), true);
      await passShort();
      assert.deepEqual(await takeKeys(store, 'two'), []);
      assert.equal(await store.complete('a', { token: 'one', keepMs: long }), true);
    },
  ],
  [
    "another token's steps change nothing",
    async ({ store }) => {
      await store.add('a', deliveryOf('a'));
      await takeKeys(store, 'one');
      assert.equal(await store.renew('a', { token: 'two', leaseMs: 1 }), false);
      assert.equal(await store.complete('a', { token: 'two', keepMs: long }), false);
      assert.equal(await store.retry('a', { token: 'two', delayMs: 0, error: failure }), false);
      assert.equal(await store.bury('a', { token: 'two', error: failure }), false);
      assert.deepEqual(await takeKeys(store, 'two'), []);
      assert.deepEqual(await store.counts(), { due: 0, later: 1, dead: 0 });
      assert.equal(await store.complete('a', { token: 'one', keepMs: long }), true);
    },
  ],
  [
    'nobody holds what was never added, or not taken',
    async ({ store }) => {
      await store.add('b', deliveryOf('b'));
      for (const key of ['a', 'b']) {
        assert.equal(await store.renew(key, { token: 't', leaseMs: long }), false);
        assert.equal(await store.complete(key, { token: 't', keepMs: long }), false);
        assert.equal(await store.retry(key, { token: 't', delayMs: long, error: failure }), false);
        assert.equal(await store.bury(key, { token: 't', error: failure }), false);
      }
      assert.deepEqual(await takeKeys(store, 't'), ['b']);
    },
  ],
  [
    'a late worker changes nothing of its successor, but is still first where nobody came',
    async ({ store, shortMs, passShort }) => {
      for (const key of ['a', 'b']) await store.add(key, deliveryOf(key));
      assert.deepEqual((await takeKeys(store, 'late', 10, shortMs)).sort(), ['a', 'b']);
      await passShort();
      assert.equal(await store.complete('b', { token: 'late', keepMs: long }), true);
      assert.deepEqual(await takeKeys(store, 'next'), ['a']);
      assert.equal(await store.renew('a', { token: 'late', leaseMs: 1 }), false);
      assert.equal(await store.complete('a', { token: 'late', keepMs: long }), false);
      assert.equal(await store.retry('a', { token: 'late', delayMs: 0, error: failure }), false);
      assert.equal(await store.bury('a', { token: 'late', error: failure }), false);
      assert.equal(await store.complete('a', { token: 'next', keepMs: long }), true);
    },
  ],
  [
    'a retried entry is due after its delay, and its lease is over',
    async ({ store, shortMs, passShort }) => {
      await store.add('a', deliveryOf('a'));
      await takeKeys(store, 't');
      assert.equal(await store.retry('a', { token: 't', delayMs: shortMs, error: failure }), true);
      assert.equal(await store.complete('a', { token: 't', keepMs: long }), false);
      assert.equal(await store.add('a', deliveryOf('a')), 'known');
      assert.deepEqual(await takeKeys(store, 't'), []);
      await passShort();
      const { entries } = await store.take({ token: 'u', leaseMs: long, limit: 10 });
      assert.deepEqual(entries, [{ key: 'a', delivery: deliveryOf('a'), attempt: 2 }]);
    },
  ],
  [
    'tokens are text, whatever they look like',
    async ({ store }) => {
      await store.add('a', deliveryOf('a'));
      await takeKeys(store, '$token');
      assert.equal(await store.complete('a', { token: '$at', keepMs: long }), false);
      assert.equal(await store.complete('a', { token: '$token', keepMs: long }), true);
    },
  ],
];
