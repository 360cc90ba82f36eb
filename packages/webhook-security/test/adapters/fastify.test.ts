import Fastify from 'fastify';
import { webhookRoute } from '../../src/adapters/fastify/index.js';
import { describeAdapter } from './adapter-suite.js';

describeAdapter('Fastify', async ({ hook, handle, back }) => {
  const app = Fastify();
  await app.register(
    webhookRoute({ url: '/hook', verifier: hook, handler: ({ verdict }) => handle(verdict) }),
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
  app.post('/echo', async ({ body }) => ({ type: typeof body, body }));
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: () => app.close() };
});
