import assert from 'node:assert/strict';
import { deliveryOf, failure, type InboxCheck, long, takeKeys } from './inbox-check.js';

/** What becomes of entries that were given up. */
export const inboxDeadLetterChecks: readonly InboxCheck[] = [
  [
    'a buried entry is a dead letter, known, and taken no more',
    async ({ store, shortMs, passShort }) => {
      await store.add('a', deliveryOf('a', { stale: true, staleness: 'unknown' }));
      await takeKeys(store, 't', 10, shortMs);
      assert.equal(await store.bury('a', { token: 't', error: failure }), true);
      assert.equal(await store.add('a', deliveryOf('a')), 'known');
      await passShort();
      assert.deepEqual(await takeKeys(store, 't'), []);
      assert.equal(await store.complete('a', { token: 't', keepMs: long }), false);
      const { entries, next } = await store.deadLetters({ limit: 10 });
      assert.equal(next, undefined);
      assert.ok(entries[0] !== undefined);
      const { buriedAt, ...letter } = entries[0];
      assert.ok(Number.isSafeInteger(buriedAt) && buriedAt > 1_600_000_000_000);
      assert.deepEqual(letter, {
        key: 'a',
        delivery: deliveryOf('a', { stale: true, staleness: 'unknown' }),
        attempts: 1,
        error: failure,
      });
    },
  ],
  [
    'an error keeps its name and the kind of its code',
    async ({ store }) => {
      const errors = [{ name: 'Error' }, { name: 'Error', code: 11_000 }, failure];
      for (const [index, error] of errors.entries()) {
        await store.add(`${index}`, deliveryOf('a'));
        await takeKeys(store, 't');
        await store.bury(`${index}`, { token: 't', error });
      }
      const { entries } = await store.deadLetters({ limit: 10 });
      const byKey = [...entries].sort((one, other) => (one.key < other.key ? -1 : 1));
      assert.deepEqual(
        byKey.map(({ error }) => error),
        errors,
      );
    },
  ],
  [
    'dead letters are listed in pages, each once, though some are replayed in between',
    async ({ store }) => {
      const keys = Array.from({ length: 7 }, (_, index) => `key:${index}`);
      for (const key of keys) await store.add(key, deliveryOf(key));
      await takeKeys(store, 't');
      for (const key of keys) await store.bury(key, { token: 't', error: failure });
      const listed: string[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const page = await store.deadLetters({ limit: 3, after });
        assert.ok(page.entries.length <= 3);
        const found = page.entries.map(({ key }) => key);
        listed.push(...found);
        // The one the next page begins after.
        await store.replay(found.at(-1) ?? '');
        after = page.next;
        pages += 1;
        // A store whose pages never end must not keep the suite.
        assert.ok(pages <= 3, 'more pages than there are letters for');
      } while (after !== undefined);
      assert.equal(pages, 3);
      assert.deepEqual([...listed].sort(), keys);
    },
  ],
  [
    'a page of exactly all has no next',
    async ({ store }) => {
      for (const key of ['a', 'b']) await store.add(key, deliveryOf(key));
      await takeKeys(store, 't');
      for (const key of ['a', 'b']) await store.bury(key, { token: 't', error: failure });
      const { entries, next } = await store.deadLetters({ limit: 2 });
      assert.equal(entries.length, 2);
      assert.equal(next, undefined);
    },
  ],
  [
    'a replayed dead letter is due now, and its attempts begin anew',
    async ({ store }) => {
      await store.add('a', deliveryOf('a'));
      await takeKeys(store, 't');
      await store.bury('a', { token: 't', error: failure });
      assert.equal(await store.replay('a'), true);
      assert.deepEqual(await store.counts(), { due: 1, later: 0, dead: 0 });
      const { entries } = await store.take({ token: 'u', leaseMs: long, limit: 10 });
      assert.deepEqual(entries, [{ key: 'a', delivery: deliveryOf('a'), attempt: 1 }]);
      assert.deepEqual(await store.deadLetters({ limit: 10 }), { entries: [], next: undefined });
    },
  ],
  [
    'replaying what is no dead letter changes nothing',
    async ({ store }) => {
      assert.equal(await store.replay('a'), false);
      await store.add('a', deliveryOf('a'));
      assert.equal(await store.replay('a'), false);
      await takeKeys(store, 't');
      assert.equal(await store.replay('a'), false);
      assert.deepEqual(await store.counts(), { due: 0, later: 1, dead: 0 });
      await store.complete('a', { token: 't', keepMs: long });
      assert.equal(await store.replay('a'), false);
      assert.deepEqual(await takeKeys(store, 't'), []);
    },
  ],
];
