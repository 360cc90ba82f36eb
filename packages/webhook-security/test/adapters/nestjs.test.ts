import 'reflect-metadata';
import { Body, Controller, Inject, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { EMPTY, type Observable } from 'rxjs';
import { expect, it, vi } from 'vitest';
import { WebhookRoute, WebhookVerdict } from '../../src/adapters/nestjs/index.js';
import {
  type AcceptedVerdict,
  createMemoryReplayStore,
  createWebhookVerifier,
  payTabsCallback,
  type Verdict,
  type WebhookEvent,
} from '../../src/index.js';
import { signPayTabsCallback } from '../../src/testing/index.js';
import { type AppParts, describeAdapter, type Notice } from './adapter-suite.js';
import { decodeBodies } from './decode-bodies.js';
import { type Outgoing, send } from './send.js';

const HOOK = Symbol('hook');
const BACK = Symbol('back');
const HANDLE = Symbol('handle');

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

function signedRequest(text: string): Outgoing {
  const body = Buffer.from(text);
  const signature = signPayTabsCallback(body, key);
  return {
    headers: [
      ['content-type', 'application/json'],
      ['signature', signature],
    ],
    body,
  };
}

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

  @Post('return')
  @WebhookRoute(BACK, { refused: 'handle' })
  back(@WebhookVerdict() verdict: Verdict): unknown {
    if (verdict.verdict === 'refused') return { refused: verdict.reason };
    return verdict.verdict === 'accepted' ? verdict.payload : verdict.reply;
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { type: typeof body, body };
  }
}

async function start(module: object, adapter = new FastifyAdapter()) {
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  return { origin: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() };
}

describeAdapter('Nest', ({ hook, back, handle, decode }) => {
  const adapter = new FastifyAdapter();
  if (decode) decodeBodies(adapter.getInstance());
  @Module({
    controllers: [Hooks],
    providers: [
      { provide: HOOK, useValue: hook },
      { provide: BACK, useValue: back },
      { provide: HANDLE, useValue: handle },
    ],
  })
  class App {}
  return start(App, adapter);
});

it.each<[object, RegExp]>([
  [{ refuse: 'handle' }, /^refuse is unknown; allowed: refused/],
  [{ refused: 'ignore' }, /^refused is 'ignore'; allowed: 'throw' or 'handle'/],
])('refuses the option %j', (wrong, message) => {
  expect(() => WebhookRoute(HOOK, wrong)).toThrow(message);
});

it('names the cause and the remedy when a parser came before the webhook', async () => {
  const events: WebhookEvent[] = [];
  const verifier = createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
    observer: (event) => events.push(event),
  });
  @Controller()
  class Overwritten {
    @Post('hook')
    @RouteConfig({ rateLimit: false })
    @WebhookRoute(HOOK)
    hook(): void {}
  }
  const messages: string[] = [];
  @Module({ controllers: [Overwritten], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
    logger: { log: () => {}, warn: () => {}, error: (message) => messages.push(String(message)) },
  });
  await app.listen(0, '127.0.0.1');
  const answer = await send(await app.getUrl(), {
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{"a":1}'),
  });
  await app.close();
  expect(answer.status).toBe(500);
  expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw' }]);
  expect(messages.join()).toMatch(/POST \/hook \(application\/json\).*@RouteConfig/s);
});

it('falls back to the raw body that Nest itself can keep', async () => {
  @Controller()
  class Overwritten {
    @Post('hook')
    @RouteConfig({})
    @WebhookRoute(HOOK)
    hook(): void {}
  }
  const verifier = createWebhookVerifier({ scheme: payTabsCallback(), keys: [key] });
  @Module({ controllers: [Overwritten], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), {
    logger: false,
    rawBody: true,
  });
  await app.listen(0, '127.0.0.1');
  const answer = await send(await app.getUrl(), signedRequest('{"a": 1}'));
  await app.close();
  expect(answer.status).toBe(200);
});

