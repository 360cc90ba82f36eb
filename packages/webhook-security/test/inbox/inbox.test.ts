import { describe, expect, it, vi } from 'vitest';
import {
  createInbox,
  createMemoryInboxStore,
  type InboxEvent,
  type InboxOptions,
  type InboxStore,
  type InboxWork,
} from '../../src/inbox/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { callback, notice, now, verifierWith } from '../requests.js';
import { accepted } from './accepted.js';
import { methodsOf } from './methods-of.js';

const key = (tranRef: string) => `paytabs::98765%3A${tranRef}%3AA`;

/** An inbox at `now`, what it was told to process and what it told. */
function inboxWith(more: Partial<InboxOptions> = {}) {
  const clock = new ManualClock({ wallTime: now });
  const store: InboxStore = more.store ?? createMemoryInboxStore({ clock });
  const works: InboxWork[] = [];
  const events: InboxEvent[] = [];
  const { process = () => {} } = more;
  const inbox = createInbox({
    backoff: { firstDelayMs: 1_000, factor: 2, jitter: 'none' },
    clock,
    observer: (event) => events.push(event),
    ...more,
    store,
    process: (work) => {
      works.push(work);
      return process(work);
    },
  });
  const told = () => events.map(({ event }) => event);
  return { inbox, clock, store, works, events, told };
}

