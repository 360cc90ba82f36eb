import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express5 from 'express';
// @ts-expect-error Its types are those of Express 5.
import express4 from 'express4';
import Fastify, { type FastifyInstance } from 'fastify';
import Fastify4 from 'fastify4';
import { onTestFinished } from 'vitest';
import { webhookHandler as lambdaHandler } from '../../src/adapters/lambda/index.js';
import type { WebhookVerifier } from '../../src/index.js';
import type { Notice, StartApp } from '../adapters/apps/app-parts.js';
import { startExpress } from '../adapters/apps/start-express.js';
import { startFastify } from '../adapters/apps/start-fastify.js';
import { startHono } from '../adapters/apps/start-hono.js';
import { startNest } from '../adapters/apps/start-nest.js';
import { startPlain } from '../adapters/apps/start-plain.js';
import { send } from '../adapters/send.js';
import { callback, notice } from '../requests.js';
import { describeInbox, type StartInbox } from './inbox-suite.js';

const requestOf = (tranRef: string) => {
  const { headers, body } = callback({ ...notice, tran_ref: tranRef });
  return { headers: headers as [string, string][], body: body as Buffer };
};

/** An application of the adapters' suite, of which only the webhook is asked. */
const onSockets =
  (startApp: StartApp): StartInbox =>
  async (verifier, inbox) => {
    const { origin, close } = await startApp({
      hook: verifier as WebhookVerifier<Notice>,
      back: verifier,
      asked: verifier,
      chat: verifier,
      handle: (verdict) => inbox.receive(verdict),
    });
    onTestFinished(close);
    return async (tranRef) => {
      const { status, body } = await send(origin, requestOf(tranRef));
      return [status, body];
    };
  };

describeInbox('Express 4', onSockets(startExpress(express4 as unknown as typeof express5)));
describeInbox('Express 5', onSockets(startExpress(express5)));
describeInbox('Fastify 4', onSockets(startFastify(Fastify4 as unknown as () => FastifyInstance)));
describeInbox('Fastify 5', onSockets(startFastify(Fastify)));
describeInbox('Nest on Express', onSockets(startNest(() => new ExpressAdapter())));
describeInbox('Nest on Fastify', onSockets(startNest(() => new FastifyAdapter())));
describeInbox('fetch (Hono)', onSockets(startHono));
describeInbox('fetch (plain)', onSockets(startPlain));

describeInbox('Lambda', (verifier, inbox) => {
  const handle = lambdaHandler({ verifier, handler: ({ verdict }) => inbox.receive(verdict) });
  return async (tranRef) => {
    const { headers, body } = requestOf(tranRef);
    const event = {
      httpMethod: 'POST',
      path: '/hook',
      headers: Object.fromEntries(headers),
      body: body.toString('utf8'),
      isBase64Encoded: false,
    };
    const answer = await handle(event, {}).catch(() => undefined);
    return answer === undefined ? [500, 'thrown'] : [answer.statusCode, JSON.parse(answer.body)];
  };
});
