import type { ListenerFailure } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import {
  type EndHandler,
  type Intent,
  MemoryIntentStore,
  type PayTabsClientOptions,
  type ReconcileLoopOptions,
  type RoundFailure,
} from '../src/index.js';
import { deferred, settle } from './deferred.js';
import { notSent, sampleIntent } from './sample-intent.js';
import { doneReply, reply, talk } from './with-dispatcher.js';
import { intentOf, rejection } from './with-simulator.js';

const clockOfSample = () => new ManualClock({ wallTime: Date.parse('2026-09-13T09:00:00Z') });

const setup = async (
  ends: number,
  options: Partial<PayTabsClientOptions> & { answer?: object; open?: number } = {},
) => {
  const { answer = [], open = 0, ...more } = options;
  const clock = clockOfSample();
  const intents = new MemoryIntentStore();
  const talked = talk([reply(answer)], { clock, intents, maxAttempts: 1, ...more } as object);
  const begin = async (cartId: string): Promise<Intent> => {
    const begun = { ...sampleIntent, cartId };
    await intents.begin(begun);
    return begun;
  };
  const end = async (cartId: string) => {
    await intents.replace(notSent(await begin(cartId)));
  };
  for (let number = 1; number <= ends; number += 1) await end(`ended-${number}`);
  for (let number = 1; number <= open; number += 1) await begin(`open-${number}`);
  const rounds = () => talked.events.filter(({ name }) => name === 'reconciled').length;
  return { ...talked, clock, intents, end, rounds };
};

/** A handler that keeps what it is told, and waits for `release` where it is given. */
const hearing = (release?: Promise<void>) => {
  const heard: string[] = [];
  const onEnded: EndHandler = async ({ intent }) => {
    heard.push(intent.cartId);
    await release;
  };
  return { heard, onEnded };
};

