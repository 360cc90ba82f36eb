import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { until } from '@nestcms/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../src/platform/outbox/event.js';
import { OUTBOX, type OutboxDocument } from '../src/platform/outbox/outbox.collection.js';
import { requestContext } from '../src/platform/request-context.js';
import { testVariables } from './support/environment.js';
import { type Platform, startPlatform } from './support/platform.js';

const NOW = Date.UTC(2026, 10, 20);
const LEASE_MS = 30_000;
const variables = testVariables({ OUTBOX_LEASE_MS: String(LEASE_MS) });
let writer: Platform;
let clock: ManualClock;

/** An instance of the server on the same database; with a clock of its own it can be late or dead. */
const instance = (over: { clock?: ManualClock } = {}): Promise<Platform> =>
  startPlatform({ variables, clock: over.clock ?? clock });

const append = async (aggregateId: string, type: string): Promise<void> => {
  await writer.database.transaction((session) =>
    writer.outbox.append(session, {
      type,
      aggregate: { type: 'thing', id: aggregateId },
      data: {},
    }),
  );
};

const stored = (): Promise<OutboxDocument[]> =>
  writer.database.collection<OutboxDocument>(OUTBOX).find().sort({ sequence: 1 }).toArray();

beforeAll(async () => {
  clock = new ManualClock({ wallTime: NOW });
  writer = await instance();
});
beforeEach(async () => {
  await writer.database.collection(OUTBOX).deleteMany({});
});
afterAll(() => writer.stop({ drop: true }));

