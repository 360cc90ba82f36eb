import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express5 from 'express';
// @ts-expect-error Its types are those of Express 5.
import express4 from 'express4';
import { describe, expect, it } from 'vitest';
import { webhookHandler } from '../../src/adapters/express/index.js';
import { callback, verifierWith } from '../requests.js';
import { describeAdapter } from './adapter-suite.js';
import { decodeStream } from './decode-bodies.js';

describe.each([
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
])('%s', (name, express) => {
  const listen = async (app: ReturnType<typeof express>) => {
    const server = app.listen(0, '127.0.0.1') as Server;
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { server, origin: `http://127.0.0.1:${port}` };
  };

  describeAdapter(name, async ({ hook, handle, back, decode }) => {
    const app = express();
    if (decode) {
      app.use((request, _response, next) => {
        decodeStream(request);
        next();
      });
    }
    app.post(
      '/hook',
      webhookHandler({ verifier: hook, handler: ({ verdict }) => handle(verdict) }),
    );
    app.post(
      '/return',
      webhookHandler({
        verifier: back,
        handler: ({ verdict }) => verdict.payload,
        onRefused: ({ verdict, response }) => {
          response.statusCode = 200;
          return { refused: verdict.reason };
        },
      }),
    );
    app.use(express.json());
    app.post('/echo', (request, response) => {
      response.json({ type: typeof request.body, body: request.body });
    });
    const { server, origin } = await listen(app);
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { origin, close };
  });

  it('names the parser that read the body before it, and the line to add', async () => {
    const app = express();
    app.use(express.json());
    app.post('/hook', webhookHandler({ verifier: verifierWith(), handler: () => undefined }));
    let told: unknown;
    app.use(((error, _request, response, _next) => {
      told = error;
      response.status(500).end();
    }) as import('express').ErrorRequestHandler);
    const { server, origin } = await listen(app);
    const { headers, body } = callback();
    const answer = await fetch(`${origin}/hook?secret=1`, {
      method: 'POST',
      headers: [...(headers as [string, string][])],
      body: Buffer.from(body),
    });
    server.close();
    expect(answer.status).toBe(500);
    expect(told).toMatchObject({ code: 'BODY_ALREADY_PARSED' });
    expect(String(told)).toMatch(
      /POST \/hook .* reached the webhook as an object.*express\.json\(\)/,
    );
    expect(String(told)).not.toContain('secret');
  });

  it('takes the Buffer that express.raw has left', async () => {
    const app = express();
    app.use(express.raw({ type: '*/*' }));
    app.post('/hook', webhookHandler({ verifier: verifierWith(), handler: () => undefined }));
    const { server, origin } = await listen(app);
    const { headers, body } = callback();
    const answer = await fetch(`${origin}/hook`, {
      method: 'POST',
      headers: [...(headers as [string, string][])],
      body: Buffer.from(body),
    });
    server.close();
    expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
  });
});
