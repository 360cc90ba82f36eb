import assert from 'node:assert/strict';
import {
  deliveryOf,
  failure,
  type InboxCheck,
  type InboxStoreHarness,
  long,
  takeKeys,
} from './inbox-check.js';
import { inboxDeadLetterChecks } from './inbox-dead-letter-checks.js';
import { inboxLeaseChecks } from './inbox-lease-checks.js';
import type { ConformanceCheck } from './replay-store-conformance.js';

/**
 * What every inbox store must do.
 * @param harness called once a check; each needs an empty inbox
 */
export function inboxStoreConformance(
  harness: () => Promise<InboxStoreHarness> | InboxStoreHarness,
): readonly ConformanceCheck[] {
  return [...addingChecks, ...inboxLeaseChecks, ...inboxDeadLetterChecks].map(([name, body]) => ({
    name,
    run: async () => {
      const { store, passTime, shortMs = 150 } = await harness();
      await body({ store, passTime, shortMs, passShort: () => passTime(shortMs + 100) });
    },
  }));
}

const addingChecks: readonly InboxCheck[] = [
  [
    'a delivery is added once, and known from then on',
    async ({ store }) => {
      assert.equal(await store.add('a', deliveryOf('a')), 'added');
      assert.equal(await store.add('a', deliveryOf('other')), 'known');
      const { entries } = await store.take({ token: 't', leaseMs: long, limit: 10 });
      assert.deepEqual(entries, [{ key: 'a', delivery: deliveryOf('a'), attempt: 1 }]);
      assert.equal(await store.add('a', deliveryOf('a')), 'known');
    },
  ],
  [
    'of a hundred concurrent adds one adds',
    async ({ store }) => {
      const add = async () => store.add('a', deliveryOf('a'));
      const results = await Promise.all(Array.from({ length: 100 }, add));
      assert.equal(results.filter((result) => result === 'added').length, 1);
      assert.deepEqual(await takeKeys(store, 't'), ['a']);
    },
  ],
  [
    'a delivery comes back as it was stored, whatever it holds',
    async ({ store }) => {
      const odd = [
        deliveryOf('a', { payload: undefined, sentAt: undefined }),
        deliveryOf('b', { payload: '"$at {x} \\" \\u0000 طلب 😀"', tenant: '$north' }),
        deliveryOf('c', { payload: '[0.1,1e300,12345678901234567890]', deliveryId: '' }),
        deliveryOf('d', { stale: true, staleness: 'old', tenant: 'شمال' }),
        deliveryOf('e', { payload: JSON.stringify('x'.repeat(300_000)) }),
      ];
      for (const [index, delivery] of odd.entries()) await store.add(`${index}`, delivery);
      const { entries } = await store.take({ token: 't', leaseMs: long, limit: 10 });
      const byKey = [...entries].sort((one, other) => (one.key < other.key ? -1 : 1));
      assert.deepEqual(
        byKey.map(({ delivery }) => delivery),
        odd,
      );
    },
  ],
  [
    'keys may hold any character, and differ by one',
    async ({ store }) => {
      const base = 'x'.repeat(499);
      const keys = [
        'a',
        'A',
        'a ',
        '%3A',
        '$x.y',
        'طلب',
        '{tag}',
        '"',
        '\\',
        `${base}1`,
        `${base}2`,
      ];
      for (const key of keys) assert.equal(await store.add(key, deliveryOf(key)), 'added', key);
      const { entries } = await store.take({ token: 't', leaseMs: long, limit: 50 });
      assert.deepEqual(entries.map(({ key }) => key).sort(), [...keys].sort());
      for (const { key, delivery } of entries) assert.equal(delivery.deliveryId, key);
      for (const key of keys) {
        assert.equal(await store.complete(key, { token: 't', keepMs: long }), true, key);
      }
    },
  ],
  [
    'a completed delivery is known, and taken no more, until keepMs is over',
    async ({ store, shortMs, passShort }) => {
      for (const key of ['a', 'b']) await store.add(key, deliveryOf(key));
      await takeKeys(store, 't');
      assert.equal(await store.complete('a', { token: 't', keepMs: shortMs }), true);
      assert.equal(await store.complete('b', { token: 't', keepMs: long }), true);
      assert.equal(await store.add('a', deliveryOf('a')), 'known');
      assert.deepEqual(await takeKeys(store, 't'), []);
      await passShort();
      assert.equal(await store.add('a', deliveryOf('a again')), 'added');
      assert.equal(await store.add('b', deliveryOf('b')), 'known');
      const { entries } = await store.take({ token: 't', leaseMs: long, limit: 10 });
      assert.deepEqual(entries, [{ key: 'a', delivery: deliveryOf('a again'), attempt: 1 }]);
    },
  ],
  [
    'counts what is due, what is for later and what is dead',
    async ({ store }) => {
      assert.deepEqual(await store.counts(), { due: 0, later: 0, dead: 0 });
      for (const key of ['a', 'b', 'c', 'd', 'e']) await store.add(key, deliveryOf(key));
      const [first = '', second = '', third = ''] = await takeKeys(store, 't', 4);
      await store.complete(first, { token: 't', keepMs: long });
      await store.retry(second, { token: 't', delayMs: long, error: failure });
      await store.bury(third, { token: 't', error: failure });
      assert.deepEqual(await store.counts(), { due: 1, later: 2, dead: 1 });
    },
  ],
];
