import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Timestamp } from 'mongodb';
import {
  BYTES,
  type ConformanceChecks,
  dependency,
  fill,
  invalidateUntil,
  listenTo,
  TOKEN,
  TTL_MS,
} from './support.js';

/** Values and what makes them void. */
export const VALIDITY_CHECKS: ConformanceChecks = {
  'gives back the very bytes, to another process too': async ({ one, other }) => {
    const key = randomUUID();
    const collection = dependency();
    await fill(one, key, [collection]);
    const { value } = await other.look(key, [collection]);
    assert.deepEqual(Uint8Array.from(value?.bytes ?? []), BYTES);
    assert.ok((value?.remainingMs ?? 0) > 0 && (value?.remainingMs ?? 0) <= TTL_MS);
  },

  'has nothing under an unknown key': async ({ one }) => {
    assert.equal((await one.look(randomUUID(), [dependency()])).value, undefined);
  },

  'keeps a value no longer than its time to live': async ({ one, elapse }) => {
    const key = randomUUID();
    const collection = dependency();
    await fill(one, key, [collection], 40);
    await elapse(80);
    assert.equal((await one.look(key, [collection])).value, undefined);
  },

  'names one generation for each collection, in the order asked': async ({ one, other }) => {
    const [a, b] = [dependency(), dependency()];
    const seen = await one.generations([a, b]);
    assert.deepEqual(
      seen.map((generation) => generation.dependency),
      [a, b],
    );
    const again = await other.look(randomUUID(), [b, a]);
    assert.deepEqual(again.generations, [...seen].reverse());
  },

  'moves a collection to a generation never seen before': async ({ one, other }) => {
    const collection = dependency();
    const [first] = await one.generations([collection]);
    const ids = new Set([first?.id ?? '']);
    for (let round = 0; round < 20; round += 1) {
      const [moved] = await one.invalidate([{ dependency: collection }]);
      const [seen] = await other.generations([collection]);
      assert.equal(seen?.id, moved?.id);
      ids.add(seen?.id ?? '');
    }
    assert.equal(ids.size, 21);
  },

  'leaves other collections alone': async ({ one }) => {
    const [a, b] = [dependency(), dependency()];
    const [, before] = await one.generations([a, b]);
    await one.invalidate([{ dependency: a }]);
    const [, after] = await one.generations([a, b]);
    assert.deepEqual(after, before);
  },

  'refuses a value whose load began before an invalidation': async ({ one, other }) => {
    const key = randomUUID();
    const [a, b] = [dependency(), dependency()];
    const { generations } = await one.look(key, [a, b]);
    await other.invalidate([{ dependency: b }]);
    assert.equal(await one.store({ key, bytes: BYTES, ttlMs: TTL_MS, generations }), 'moved');
    assert.equal((await one.look(key, [a, b])).value, undefined);
  },

  'never accepts an old generation again after losing everything': async ({ one, wipe }) => {
    const key = randomUUID();
    const collection = dependency();
    const before = await fill(one, key, [collection]);
    await wipe();
    const { generations, value } = await one.look(key, [collection]);
    assert.equal(value, undefined);
    assert.notEqual(generations[0]?.id, before[0]?.id);
    const late = { key, bytes: BYTES, ttlMs: TTL_MS, generations: before };
    assert.equal(await one.store(late), 'moved');
  },

  'carries the time of the write, signature and all': async ({ one, other }) => {
    const collection = dependency();
    await one.invalidate([{ dependency: collection, after: TOKEN }]);
    const [seen] = await other.generations([collection]);
    assert.ok(seen?.after?.operationTime.equals(TOKEN.operationTime));
    const signature = seen?.after?.clusterTime?.signature;
    assert.equal(String(signature?.keyId), '7300000000000000001');
    assert.deepEqual(
      Uint8Array.from(signature?.hash.value() ?? []),
      Uint8Array.from(TOKEN.clusterTime.signature.hash.value()),
    );
  },

  'keeps the later of two times, and the time of an invalidation without one': async ({ one }) => {
    const collection = dependency();
    const earlier = { operationTime: new Timestamp({ t: 1_600_000_000, i: 99 }) };
    await one.invalidate([{ dependency: collection, after: TOKEN }]);
    await one.invalidate([{ dependency: collection, after: earlier }]);
    await one.invalidate([{ dependency: collection }]);
    const [seen] = await one.generations([collection]);
    assert.ok(seen?.after?.operationTime.equals(TOKEN.operationTime));
  },

  'tells every process of an invalidation': async ({ one, other }) => {
    const collection = dependency();
    const heard = [one, other].map((store) => listenTo(store, collection));
    const ids = await invalidateUntil(one, collection, () =>
      heard.every(({ generations }) => generations.length > 0),
    );
    for (const { generations, end } of heard) {
      end();
      const [generation] = generations;
      assert.ok(ids.has(generation?.id ?? ''));
      assert.ok(generation?.after?.operationTime.equals(TOKEN.operationTime));
    }
  },

  'tells nobody whose subscription has ended': async ({ one }) => {
    const collection = dependency();
    const left = listenTo(one, collection);
    const stayed = listenTo(one, collection);
    left.end();
    await invalidateUntil(one, collection, () => stayed.generations.length > 0);
    stayed.end();
    assert.equal(left.generations.length, 0);
  },

  'numbers its announcements, and tells how far they are': async ({ one, other }) => {
    const collection = dependency();
    const first = await one.position();
    assert.deepEqual(await other.position(), first);
    const heard = listenTo(other, collection);
    await invalidateUntil(one, collection, () => heard.positions.length > 1);
    heard.end();
    const [before, after] = heard.positions;
    assert.equal(before?.epoch, first.epoch);
    assert.equal(after?.sequence, (before?.sequence ?? 0) + 1);
    const last = await one.position();
    assert.ok(last.sequence >= (after?.sequence ?? 0));
    assert.equal(last.epoch, first.epoch);
  },

  'has the generation of everything as its epoch': async ({ one, other }) => {
    const [everything] = await one.generations(['*']);
    assert.equal((await other.position()).epoch, everything?.id);
    const [moved] = await one.invalidate([{ dependency: '*', after: TOKEN }]);
    assert.notEqual(moved?.id, everything?.id);
    const { epoch } = await other.position();
    assert.equal(epoch, moved?.id);
    assert.ok(moved?.after?.operationTime.equals(TOKEN.operationTime));
    await one.invalidate([{ dependency: dependency() }]);
    assert.equal((await other.position()).epoch, epoch);
  },

  'refuses what was loaded before everything was invalidated': async ({ one, other }) => {
    const key = randomUUID();
    const dependencies = ['*', dependency()];
    const { generations } = await one.look(key, dependencies);
    await other.invalidate([{ dependency: '*' }]);
    assert.equal(await one.store({ key, bytes: BYTES, ttlMs: TTL_MS, generations }), 'moved');
  },

  'gives a lost generation another id, and the newest time of all': async ({ one, evict }) => {
    const key = randomUUID();
    const [lost, other] = [dependency(), dependency()];
    const [before] = await fill(one, key, [lost]);
    await one.invalidate([{ dependency: other, after: TOKEN }]);
    await evict(lost);
    const late = { key, bytes: BYTES, ttlMs: TTL_MS, generations: before ? [before] : [] };
    assert.equal(await one.store(late), 'moved');
    const [after] = await one.generations([lost]);
    assert.notEqual(after?.id, before?.id);
    assert.ok(after?.after?.operationTime.equals(TOKEN.operationTime));
    assert.equal(String(after?.after?.clusterTime?.signature?.keyId), '7300000000000000001');
  },

  'gives what nobody has named before the newest time of all': async ({ one, other }) => {
    await one.invalidate([{ dependency: dependency(), after: TOKEN }]);
    const [unknown] = await other.generations([dependency()]);
    assert.ok(unknown?.after?.operationTime.equals(TOKEN.operationTime));
  },

  'begins another epoch, without a time, after losing everything': async ({ one, wipe }) => {
    await one.invalidate([{ dependency: '*', after: TOKEN }]);
    const { epoch } = await one.position();
    await wipe();
    const [everything, other] = await one.generations(['*', dependency()]);
    assert.notEqual(everything?.id, epoch);
    assert.equal(everything?.after, undefined);
    assert.equal(other?.after, undefined);
    assert.equal((await one.position()).epoch, everything?.id);
  },

  'moves each of many at once, and names them in the order given': async ({ one, other }) => {
    const names = Array.from({ length: 1_500 }, dependency);
    const before = await one.generations(names);
    const moved = await other.invalidate(names.map((name) => ({ dependency: name })));
    assert.deepEqual(
      moved.map((generation) => generation.dependency),
      names,
    );
    const after = await one.generations(names);
    for (const [index, { id }] of after.entries()) {
      assert.equal(id, moved[index]?.id);
      assert.notEqual(id, before[index]?.id);
    }
  },

  'looks at many keys at once, each with its own generations': async ({ one }) => {
    const [a, b] = [dependency(), dependency()];
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await Promise.all(keys.slice(0, 50).map((key) => fill(one, key, [a])));
    const looks = await Promise.all(
      keys.map((key, index) => one.look(key, index % 2 === 0 ? [a, b] : [b])),
    );
    for (const [index, { value, generations }] of looks.entries()) {
      assert.equal(value !== undefined, index < 50);
      assert.deepEqual(
        generations.map((generation) => generation.dependency),
        index % 2 === 0 ? [a, b] : [b],
      );
    }
  },

  'forgets a removed value': async ({ one, other }) => {
    const key = randomUUID();
    const collection = dependency();
    await fill(one, key, [collection]);
    await other.remove(key);
    assert.equal((await one.look(key, [collection])).value, undefined);
  },

  'keeps collections apart whatever characters their names have': async ({ one }) => {
    const names = ['shop.a', 'shop.a.b', 'shop.é漢', 'shop.{x}', 'shop.a b'].map(
      (name) => `${name}${randomUUID()}`,
    );
    await one.invalidate(names.map((name) => ({ dependency: name })));
    const seen = await one.generations(names);
    assert.deepEqual(
      seen.map((generation) => generation.dependency),
      names,
    );
  },
};
