import 'reflect-metadata';
import { Body, Controller, Get, Inject, Module, Post } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { WebhookRoute, WebhookVerdict } from '../../../src/adapters/nestjs/index.js';
import type { AcceptedVerdict, Verdict } from '../../../src/index.js';
import { decodeBodies, decodeStream } from '../decode-bodies.js';
import {
  type AppParts,
  HOST,
  type Notice,
  type RunningApp,
  SLOW_LIMITS,
  type StartApp,
} from './app-parts.js';

const HOOK = Symbol('hook');
const BACK = Symbol('back');
const ASKED = Symbol('asked');
const CHAT = Symbol('chat');
const HANDLE = Symbol('handle');

@Controller()
class Hooks {
  readonly #handle: AppParts['handle'];

  constructor(@Inject(HANDLE) handle: AppParts['handle']) {
    this.#handle = handle;
  }

  @Post('hook')
  @WebhookRoute(HOOK)
  hook(@WebhookVerdict() verdict: AcceptedVerdict<Notice>): unknown {
    return this.#handle(verdict);
  }

  @Post('slow')
  @WebhookRoute(HOOK, SLOW_LIMITS)
  slow(@WebhookVerdict() verdict: AcceptedVerdict<Notice>): unknown {
    return this.#handle(verdict);
  }

  @Post('return')
  @WebhookRoute(BACK, { refused: 'handle' })
  back(@WebhookVerdict() verdict: Verdict): unknown {
    if (verdict.verdict === 'refused') return { refused: verdict.reason };
    return verdict.verdict === 'accepted' ? verdict.payload : verdict.reply;
  }

  @Post('asked')
  @WebhookRoute(ASKED)
  asked(@WebhookVerdict() verdict: AcceptedVerdict): unknown {
    return verdict.payload;
  }

  @Get('asked')
  @WebhookRoute(ASKED)
  handshake(@WebhookVerdict() verdict: AcceptedVerdict): unknown {
    return verdict.payload;
  }

  @Post('chat')
  @WebhookRoute(CHAT)
  chat(@WebhookVerdict() verdict: AcceptedVerdict): unknown {
    return verdict.payload;
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { type: typeof body, body };
  }
}

/** Starts a Nest application; its platform is that of the adapter. */
export async function startModule(
  module: object,
  adapter: AbstractHttpAdapter,
  options: { readonly rawBody?: boolean; readonly decode?: boolean } = {},
): Promise<RunningApp> {
  const { decode = false, ...more } = options;
  if (decode) decodeOn(adapter);
  const app = await NestFactory.create(module as never, adapter, { logger: false, ...more });
  await app.listen(0, HOST);
  const { port } = app.getHttpServer().address() as { port: number };
  return { origin: `http://127.0.0.1:${port}`, close: () => app.close() };
}

function decodeOn(adapter: AbstractHttpAdapter): void {
  if (adapter.getType() === 'fastify') {
    decodeBodies(adapter.getInstance<FastifyInstance>());
    return;
  }
  adapter.use(
    (request: Parameters<typeof decodeStream>[0], _response: unknown, next: () => void) => {
      decodeStream(request);
      next();
    },
  );
}

export const startNest =
  (makeAdapter: () => AbstractHttpAdapter): StartApp =>
  ({ hook, back, asked, chat, handle, decode = false }) => {
    @Module({
      controllers: [Hooks],
      providers: [
        { provide: HOOK, useValue: hook },
        { provide: BACK, useValue: back },
        { provide: ASKED, useValue: asked },
        { provide: CHAT, useValue: chat },
        { provide: HANDLE, useValue: handle },
      ],
    })
    class App {}
    return startModule(App, makeAdapter(), { decode });
  };
