import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type Intent, MemoryIntentStore } from '../../src/index.js';
import { deferred, settle } from '../deferred.js';
import {
  completed,
  pageRequest,
  paidSale,
  rejection,
  remembered,
  soon,
  startPair,
  stateOf,
} from '../with-simulator.js';

const start = async () => {
  const clock = new ManualClock();
  const intents = new MemoryIntentStore();
  const pair = await startPair({ simulator: { clock }, client: { intents } });
  const { tranRef } = await paidSale(pair);
  /** Closes the client, and says whether that is done. */
  const close = () => {
    let isClosed = false;
    const closed = pair.client.close().then(() => {
      isClosed = true;
    });
    return { closed, isClosed: () => isClosed };
  };
  return { ...pair, clock, intents, close, refund: { ...pageRequest(), tranRef } };
};

/** Has the store take its time over one kind of write. */
const holdUp = (intents: MemoryIntentStore, method: 'begin' | 'replace') => {
  const { promise: disk, resolve: letGo } = deferred();
  const write: (intent: Intent) => Promise<unknown> = intents[method].bind(intents);
  let isStoring = false;
  intents[method] = async (intent: Intent) => {
    isStoring = true;
    await disk;
    return (await write(intent)) as never;
  };
  return { isStoring: () => isStoring, letGo };
};

describe('close() during a refund', () => {
  it('waits for its answer, and begins nothing more', async () => {
    const { simulator, client, intents, clock, close, refund } = await start();
    simulator.faults.add({ kind: 'slow', delayMs: 1000 });
    const running = completed(client.refund(refund));
    await soon(() => simulator.issuerLog().some(({ action }) => action === 'refund'));
    const closing = close();
    const other = { ...refund, cartId: 'another' };
    expect(await rejection(client.refund(other))).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await settle();
    expect(closing.isClosed()).toBe(false);

    clock.advance(1000);
    expect(await running).toMatchObject({ type: 'refund', status: 'A' });
    await closing.closed;
    expect(await stateOf(intents, refund.cartId)).toMatchObject({ name: 'done' });
    expect(await remembered(intents)).not.toContain('another');
  });

  it('waits until its end is stored', async () => {
    const { client, intents, close, refund } = await start();
    const disk = holdUp(intents, 'replace');
    const running = completed(client.refund(refund));
    await soon(disk.isStoring);
    const closing = close();
    await settle();
    expect(closing.isClosed()).toBe(false);
    disk.letGo();
    await closing.closed;
    expect(await running).toMatchObject({ status: 'A' });
    expect(await stateOf(intents, refund.cartId)).toMatchObject({ name: 'done' });
  });

  it('that is being stored before it leaves lets it go and come back', async () => {
    const { client, intents, close, refund } = await start();
    const disk = holdUp(intents, 'begin');
    const running = completed(client.refund(refund));
    await soon(disk.isStoring);
    const closing = close();
    await settle();
    expect(closing.isClosed()).toBe(false);
    disk.letGo();
    expect(await running).toMatchObject({ status: 'A' });
    await closing.closed;
  });
});
