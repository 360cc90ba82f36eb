import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { webhookHandler } from '../../../src/adapters/fetch/index.js';
import { SLOW_LIMITS, type StartApp } from './app-parts.js';
import { listen } from './listen.js';

const peerAddress = (_request: Request, { incoming }: HttpBindings) =>
  incoming.socket.remoteAddress;

export const startHono: StartApp = ({ hook, handle, back, asked, chat }) => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((_error, context) => context.text('failed', 500));
  const ofHook = {
    verifier: hook,
    peerAddress,
    handler: ({ verdict }: { verdict: Parameters<typeof handle>[0] }) => handle(verdict),
  };
  const onHook = webhookHandler(ofHook);
  const onSlow = webhookHandler({ ...ofHook, ...SLOW_LIMITS });
  const onReturn = webhookHandler({
    verifier: back,
    peerAddress,
    handler: ({ verdict }) => verdict.payload,
    onRefused: ({ verdict }) => Response.json({ refused: verdict.reason }),
  });
  const onAsked = webhookHandler({
    verifier: asked,
    peerAddress,
    handler: ({ verdict }) => verdict.payload,
  });
  const onChat = webhookHandler({
    verifier: chat,
    peerAddress,
    handler: ({ verdict }) => verdict.payload,
  });
  app.post('/chat', (context) => onChat(context.req.raw, context.env));
  app.post('/hook', (context) => onHook(context.req.raw, context.env));
  app.post('/slow', (context) => onSlow(context.req.raw, context.env));
  app.post('/return', (context) => onReturn(context.req.raw, context.env));
  app.on(['GET', 'POST'], '/asked', (context) => onAsked(context.req.raw, context.env));
  app.post('/echo', async (context) => {
    const body = await context.req.json().catch(() => undefined);
    return body === undefined ? context.json({}, 400) : context.json({ type: typeof body, body });
  });
  return listen(createAdaptorServer({ fetch: app.fetch }) as Server);
};
