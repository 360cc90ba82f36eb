import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { webhookHandler } from '../../src/adapters/fetch/index.js';
import { github, slack } from '../../src/index.js';
import { signWebhook } from '../../src/signing/index.js';
import { callback, verifierWith } from '../requests.js';
import { describeAdapter, type StartApp } from './adapter-suite.js';

const peerAddress = (_request: Request, { incoming }: HttpBindings) =>
  incoming.socket.remoteAddress;

const startHono: StartApp = async ({ hook, handle, back }) => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const onHook = webhookHandler({
    verifier: hook,
    peerAddress,
    handler: ({ verdict }) => handle(verdict),
  });
  const onReturn = webhookHandler({
    verifier: back,
    peerAddress,
    handler: ({ verdict }) => verdict.payload,
    onRefused: ({ verdict }) => Response.json({ refused: verdict.reason }),
  });
  app.post('/hook', (context) => {
    return onHook(context.req.raw, context.env);
  });
  app.post('/return', (context) => onReturn(context.req.raw, context.env));
  app.post('/echo', async (context) => {
    const body = await context.req.json().catch(() => undefined);
    return body === undefined ? context.json({}, 400) : context.json({ type: typeof body, body });
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

// `Headers` joins two lines to one before anybody can see that there were two.
describeAdapter('fetch (Hono)', startHono, { isFetch: true });

const secret = '0123456789abcdef';
const requestOf = (
  headers: [string, string][] | Record<string, string>,
  body: Buffer<ArrayBuffer> | null,
) => new Request('https://example.com/hook', { method: 'POST', headers, body });

describe('the fetch handler', () => {
  const { headers, body } = callback();
  const right = () => requestOf([...(headers as [string, string][])], Buffer.from(body));

  it('sends a Response of the handler as it is, and confirms or releases by its status', async () => {
    const handler = webhookHandler({
      verifier: verifierWith(),
      handler: () => new Response('mine', { status: 202 }),
    });
    const answer = await handler(right());
    expect([answer.status, await answer.text()]).toEqual([202, 'mine']);
  });

  it('refuses a body that was read before', async () => {
    const request = right();
    await request.text();
    const handler = webhookHandler({ verifier: verifierWith(), handler: () => undefined });
    const answer = await handler(request);
    expect([answer.status, await answer.json()]).toEqual([500, { reason: 'body-not-raw' }]);
  });

  it('answers a handshake and runs no handler', async () => {
    const verifier = verifierWith({ scheme: slack(), keys: [secret] });
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'c1' });
    const sent = signWebhook({
      scheme: slack(),
      key: secret,
      body: challenge,
      time: Date.UTC(2026, 8, 13, 8, 20),
    });
    const handler = webhookHandler({
      verifier,
      handler: () => {
        throw new Error('It ran.');
      },
    });
    const answer = await handler(requestOf({ ...sent.headers }, Buffer.from(sent.body)));
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'c1',
    ]);
  });

  it('takes a request without a body', async () => {
    const handler = webhookHandler({
      verifier: verifierWith({ scheme: github(), keys: [secret] }),
      handler: () => undefined,
    });
    const sent = signWebhook({ scheme: github(), key: secret, body: '' });
    const answer = await handler(requestOf({ ...sent.headers }, null));
    expect(await answer.json()).toEqual({ reason: 'body-empty' });
  });
});
