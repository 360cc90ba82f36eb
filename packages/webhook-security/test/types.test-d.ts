import express, {
  type Request as ExpressRequest,
  type Response as ExpressResponse,
  type RequestHandler,
} from 'express';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  type ExpressLikeRequest,
  type RefusedContext,
  type WebhookContext,
  webhookHandler,
} from '../src/adapters/express/index.js';
import { webhookRoute } from '../src/adapters/fastify/index.js';
import {
  createWebhookVerifier,
  payTabsCallback,
  type RefusalReason,
  type ReplayStore,
  type WebhookRequest,
  type WebhookVerifierOptions,
} from '../src/index.js';
import { createMongoReplayStore, type ReplayDocument } from '../src/stores/mongodb/index.js';
import { createRedisReplayStore } from '../src/stores/redis/index.js';

const scheme = payTabsCallback();
const keys = ['SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ'];
const payload = z.object({ tran_ref: z.string().transform((text) => text.length) });

type VerdictOf<Verifier extends { verify(request: never): unknown }> = Awaited<
  ReturnType<Verifier['verify']>
>;

test('the payload has the type that the schema gives out', () => {
  const verifier = createWebhookVerifier({ scheme, keys, payload });
  type Verdict = VerdictOf<typeof verifier>;
  type Accepted = Extract<Verdict, { verdict: 'accepted' }>;
  expectTypeOf<Accepted['payload']>().toEqualTypeOf<{ tran_ref: number }>();
  type Refused = Extract<Verdict, { verdict: 'refused' }>;
  expectTypeOf<Refused['reason']>().toEqualTypeOf<RefusalReason>();
});

test('without a schema the payload is unknown', () => {
  const verifier = createWebhookVerifier({ scheme, keys });
  type Accepted = Extract<VerdictOf<typeof verifier>, { verdict: 'accepted' }>;
  expectTypeOf<Accepted['payload']>().toBeUnknown();
});

test('the handler of a Fastify route gets that type', () => {
  webhookRoute({
    url: '/hook',
    verifier: createWebhookVerifier({ scheme, keys, payload }),
    handler: ({ verdict, request, reply }) => {
      expectTypeOf(verdict.payload.tran_ref).toBeNumber();
      expectTypeOf(request).toEqualTypeOf<FastifyRequest>();
      expectTypeOf(reply).toEqualTypeOf<FastifyReply>();
    },
    onRefused: ({ request }) => {
      expectTypeOf(request).toEqualTypeOf<FastifyRequest>();
    },
  });
});

test('the handler of an Express route gets that type, and the request of Express where it is asked for', () => {
  const verifier = createWebhookVerifier({ scheme, keys, payload });
  type Payload = { tran_ref: number };
  const app = express();
  // Inferred from where it is put.
  const named: RequestHandler = webhookHandler({
    verifier,
    handler: ({ verdict, request, response }) => {
      expectTypeOf(verdict.payload.tran_ref).toBeNumber();
      expectTypeOf(request).toEqualTypeOf<ExpressRequest>();
      expectTypeOf(response.json).toBeFunction();
    },
    onRefused: ({ request }) => {
      expectTypeOf(request).toEqualTypeOf<ExpressRequest>();
    },
  });
  app.post('/hook', named);
  app.route('/hook/:shop').post(
    webhookHandler({
      verifier,
      handler: ({ verdict, request, response }) => {
        expectTypeOf(verdict.payload.tran_ref).toBeNumber();
        expectTypeOf(request.params).toEqualTypeOf<{ shop: string }>();
        response.status(202).json({ stored: true });
      },
    }),
  );
  // Inferred from the handler.
  app.post(
    '/hook',
    webhookHandler({
      verifier,
      handler: ({
        request,
        response,
      }: WebhookContext<Payload, ExpressRequest, ExpressResponse>) => {
        expectTypeOf(request.ip).toEqualTypeOf<string | undefined>();
        response.status(202).json({ stored: true });
      },
      onRefused: ({ response }: RefusedContext<ExpressRequest, ExpressResponse>) => {
        response.redirect('/failed');
      },
    }),
  );
  app.post(
    '/hook',
    webhookHandler({
      verifier,
      handler: ({ request }: WebhookContext<Payload, ExpressRequest>) => request.ip,
    }),
  );
  // Node's own, where nobody asks.
  app.post(
    '/hook',
    webhookHandler({
      verifier,
      handler: ({ request, response }) => {
        expectTypeOf(request).toEqualTypeOf<ExpressLikeRequest>();
        expectTypeOf(response).toEqualTypeOf<import('node:http').ServerResponse>();
      },
    }),
  );
});

test('clients of the usual libraries fit the stores', () => {
  type Client = import('ioredis').Redis | import('ioredis').Cluster;
  const fromRedis = (redis: Client) => createRedisReplayStore({ redis });
  expectTypeOf(fromRedis).returns.toExtend<ReplayStore>();
  type Documents = import('mongodb').Collection<ReplayDocument>;
  const fromMongo = (collection: Documents) => createMongoReplayStore({ collection });
  expectTypeOf(fromMongo).returns.toExtend<ReplayStore>();
});

test('a parsed body is no body, and a number no key', () => {
  type Parsed = { method: string; headers: object; body: object };
  expectTypeOf<Parsed>().not.toExtend<WebhookRequest>();
  expectTypeOf<{ scheme: typeof scheme; keys: number[] }>().not.toExtend<WebhookVerifierOptions>();
});