describe('an inbox', () => {
  it('answers once the delivery is stored, and processes it afterwards', async () => {
    const { inbox, works, events } = inboxWith();
    expect(await inbox.receive(await accepted())).toEqual({ received: true, known: false });
    expect(works).toEqual([]);
    expect(await inbox.runOnce()).toEqual({ processed: 1, retried: 0, buried: 0, lost: 0 });
    expect(works).toEqual([
      {
        key: key('TST1'),
        scheme: 'paytabs',
        tenant: undefined,
        deliveryId: '98765:TST1:A',
        payload: { ...notice, tran_ref: 'TST1' },
        stale: false,
        staleness: undefined,
        sentAt: now - 240_000,
        receivedAt: now,
        attempt: 1,
        signal: expect.any(AbortSignal),
      },
    ]);
    expect(events).toEqual([
      {
        event: 'stored',
        key: key('TST1'),
        scheme: 'paytabs',
        deliveryId: '98765:TST1:A',
        stale: false,
      },
      { event: 'processed', key: key('TST1'), attempt: 1, durationMs: 0 },
    ]);
  });

  it('keeps that a delivery is stale', async () => {
    const { inbox, works } = inboxWith();
    const old = { response_status: 'A', transaction_time: '2026-09-01T08:16:00Z' };
    await inbox.receive(await accepted('TST1', { payment_result: old }));
    await inbox.runOnce();
    expect(works).toMatchObject([{ stale: true, staleness: 'old' }]);
  });

  it('stores a delivery once, and answers the copy as known', async () => {
    const { inbox, works, told } = inboxWith();
    await inbox.receive(await accepted());
    expect(await inbox.receive(await accepted())).toEqual({ received: true, known: true });
    await inbox.runOnce();
    expect(await inbox.receive(await accepted())).toEqual({ received: true, known: true });
    await inbox.runOnce();
    expect(works).toHaveLength(1);
    expect(told()).toEqual(['stored', 'known', 'processed', 'known']);
  });

  it('keeps the deliveries of two tenants apart', async () => {
    const { inbox, works } = inboxWith();
    for (const tenant of ['north', 'south']) {
      const verdict = await verifierWith({ tenant }).verify(callback());
      if (verdict.verdict !== 'accepted') throw new Error('not accepted');
      expect(await inbox.receive(verdict)).toEqual({ received: true, known: false });
    }
    await inbox.runOnce();
    expect(works.map(({ tenant }) => tenant)).toEqual(['north', 'south']);
  });

  it('tries again what the processor throws, later each time', async () => {
    const process = ({ attempt }: InboxWork) => {
      if (attempt < 3) throw Object.assign(new TypeError('quotes a card'), { code: 'E_GONE' });
    };
    const { inbox, clock, works, events } = inboxWith({ process });
    await inbox.receive(await accepted());
    expect(await inbox.runOnce()).toMatchObject({ retried: 1 });
    clock.advance(999);
    expect(await inbox.runOnce()).toMatchObject({ processed: 0, retried: 0 });
    clock.advance(1);
    expect(await inbox.runOnce()).toMatchObject({ retried: 1 });
    clock.advance(2_000);
    expect(await inbox.runOnce()).toMatchObject({ processed: 1 });
    expect(works.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    const error = { name: 'TypeError', code: 'E_GONE' };
    expect(events.slice(1)).toEqual([
      { event: 'retried', key: key('TST1'), attempt: 1, delayMs: 1_000, error },
      { event: 'retried', key: key('TST1'), attempt: 2, delayMs: 2_000, error },
      { event: 'processed', key: key('TST1'), attempt: 3, durationMs: 0 },
    ]);
  });

  it('buries after so many attempts, and replays on demand', async () => {
    let isBroken = true;
    const process = async () => {
      if (isBroken) throw new Error('down');
    };
    const { inbox, clock, works, events, told } = inboxWith({ process, maxAttempts: 2 });
    await inbox.receive(await accepted());
    await inbox.runOnce();
    clock.advance(1_000);
    expect(await inbox.runOnce()).toMatchObject({ buried: 1 });
    expect(await inbox.counts()).toEqual({ due: 0, later: 0, dead: 1 });
    expect(await inbox.deadLetters()).toMatchObject({
      entries: [{ key: key('TST1'), attempts: 2, buriedAt: now + 1_000, error: { name: 'Error' } }],
    });
    expect(events.at(-1)).toEqual({
      event: 'buried',
      key: key('TST1'),
      attempt: 2,
      error: { name: 'Error' },
    });
    isBroken = false;
    expect(await inbox.replay('other')).toBe(false);
    expect(await inbox.replay(key('TST1'))).toBe(true);
    expect(await inbox.runOnce()).toMatchObject({ processed: 1 });
    expect(works.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
    expect(told()).toEqual(['stored', 'retried', 'buried', 'replayed', 'processed']);
    expect((await inbox.deadLetters()).entries).toEqual([]);
  });

  it('ends a processor that hangs, by its signal, and tries again', async () => {
    const process = () => new Promise<void>(() => {});
    const { inbox, clock, works, events } = inboxWith({ process, processTimeoutMs: 90_000 });
    await inbox.receive(await accepted());
    const run = inbox.runOnce();
    await clock.advanceAsync(89_999);
    expect(works[0]?.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    expect(await run).toMatchObject({ retried: 1 });
    expect(works[0]?.signal.reason).toMatchObject({ code: 'PROCESS_TIMEOUT' });
    const error = { name: 'WebhookSecurityError', code: 'PROCESS_TIMEOUT' };
    expect(events.at(-1)).toMatchObject({ event: 'retried', attempt: 1, error });
    expect(clock.pendingTimers).toBe(0);
  });

  it('renews its lease for as long as the processor works', async () => {
    let finish = () => {};
    const process = () => new Promise<void>((resolve) => (finish = resolve));
    const { inbox, clock, store, told } = inboxWith({ process, leaseMs: 30_000 });
    await inbox.receive(await accepted());
    const run = inbox.runOnce();
    await clock.advanceAsync(59_000);
    expect(await store.take({ token: 'other', leaseMs: 1_000, limit: 1 })).toMatchObject({
      entries: [],
    });
    finish();
    expect(await run).toMatchObject({ processed: 1 });
    expect(told()).toEqual(['stored', 'processed']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells the processor when its lease is lost, and leaves the entry to the other worker', async () => {
    const clock = new ManualClock({ wallTime: now });
    const real = createMemoryInboxStore({ clock });
    const store: InboxStore = {
      ...methodsOf(real),
      renew: () => Promise.reject(new Error('unreachable')),
    };
    let goOn = () => {};
    const process = async ({ signal }: InboxWork) => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      signal.throwIfAborted();
    };
    const { inbox, works, events } = inboxWith({ store, clock, process, leaseMs: 30_000 });
    await inbox.receive(await accepted());
    const run = inbox.runOnce();
    await clock.advanceAsync(29_999);
    expect(works[0]?.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    expect(works[0]?.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    const { entries } = await real.take({ token: 'other', leaseMs: 60_000, limit: 1 });
    expect(entries).toMatchObject([{ key: key('TST1'), attempt: 2 }]);
    goOn();
    expect(await run).toEqual({ processed: 0, retried: 0, buried: 0, lost: 1 });
    expect(events.at(-1)).toMatchObject({ operation: 'renew', error: { code: 'LEASE_LOST' } });
    expect(await real.complete(key('TST1'), { token: 'other', keepMs: 60_000 })).toBe(true);
  });

  it.each([
    ['silent', () => new Promise<never>(() => {})],
    [
      'slow to fail',
      (clock: ManualClock) =>
        new Promise<never>((_resolve, reject) => {
          clock.setTimer(() => reject(new Error('reset')), 9_000);
        }),
    ],
  ])('does not wait for a store that is %s to say that the lease is lost', async (_how, answer) => {
    const clock = new ManualClock({ wallTime: now });
    const real = createMemoryInboxStore({ clock });
    const store: InboxStore = { ...methodsOf(real), renew: () => answer(clock) };
    const process = ({ attempt, signal }: InboxWork) =>
      attempt === 1 &&
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const { inbox, works } = inboxWith({ store, clock, process, leaseMs: 30_000 });
    await inbox.receive(await accepted());
    const run = inbox.runOnce();
    await clock.advanceAsync(29_999);
    expect(works[0]?.signal.aborted).toBe(false);
    await clock.advanceAsync(1);
    expect(works[0]?.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    expect(await run).toMatchObject({ lost: 1, processed: 1 });
  });

  it('does not begin with an entry whose lease ran out on its way', async () => {
    const clock = new ManualClock({ wallTime: now });
    const real = createMemoryInboxStore({ clock });
    const take: InboxStore['take'] = async (options) => {
      const taken = await real.take(options);
      if (taken.entries.length > 0) clock.advance(1_000);
      return taken;
    };
    const store: InboxStore = { ...methodsOf(real), take };
    const { inbox, works } = inboxWith({ store, clock, leaseMs: 1_000, maxAttempts: 2 });
    await inbox.receive(await accepted());
    expect(await inbox.runOnce()).toEqual({ processed: 0, retried: 0, buried: 1, lost: 2 });
    expect(works).toEqual([]);
  });

  it('buries without another try what ended so many workers', async () => {
    const { inbox, clock, store, works, events } = inboxWith({ maxAttempts: 2 });
    await inbox.receive(await accepted());
    for (const token of ['crashed', 'crashed too']) {
      expect((await store.take({ token, leaseMs: 1_000, limit: 1 })).entries).toHaveLength(1);
      clock.advance(1_000);
    }
    expect(await inbox.runOnce()).toMatchObject({ buried: 1 });
    expect(works).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      event: 'buried',
      attempt: 3,
      error: { code: 'LEASE_LOST' },
    });
  });

  it('does not say that it received what it could not store', async () => {
    const clock = new ManualClock({ wallTime: now });
    const store = createMemoryInboxStore({ clock, maxEntries: 1 });
    const { inbox, events } = inboxWith({ store, clock });
    await inbox.receive(await accepted('TST1'));
    const second = await accepted('TST2');
    await expect(inbox.receive(second)).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(events.at(-1)).toMatchObject({
      event: 'storeFailed',
      operation: 'add',
      key: key('TST2'),
      error: { code: 'STORE_FULL' },
    });
  });

  it('waits for a silent store no longer than storeTimeoutMs', async () => {
    const silent = {
      ...methodsOf(createMemoryInboxStore()),
      add: () => new Promise<never>(() => {}),
    };
    const { inbox, clock } = inboxWith({ store: silent, storeTimeoutMs: 2_000 });
    const received = inbox.receive(await accepted());
    const failed = received.catch((error: unknown) => error);
    await clock.advanceAsync(2_000);
    expect(await failed).toMatchObject({ code: 'STORE_TIMEOUT' });
  });

  it('refuses payloads that JSON cannot hold, without quoting them', async () => {
    const { inbox } = inboxWith();
    const verdict = { ...(await accepted()), scheme: 'paytabs', deliveryId: 'x' };
    const withPayload = (payload: unknown) => inbox.receive({ ...verdict, payload } as never);
    for (const payload of [{ amount: 10n }, () => 1, Symbol('card')]) {
      await expect(withPayload(payload)).rejects.toMatchObject({ code: 'PAYLOAD_NOT_JSON' });
    }
    await expect(withPayload(undefined)).resolves.toMatchObject({ received: true });
  });

  it('takes no refused verdict', async () => {
    const { inbox } = inboxWith();
    const refused = await verifierWith().verify(callback(notice, { headers: [] }));
    await expect(inbox.receive(refused as never)).rejects.toThrow(/^verdict is an object; allowed/);
    await expect(inbox.receive(undefined as never)).rejects.toThrow(/^verdict is undefined/);
  });

  it('tells once of an entry that it cannot read, and goes on', async () => {
    const real = createMemoryInboxStore();
    const store: InboxStore = {
      ...methodsOf(real),
      take: async (options) => ({ ...(await real.take(options)), unreadable: ['newer'] }),
    };
    const { inbox, events, works } = inboxWith({ store });
    await inbox.receive(await accepted());
    await inbox.runOnce();
    await inbox.runOnce();
    expect(works).toHaveLength(1);
    expect(events.filter(({ event }) => event === 'storeFailed')).toEqual([
      {
        event: 'storeFailed',
        operation: 'take',
        key: 'newer',
        error: expect.objectContaining({ code: 'STORE_FORMAT' }),
      },
    ]);
  });

  it('changes nothing for an observer that throws', async () => {
    const onObserverError = vi.fn();
    const observer = () => {
      throw new Error('observer');
    };
    const { inbox, works } = inboxWith({ observer, onObserverError });
    await inbox.receive(await accepted());
    expect(await inbox.runOnce()).toMatchObject({ processed: 1 });
    expect(works).toHaveLength(1);
    expect(onObserverError.mock.calls.map(([{ event }]) => event)).toEqual(['stored', 'processed']);
  });
});
