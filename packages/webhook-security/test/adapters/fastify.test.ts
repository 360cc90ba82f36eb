import Fastify, { type FastifyInstance } from 'fastify';
import { expect, it } from 'vitest';
import { webhookRoute } from '../../src/adapters/fastify/index.js';
import { createMemoryReplayStore } from '../../src/index.js';
import { callback, verifierWith } from '../requests.js';
import { decodeBodies } from './decode-bodies.js';

function deliver(app: FastifyInstance) {
  const { headers, body } = callback();
  return app.inject({
    method: 'POST',
    url: '/hook',
    headers: Object.fromEntries(headers as [string, string][]),
    payload: Buffer.from(body),
  });
}

it.each<[object, RegExp]>([
  [{ path: '/hook' }, /^path is unknown; allowed: url, verifier/],
  [{ url: undefined }, /^url is undefined; allowed: a text/],
  [{ verifier: {} }, /^verifier is an object; allowed: what createWebhookVerifier gives/],
  [{ handler: undefined }, /^handler is undefined/],
  [{ onRefused: 7 }, /^onRefused is 7/],
])('refuses the option %j', (wrong, message) => {
  const right = { url: '/hook', verifier: verifierWith(), handler: () => undefined };
  expect(() => webhookRoute({ ...right, ...wrong })).toThrow(message);
});

it('works without a socket, through inject', async () => {
  const app = Fastify();
  const handler = () => undefined;
  await app.register(webhookRoute({ url: '/hook', verifier: verifierWith(), handler }));
  const answer = await deliver(app);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ received: true });
});

it('takes the retry after the handler answered with an error status itself', async () => {
  const verifier = verifierWith({ replay: { store: createMemoryReplayStore() } });
  const statuses = [503, 202];
  const app = Fastify();
  await app.register(
    webhookRoute({
      url: '/hook',
      verifier,
      handler: ({ reply }) => reply.code(statuses.shift() ?? 200).send('own answer'),
    }),
  );
  const answers = [await deliver(app), await deliver(app), await deliver(app)];
  expect(answers.map(({ statusCode, body: text }) => [statusCode, text])).toEqual([
    [503, 'own answer'],
    [202, 'own answer'],
    [200, '{"reason":"replay"}'],
  ]);
});

it('leaves errors of the handler to the application', async () => {
  const app = Fastify();
  app.setErrorHandler((error: Error, _request, reply) => reply.code(418).send(error.message));
  const handler = () => {
    throw new Error('mine');
  };
  await app.register(webhookRoute({ url: '/hook', verifier: verifierWith(), handler }));
  const answer = await deliver(app);
  expect([answer.statusCode, answer.body]).toEqual([418, 'mine']);
});

it('names what decoded the body before it, and the line to add', async () => {
  const told: unknown[] = [];
  const app = Fastify();
  decodeBodies(app);
  app.setErrorHandler((error, _request, reply) => {
    told.push(error);
    return reply.code(500).send();
  });
  const handler = () => undefined;
  await app.register(webhookRoute({ url: '/hook', verifier: verifierWith(), handler }));
  expect((await deliver(app)).statusCode).toBe(500);
  expect(told).toMatchObject([
    {
      code: 'BODY_ALREADY_PARSED',
      message: expect.stringMatching(
        /POST \/hook .* setEncoding .* preParsing hook .* return payload/,
      ),
    },
  ]);
});