it('works in a testing module, without a socket', async () => {
  @Controller()
  class Simple {
    @Post('hook')
    @WebhookRoute(HOOK)
    hook(@WebhookVerdict() verdict: AcceptedVerdict): unknown {
      return { payload: verdict.payload, from: verdict.clientAddress };
    }
  }
  const verifier = createWebhookVerifier({ scheme: payTabsCallback(), keys: [key] });
  const module = await Test.createTestingModule({
    controllers: [Simple],
    providers: [{ provide: HOOK, useValue: verifier }],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const { headers, body } = signedRequest('{"a": 1}');
  const answer = await app.inject({
    method: 'POST',
    url: '/hook',
    headers: Object.fromEntries(headers),
    payload: body,
  });
  await app.close();
  expect(answer.json()).toEqual({ payload: { a: 1 }, from: '127.0.0.1' });
});

it('keeps what other decorators put into the config of the route', async () => {
  const seen: unknown[] = [];
  @Controller()
  class Configured {
    @Post('hook')
    @WebhookRoute(HOOK)
    @RouteConfig({ rateLimit: false })
    hook(): string {
      return 'done';
    }
  }
  const verifier = createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
  });
  @Module({ controllers: [Configured], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const adapter = new FastifyAdapter();
  adapter.getInstance().addHook('onRequest', (request, _reply, done) => {
    seen.push(request.routeOptions.config, request.headers['content-type']);
    done();
  });
  const { origin, close } = await start(App, adapter);
  const answer = await send(origin, {
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{}'),
  });
  await close();
  expect(seen).toMatchObject([{ rateLimit: false }, 'application/json']);
  expect(answer).toEqual({ status: 401, body: { reason: 'header-missing' } });
});

it("does not let the adapter's private content type into other routes", async () => {
  @Controller()
  class Mixed {
    @Post('hook')
    @WebhookRoute(HOOK)
    hook(): void {}

    @Post('other')
    other(@Body() body: unknown): unknown {
      return { body };
    }
  }
  const verifier = createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
  });
  @Module({ controllers: [Mixed], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const { origin, close } = await start(App);
  const answer = await send(origin, {
    path: '/other',
    headers: [['content-type', 'application/vnd.nestcms.raw-webhook']],
    body: Buffer.from('{}'),
  });
  await close();
  expect(answer.status).toBe(415);
});

it('confirms a delivery whose handler gives a stream of nothing', async () => {
  @Controller()
  class Silent {
    @Post('hook')
    @WebhookRoute(HOOK)
    hook(): Observable<never> {
      return EMPTY;
    }
  }
  const verifier = createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
    replay: { store: createMemoryReplayStore() },
  });
  @Module({ controllers: [Silent], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const { origin, close } = await start(App);
  await send(origin, signedRequest('{}'));
  const repeated = await send(origin, signedRequest('{}'));
  await close();
  expect(repeated).toEqual({ status: 200, body: { reason: 'replay' } });
});

it.each([
  ['passed through', true],
  ['sent by the handler', false],
])('takes the retry after an error status that was %s', async (_name, passthrough) => {
  const statuses = [503, 202];
  interface Reply {
    status(code: number): this;
    send(body: unknown): unknown;
  }
  @Controller()
  class Unready {
    @Post('hook')
    @WebhookRoute(HOOK)
    hook(@Res({ passthrough }) reply: Reply): unknown {
      reply.status(statuses.shift() ?? 200);
      return passthrough ? { own: 'answer' } : reply.send({ own: 'answer' });
    }
  }
  const verifier = createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
    replay: { store: createMemoryReplayStore() },
  });
  @Module({ controllers: [Unready], providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  const { origin, close } = await start(App);
  const answers = [];
  for (let copy = 1; copy <= 3; copy += 1) answers.push(await send(origin, signedRequest('{}')));
  await close();
  expect(answers).toEqual([
    { status: 503, body: { own: 'answer' } },
    { status: 202, body: { own: 'answer' } },
    { status: 200, body: { reason: 'replay' } },
  ]);
});

it('serves routes of both copies of this package in one application', async () => {
  vi.resetModules();
  const other = await import('../../src/adapters/nestjs/index.js');
  expect(other.WebhookRoute).not.toBe(WebhookRoute);
  @Controller()
  class Here {
    @Post('hook')
    @WebhookRoute(HOOK)
    hook(@WebhookVerdict() verdict: AcceptedVerdict): unknown {
      return verdict.payload;
    }
  }
  @Controller('other')
  class There {
    @Post('hook')
    @other.WebhookRoute(HOOK)
    hook(@other.WebhookVerdict() verdict: AcceptedVerdict): unknown {
      return verdict.payload;
    }
  }
  const verifier = createWebhookVerifier({ scheme: payTabsCallback(), keys: [key], maxBytes: 100 });
  for (const controllers of [
    [Here, There],
    [There, Here],
  ]) {
    @Module({ controllers, providers: [{ provide: HOOK, useValue: verifier }] })
    class App {}
    const { origin, close } = await start(App);
    for (const path of ['/hook', '/other/hook']) {
      const answer = await send(origin, { ...signedRequest('{"a": 1}'), path });
      expect(answer).toEqual({ status: 200, body: { a: 1 } });
      const large = await send(origin, { ...signedRequest(' '.repeat(101)), path });
      expect(large).toEqual({ status: 413, body: { reason: 'body-too-large' } });
    }
    await close();
  }
});
