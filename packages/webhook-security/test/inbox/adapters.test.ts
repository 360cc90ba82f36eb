import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { webhookRoute } from '../../src/adapters/fastify/index.js';
import { webhookHandler as fetchHandler } from '../../src/adapters/fetch/index.js';
import { webhookHandler as lambdaHandler } from '../../src/adapters/lambda/index.js';
import {
  createInbox,
  createMemoryInboxStore,
  type Inbox,
  type InboxStore,
} from '../../src/inbox/index.js';
import { createMemoryReplayStore, type WebhookVerifier } from '../../src/index.js';
import { callback, notice, verifierWith } from '../requests.js';
import { methodsOf } from './methods-of.js';

type Answer = readonly [status: number, body: unknown];
type Send = (tranRef: string) => Promise<Answer>;

const requestOf = (tranRef: string) => {
  const { headers, body } = callback({ ...notice, tran_ref: tranRef });
  return { headers: Object.fromEntries(headers as [string, string][]), body: body as Buffer };
};

const adapters: [string, (verifier: WebhookVerifier, inbox: Inbox) => Send][] = [
  [
    'Fastify',
    (verifier, inbox) => {
      const app = Fastify();
      const handler = webhookRoute({
        url: '/hook',
        verifier,
        handler: ({ verdict }) => inbox.receive(verdict),
      });
      return async (tranRef) => {
        if (!app.hasRoute({ method: 'POST', url: '/hook' })) await app.register(handler);
        const { headers, body: payload } = requestOf(tranRef);
        const answer = await app.inject({ method: 'POST', url: '/hook', headers, payload });
        return [answer.statusCode, answer.json()];
      };
    },
  ],
  [
    'fetch',
    (verifier, inbox) => {
      const handle = fetchHandler({ verifier, handler: ({ verdict }) => inbox.receive(verdict) });
      return async (tranRef) => {
        const { headers, body } = requestOf(tranRef);
        const url = 'https://shop.example/hook';
        const init = { method: 'POST', headers, body: new Uint8Array(body) };
        const answer = await handle(new Request(url, init)).catch(() => undefined);
        return answer === undefined ? [500, 'thrown'] : [answer.status, await answer.json()];
      };
    },
  ],
  [
    'Lambda',
    (verifier, inbox) => {
      const handle = lambdaHandler({ verifier, handler: ({ verdict }) => inbox.receive(verdict) });
      return async (tranRef) => {
        const { headers, body } = requestOf(tranRef);
        const event = {
          httpMethod: 'POST',
          path: '/hook',
          headers,
          body: body.toString('utf8'),
          isBase64Encoded: false,
        };
        const answer = await handle(event, {}).catch(() => undefined);
        return answer === undefined
          ? [500, 'thrown']
          : [answer.statusCode, JSON.parse(answer.body ?? '')];
      };
    },
  ],
];

describe.each(adapters)('an inbox as the handler of %s', (_name, adapter) => {
  it('answers what it stored, and what it knows', async () => {
    const inbox = createInbox({ store: createMemoryInboxStore(), process: () => {} });
    const send = adapter(verifierWith(), inbox);
    expect(await send('TST1')).toEqual([200, { received: true, known: false }]);
    expect(await send('TST1')).toEqual([200, { received: true, known: true }]);
  });

  it('has the sender try again what it could not store', async () => {
    const store = createMemoryInboxStore({ maxEntries: 1 });
    let isDown = true;
    const add: InboxStore['add'] = async (...args) => {
      if (isDown) throw new Error('down');
      return store.add(...args);
    };
    const flaky = { ...methodsOf(store), add };
    const inbox = createInbox({ store: flaky, process: () => {} });
    const send = adapter(verifierWith({ replay: { store: createMemoryReplayStore() } }), inbox);
    expect((await send('TST1'))[0]).toBe(500);
    expect(store.size).toBe(0);
    isDown = false;
    // The claim was released, so it is no replay.
    expect(await send('TST1')).toEqual([200, { received: true, known: false }]);
    expect(await send('TST1')).toEqual([200, { reason: 'replay' }]);
  });
});