describe('reconciling again and again', () => {
  it('begins at once, goes on after each pause, and ends when it is stopped', async () => {
    const { client, clock, end, rounds } = await setup(1);
    const { heard, onEnded } = hearing();
    const stop = client.startReconciling({ everyMs: 5000, onEnded });
    await settle();
    expect(heard).toEqual(['ended-1']);
    await end('later');
    clock.advance(4999);
    await settle();
    expect([heard.length, rounds()]).toEqual([1, 1]);
    clock.advance(1);
    await settle();
    expect([heard, rounds()]).toEqual([['ended-1', 'later'], 2]);
    await stop();
    expect(clock.pendingTimers).toBe(0);
    await end('too late');
    clock.advance(60_000);
    await settle();
    expect(rounds()).toBe(2);
  });

  it('never runs two rounds at once, and pauses after the one before has ended', async () => {
    const { client, clock, rounds } = await setup(1);
    const release = deferred();
    const { heard, onEnded } = hearing(release.promise);
    client.startReconciling({ everyMs: 1000, onEnded });
    await settle();
    clock.advance(10_000);
    await settle();
    expect([heard.length, rounds()]).toEqual([1, 0]);
    release.resolve();
    await settle();
    clock.advance(999);
    await settle();
    expect(rounds()).toBe(1);
    clock.advance(1);
    await settle();
    expect(rounds()).toBe(2);
    await client.close();
  });

  it('begins nothing more once it is stopped, and waits for what has begun', async () => {
    const { client, clock, intents, end } = await setup(0);
    const release = deferred();
    const { heard, onEnded } = hearing(release.promise);
    const stop = client.startReconciling({ everyMs: 1000, onEnded });
    await settle();
    for (let number = 1; number <= 6; number += 1) await end(`ended-${number}`);
    clock.advance(1000);
    await settle();
    let isStopped = false;
    const stopped = stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect([heard.length, isStopped]).toEqual([4, false]);
    release.resolve();
    await stopped;
    expect(heard).toHaveLength(4);
    for (let number = 1; number <= 6; number += 1) {
      const isTold = heard.includes(`ended-${number}`);
      expect(await intentOf(intents, `ended-${number}`)).toMatchObject({ acknowledged: isTold });
    }
  });

  it('does not pause while more is due than one round takes', async () => {
    const { client, clock, rounds } = await setup(5);
    const { heard, onEnded } = hearing();
    const stop = client.startReconciling({ everyMs: 60_000, onEnded, limit: 2 });
    for (let turn = 0; turn < 4; turn += 1) {
      await settle();
      clock.advance(0);
    }
    expect([heard.length, rounds()]).toEqual([5, 3]);
    await stop();
  });

  it('pauses though more is due when something failed', async () => {
    const { client, clock, rounds } = await setup(5);
    const onEnded = () => Promise.reject(new Error('no books'));
    const stop = client.startReconciling({
      everyMs: 60_000,
      onEnded,
      limit: 2,
      onFailed: () => {},
    });
    await settle();
    clock.advance(59_999);
    await settle();
    expect(rounds()).toBe(1);
    await stop();
  });

  it('asks about what is open, and tells what failed, round for round', async () => {
    const failures: RoundFailure[] = [];
    const { client, clock, requests } = await setup(1, { answer: { nonsense: true }, open: 1 });
    const boom = new Error('no books');
    const onEnded = () => Promise.reject(boom);
    const onFailed = (failure: RoundFailure) => {
      failures.push(failure);
    };
    const stop = client.startReconciling({ everyMs: 5000, onEnded, onFailed });
    await settle();
    const open = { cartId: 'open-1', error: { code: 'UNEXPECTED_REPLY' } };
    expect(failures).toHaveLength(2);
    expect(failures).toContainEqual({ cartId: 'ended-1', error: boom });
    expect(failures.find(({ cartId }) => cartId === 'open-1')).toMatchObject(open);
    expect(requests).toHaveLength(1);
    clock.advance(5000);
    await settle();
    expect(failures.filter(({ cartId }) => cartId === 'ended-1')).toHaveLength(2);
    await stop();
  });

  it('goes on after a round that could not begin, and after an onFailed that throws', async () => {
    const reports: ListenerFailure[] = [];
    const { client, clock, intents } = await setup(1, {
      onListenerError: (failure) => reports.push(failure),
    });
    const listDue = intents.listDue.bind(intents);
    intents.listDue = () => Promise.reject(new Error('store is down'));
    const told: RoundFailure[] = [];
    const onFailed = (failure: RoundFailure) => {
      told.push(failure);
      throw new Error('onFailed is broken');
    };
    const { heard, onEnded } = hearing();
    const stop = client.startReconciling({ everyMs: 5000, onEnded, onFailed });
    await settle();
    expect(told).toMatchObject([{ error: { code: 'INTENT_STORE_FAILED' } }]);
    expect(told[0]).not.toHaveProperty('cartId');
    expect(reports).toMatchObject([{ error: { message: 'onFailed is broken' } }]);
    intents.listDue = listDue;
    clock.advance(5000);
    await settle();
    expect(heard).toEqual(['ended-1']);
    await stop();
  });

  it('reports what fails where nobody asked for it: once, and anew after a good round', async () => {
    const reports: ListenerFailure[] = [];
    const { client, clock, end } = await setup(1, {
      onListenerError: (failure) => reports.push(failure),
    });
    let isDown = true;
    const boom = new Error('no books');
    const onEnded = () => (isDown ? Promise.reject(boom) : undefined);
    const stop = client.startReconciling({ everyMs: 1000, onEnded });
    const nextRound = async () => {
      await settle();
      // What was told in vain is due again after two seconds; the round in between has nothing to do.
      clock.advance(1000);
      await settle();
      clock.advance(1000);
      await settle();
    };
    await nextRound();
    await nextRound();
    expect(reports).toEqual([{ kind: 'listener', name: 'reconciling', error: boom }]);
    isDown = false;
    await nextRound();
    isDown = true;
    await end('later');
    await nextRound();
    expect(reports).toHaveLength(2);
    await stop();
  });

  it('is stopped by close(), which waits for the running round', async () => {
    const { client, clock, intents } = await setup(1);
    const release = deferred();
    const { onEnded } = hearing(release.promise);
    client.startReconciling({ everyMs: 1000, onEnded });
    await settle();
    const closed = client.close();
    release.resolve();
    await closed;
    expect(await intentOf(intents, 'ended-1')).toMatchObject({ acknowledged: true });
    expect(clock.pendingTimers).toBe(0);
    expect(
      await rejection((async () => client.startReconciling({ everyMs: 1, onEnded }))()),
    ).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
  });

  it('finds out what nobody has heard of', async () => {
    const row = doneReply({ cart_id: 'open-1' });
    const { client } = await setup(0, { answer: [row], open: 1 });
    const { heard, onEnded } = hearing();
    const stop = client.startReconciling({ everyMs: 1000, onEnded });
    await settle();
    expect(heard).toEqual(['open-1']);
    await stop();
  });

  it.each<[string, object]>([
    ['everyMs', { everyMs: 0 }],
    ['everyMs', { everyMs: 86_400_001 }],
    ['everyMs', { everyMs: 1.5 }],
    ['onEnded', { onEnded: undefined }],
    ['onFailed', { onFailed: 'log' }],
    ['limit', { limit: 0 }],
    ['unknown', { unknown: 1 }],
  ])('refuses an impossible %s: %j', async (option, wrong) => {
    const { client } = await setup(0);
    const options = { everyMs: 1000, onEnded: () => {}, ...wrong } as ReconcileLoopOptions;
    expect(() => client.startReconciling(options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(option),
      }),
    );
  });
});
