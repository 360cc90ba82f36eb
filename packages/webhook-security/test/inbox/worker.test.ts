import { describe, expect, it } from 'vitest';
import {
  createInbox,
  createMemoryInboxStore,
  type InboxEvent,
  type InboxOptions,
  type InboxStore,
} from '../../src/inbox/index.js';
import { deliveryOf } from '../../src/testing/inbox-check.js';
import { ManualClock } from '../../src/testing/index.js';
import { accepted } from './accepted.js';
import { methodsOf } from './methods-of.js';

/** A started inbox whose processor ends when told to. */
function startedWith(more: Partial<InboxOptions> = {}) {
  const clock = new ManualClock();
  const store = createMemoryInboxStore({ clock });
  const running: { readonly key: string; readonly end: () => void }[] = [];
  const events: InboxEvent[] = [];
  const inbox = createInbox({
    store,
    process: ({ key }) => new Promise<void>((end) => running.push({ key, end })),
    clock,
    observer: (event) => events.push(event),
    ...more,
  });
  inbox.start();
  return { inbox, clock, store, running, events };
}

describe('a started inbox', () => {
  it('takes a delivery at once that it received itself', async () => {
    const { inbox, clock, running } = startedWith();
    await clock.advanceAsync(0);
    await inbox.receive(await accepted());
    await clock.advanceAsync(0);
    expect(running).toHaveLength(1);
  });

  it('asks every pollMs for what others received', async () => {
    const { clock, store, running } = startedWith({ pollMs: 500 });
    await clock.advanceAsync(0);
    await store.add('a', deliveryOf('a'));
    await clock.advanceAsync(499);
    expect(running).toHaveLength(0);
    await clock.advanceAsync(1);
    expect(running.map(({ key }) => key)).toEqual(['a']);
  });

  it('works on so many at a time, and takes the next as soon as one ends', async () => {
    const { clock, store, running } = startedWith({ concurrency: 2 });
    await clock.advanceAsync(0);
    for (const key of ['a', 'b', 'c', 'd']) {
      await store.add(key, deliveryOf(key));
      clock.advance(1);
    }
    await clock.advanceAsync(1_000);
    expect(running.map(({ key }) => key)).toEqual(['a', 'b']);
    await clock.advanceAsync(10_000);
    expect(running).toHaveLength(2);
    running[1]?.end();
    await clock.advanceAsync(0);
    expect(running.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('takes more than one batch of a store when many are due', async () => {
    const { clock, store, running } = startedWith({ concurrency: 50 });
    await clock.advanceAsync(0);
    for (let index = 0; index < 60; index += 1) await store.add(`${index}`, deliveryOf('a'));
    await clock.advanceAsync(1_000);
    expect(running).toHaveLength(50);
  });

  it('stops by waiting for what runs, and takes no more', async () => {
    const { inbox, clock, store, running } = startedWith();
    await inbox.receive(await accepted('TST1'));
    await clock.advanceAsync(0);
    let isStopped = false;
    const stopped = inbox.stop().then(() => {
      isStopped = true;
    });
    await inbox.receive(await accepted('TST2'));
    await clock.advanceAsync(5_000);
    expect(isStopped).toBe(false);
    running[0]?.end();
    await stopped;
    await clock.advanceAsync(5_000);
    expect(running).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    expect(await store.counts()).toEqual({ due: 1, later: 0, dead: 0 });
    inbox.start();
    inbox.start();
    await clock.advanceAsync(0);
    expect(running).toHaveLength(2);
  });

  it('goes on after its store failed', async () => {
    const clock = new ManualClock();
    const real = createMemoryInboxStore({ clock });
    let isDown = true;
    const take: InboxStore['take'] = async (options) => {
      if (isDown) throw new Error('connection lost');
      return real.take(options);
    };
    const store = { ...methodsOf(real), take };
    const { inbox, running, events } = startedWith({ store, clock, pollMs: 1_000 });
    await inbox.receive(await accepted());
    await clock.advanceAsync(3_000);
    expect(running).toHaveLength(0);
    expect(events.at(-1)).toMatchObject({ event: 'storeFailed', operation: 'take' });
    isDown = false;
    await clock.advanceAsync(1_000);
    expect(running).toHaveLength(1);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ store: {} }, /^store is an object; allowed: an InboxStore/],
    [{ process: 'later' }, /^process is a text of 5 characters; allowed: a function/],
    [{ maxAttempts: 0 }, /^maxAttempts is 0; allowed: a whole number from 1 to 1000/],
    [{ leaseMs: 999 }, /^leaseMs is 999/],
    [{ concurrency: 0 }, /^concurrency is 0/],
    [{ pollMs: 9 }, /^pollMs is 9/],
    [{ processTimeoutMs: 0 }, /^processTimeoutMs is 0/],
    [{ keepMs: 59_999 }, /^keepMs is 59999/],
    [{ storeTimeoutMs: 60_001 }, /^storeTimeoutMs is 60001/],
    [{ backoff: 7 }, /^backoff is 7; allowed: an object/],
    [{ clock: Date }, /^clock is a function/],
    [{ observer: {} }, /^observer is an object/],
    [{ onObserverError: 1 }, /^onObserverError is 1/],
    [{ maxAttempt: 1 }, /^maxAttempt is unknown; allowed: store, process/],
  ])('%j is refused', (wrong, message) => {
    const right = { store: createMemoryInboxStore(), process: () => {} };
    expect(() => createInbox({ ...right, ...wrong } as never)).toThrow(message);
  });

  it('refuses impossible pages and keys', async () => {
    const inbox = createInbox({ store: createMemoryInboxStore(), process: () => {} });
    await expect(inbox.deadLetters({ limit: 0 })).rejects.toThrow(/^limit is 0/);
    await expect(inbox.deadLetters({ page: 2 } as never)).rejects.toThrow(/^page is unknown/);
    await expect(inbox.deadLetters({ after: 'x' })).rejects.toThrow(/^after is a text/);
    await expect(inbox.replay(7 as never)).rejects.toThrow(/^key is 7/);
  });
});
