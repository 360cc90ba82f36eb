import { describe, expect, it } from 'vitest';
import { MemoryIntentStore, type PayTabsClient } from '../src/index.js';
import { openPage, pageRequest, startPair } from './with-simulator.js';

const { cartId } = pageRequest();

describe('the calls about intents', () => {
  it('reconcile with nothing due, and say that nothing was done', async () => {
    const { simulator, client, events } = await startPair();
    await openPage(client);
    const asked = simulator.requests().length;
    expect(await client.reconcile()).toEqual({
      checked: 0,
      ended: [],
      told: 0,
      failed: [],
      more: false,
    });
    expect(simulator.requests()).toHaveLength(asked);
    expect(events.at(-1)).toEqual({ name: 'reconciled', checked: 0, ended: 0, told: 0, failed: 0 });
  });

  it.each([
    ['null', null],
    ['another field', { every: 5 }],
    ['a limit of nothing', { limit: 0 }],
    ['a handler that is none', { onEnded: 'told' }],
    ['a signal that is none', { signal: {} }],
    ['a signal of null', { signal: null }],
  ])('refuse %s in place of the options of reconciling', async (_, options) => {
    const { client } = await startPair();
    await expect(client.reconcile(options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it.each<[string, (client: PayTabsClient) => Promise<unknown>]>([
    ['reconcile', (client) => client.reconcile()],
    ['check', (client) => client.check({ cartId })],
    ['findIntent', (client) => client.findIntent({ cartId })],
    ['acknowledge', (client) => client.acknowledge({ cartId, state: { name: 'notFound' } })],
  ])('tell a store that is down by an error of this package: %s', async (_, ask) => {
    const intents = new MemoryIntentStore();
    const down = () => Promise.reject(new Error('store is down'));
    Object.assign(intents, { find: down, listDue: down });
    const { client } = await startPair({ client: { intents } });
    await expect(ask(client)).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cause: { message: 'store is down' },
    });
  });

  it.each<[string, (client: PayTabsClient) => Promise<unknown>]>([
    ['check', (client) => client.check({ cartId })],
    ['acknowledge', (client) => client.acknowledge({ cartId, state: { name: 'notFound' } })],
  ])('know no reference that was never begun: %s', async (_, ask) => {
    const { client } = await startPair();
    await expect(ask(client)).rejects.toMatchObject({ code: 'NOT_FOUND', cartId });
    expect(await client.findIntent({ cartId })).toBeUndefined();
  });
});
