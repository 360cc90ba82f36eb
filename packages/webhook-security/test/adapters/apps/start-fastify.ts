import type { FastifyInstance } from 'fastify';
import { webhookRoute } from '../../../src/adapters/fastify/index.js';
import { decodeBodies } from '../decode-bodies.js';
import { HOST, SLOW_LIMITS, type StartApp } from './app-parts.js';
import { listen } from './listen.js';

export const startFastify =
  (makeApp: () => FastifyInstance): StartApp =>
  async ({ hook, handle, back, asked, chat, decode = false }) => {
    const app = makeApp();
    if (decode) decodeBodies(app);
    await app.register(
      webhookRoute({ url: '/hook', verifier: hook, handler: ({ verdict }) => handle(verdict) }),
    );
    await app.register(
      webhookRoute({
        url: '/slow',
        verifier: hook,
        handler: ({ verdict }) => handle(verdict),
        ...SLOW_LIMITS,
      }),
    );
    await app.register(
      webhookRoute({
        url: '/return',
        verifier: back,
        handler: ({ verdict }) => verdict.payload,
        onRefused: ({ verdict, reply }) => {
          reply.code(200);
          return { refused: verdict.reason };
        },
      }),
    );
    await app.register(
      webhookRoute({
        url: '/asked',
        verifier: asked,
        handler: ({ verdict }) => verdict.payload,
      }),
    );
    await app.register(
      webhookRoute({ url: '/chat', verifier: chat, handler: ({ verdict }) => verdict.payload }),
    );
    app.post('/echo', async ({ body }) => ({ type: typeof body, body }));
    await app.listen({ port: 0, host: HOST });
    const { origin } = await listen(app.server);
    return { origin, close: () => app.close() };
  };