describe('the outbox', () => {
  it('keeps an event of a committed transaction and none of an aborted one', async () => {
    const { database, outbox } = writer;
    await append('a', 'thing.made');
    const event = { type: 'thing.lost', aggregate: { type: 'thing', id: 'a' }, data: {} };
    await expect(
      database.transaction(async (session) => {
        await outbox.append(session, event);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect((await stored()).map(({ type }) => type)).toEqual(['thing.made']);
  });

  it('refuses an event outside of a transaction', async () => {
    const session = writer.database.client.startSession();
    const event = { type: 'thing.made', aggregate: { type: 'thing', id: 'a' }, data: {} };
    await expect(writer.outbox.append(session, event)).rejects.toThrow('inside a transaction');
    await session.endSession();
  });

  it('numbers the events of an aggregate without gap or double, also from twenty transactions at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => append('busy', `thing.did${index}`)),
    );
    expect((await stored()).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('remembers the request that caused it', async () => {
    const { relay, stop } = await instance();
    const seen: string[] = [];
    relay.subscribe('log', async ({ correlationId }) => {
      seen.push(correlationId, requestContext.getStore()?.requestId ?? '');
    });
    await requestContext.run({ requestId: 'request-1' }, () => append('a', 'thing.made'));
    await relay.drain();
    expect(seen).toEqual(['request-1', 'request-1']);
    await stop();
  });
});

describe('the relay', () => {
  it('delivers after a restart what a crash between commit and publish left behind', async () => {
    await append('a', 'thing.made');
    // The writer never delivers: it stands for an instance that was killed right after the commit.
    const restarted = await instance();
    const seen: StoredEvent[] = [];
    restarted.relay.subscribe('log', async (event) => {
      seen.push(event);
    });
    await restarted.relay.drain();
    expect(seen).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        v: 1,
        type: 'thing.made',
        aggregate: { type: 'thing', id: 'a' },
        sequence: 1,
        data: {},
        time: new Date(NOW),
        correlationId: 'none',
      },
    ]);
    await restarted.relay.drain();
    expect(seen).toHaveLength(1);
    await restarted.stop();
  });

  it('takes over the event of an instance that died while delivering, once its lease is over', async () => {
    await append('a', 'thing.made');
    const dying = await instance({ clock: new ManualClock({ wallTime: NOW }) });
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let release = (): void => undefined;
    dying.relay.subscribe('log', () => {
      arrived();
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const lost = dying.relay.drain();
    await arrival;

    const later = new ManualClock({ wallTime: NOW });
    const heir = await instance({ clock: later });
    const seen: string[] = [];
    heir.relay.subscribe('log', async ({ type }) => {
      seen.push(type);
    });
    later.advance(LEASE_MS - 1);
    await heir.relay.drain();
    expect(seen).toEqual([]);
    later.advance(1);
    await heir.relay.drain();
    expect(seen).toEqual(['thing.made']);

    // The dead one comes back to life and finishes: its late word changes nothing.
    release();
    await lost;
    expect((await stored()).map(({ pending }) => pending)).toEqual([false]);
    await Promise.all([dying.stop(), heir.stop()]);
  });

  it('keeps its lease while a subscriber is slow', async () => {
    await append('a', 'thing.made');
    const slow = await instance();
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    slow.relay.subscribe('log', () => {
      arrived();
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const delivery = slow.relay.drain();
    await arrival;
    const firstUntil = clock.wallTime() + LEASE_MS;
    clock.advance(LEASE_MS / 3);
    const renewedUntil = await until(
      async () => {
        const until = (await stored())[0]?.leasedUntil.getTime() ?? 0;
        return until > firstUntil && until;
      },
      { what: 'the renewed lease', timeoutMs: 5_000 },
    );
    expect(renewedUntil).toBe(clock.wallTime() + LEASE_MS);
    release();
    await delivery;
    await slow.stop();
  });

  it('keeps the order of each aggregate with two instances at work, and delivers nothing twice', async () => {
    // More than one instance works on at a time, so that the other one gets some too.
    const aggregates = Array.from({ length: 12 }, (_, index) => `aggregate${index}`);
    const perAggregate = 5;
    await Promise.all(
      aggregates.map(async (id) => {
        for (let index = 1; index <= perAggregate; index += 1)
          await append(id, `thing.did${index}`);
      }),
    );
    const [first, second] = await Promise.all([instance(), instance()]);
    const seen: { by: string; id: string; sequence: number }[] = [];
    const atWork = new Set<string>();
    let begin = (): void => undefined;
    const bothAtWork = new Promise<void>((resolve) => {
      begin = resolve;
    });
    for (const [by, { relay }] of Object.entries({ first, second })) {
      relay.subscribe('log', async ({ aggregate, sequence }) => {
        if (atWork.add(by).size === 2) begin();
        await bothAtWork;
        seen.push({ by, id: aggregate.id, sequence });
      });
    }
    await until(
      async () => {
        await Promise.all([first.relay.drain(), second.relay.drain()]);
        return (await first.relay.lag()).pending === 0;
      },
      { what: 'all events', timeoutMs: 15_000 },
    );
    for (const id of aggregates) {
      expect(seen.filter((one) => one.id === id).map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: perAggregate }, (_, index) => index + 1),
      );
    }
    expect(new Set(seen.map(({ by }) => by))).toEqual(new Set(['first', 'second']));
    await Promise.all([first.stop(), second.stop()]);
  });

  it('calls a subscriber that failed again, later and later, and holds back only that aggregate', async () => {
    await append('bad', 'thing.first');
    await append('bad', 'thing.second');
    await append('good', 'thing.other');
    const { relay, stop } = await instance();
    const seen: string[] = [];
    let failures = 3;
    relay.subscribe('steady', async ({ type }) => {
      seen.push(`steady ${type}`);
    });
    relay.subscribe('shaky', async ({ type }) => {
      if (type === 'thing.first' && failures > 0) {
        failures -= 1;
        throw new Error('not now');
      }
      seen.push(`shaky ${type}`);
    });
    await relay.drain();
    expect(seen.sort()).toEqual(['shaky thing.other', 'steady thing.first', 'steady thing.other']);
    expect((await relay.lag()).pending).toBe(2);

    // Waits of at most 200, 400 and 800 ms; after three quarters of one it may not be due yet.
    for (const waitMs of [200, 400, 800]) {
      const before = failures;
      clock.advance(waitMs * 0.7);
      await relay.drain();
      expect(failures).toBe(before);
      clock.advance(waitMs * 0.3);
      await relay.drain();
    }
    expect(seen.slice(3)).toEqual([
      'shaky thing.first',
      'steady thing.second',
      'shaky thing.second',
    ]);
    await stop();
  });

  it('brings an event to every subscriber, also to those named after one that fails', async () => {
    await append('a', 'thing.made');
    const { relay, stop } = await instance();
    const seen: string[] = [];
    let fails = true;
    relay.subscribe('shaky', async ({ type }) => {
      // Not even an error: whatever is thrown is a failure.
      if (fails) throw undefined;
      seen.push(`shaky ${type}`);
    });
    relay.subscribe('steady', async ({ type }) => {
      seen.push(`steady ${type}`);
    });
    await relay.drain();
    expect(seen).toEqual(['steady thing.made']);
    expect(await stored()).toMatchObject([{ pending: true, delivered: ['steady'] }]);
    fails = false;
    clock.advance(200);
    await relay.drain();
    expect(seen).toEqual(['steady thing.made', 'shaky thing.made']);
    await stop();
  });

  it('wakes up by a commit of its own instance, without waiting for the poll', async () => {
    const { relay, database, outbox, stop } = await instance();
    const seen: string[] = [];
    relay.subscribe('log', async ({ type }) => {
      seen.push(type);
    });
    relay.onApplicationBootstrap();
    await database.transaction((session) =>
      outbox.append(session, {
        type: 'thing.made',
        aggregate: { type: 'thing', id: 'own' },
        data: {},
      }),
    );
    await until(() => seen.length > 0, { what: 'the event', timeoutMs: 5_000 });

    await append('other', 'thing.elsewhere');
    clock.advance(1_000);
    await until(() => seen.length > 1, { what: 'the polled event', timeoutMs: 5_000 });
    expect(seen).toEqual(['thing.made', 'thing.elsewhere']);
    await stop();
  });

  it('says how much waits and since when', async () => {
    const { relay, stop } = await instance();
    expect(await relay.lag()).toEqual({ pending: 0, oldestAgeMs: 0 });
    await append('a', 'thing.made');
    clock.advance(5_000);
    await append('b', 'thing.made');
    expect(await relay.lag()).toEqual({ pending: 2, oldestAgeMs: 5_000 });
    await stop();
  });

  it('refuses two subscribers of one name', async () => {
    const { relay, stop } = await instance();
    relay.subscribe('log', async () => undefined);
    expect(() => relay.subscribe('log', async () => undefined)).toThrow('log');
    await stop();
  });
});
