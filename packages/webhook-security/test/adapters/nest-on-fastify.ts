import { Body, Controller, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebhookRoute, WebhookVerdict } from '../../src/adapters/nestjs/index.js';
import type { AcceptedVerdict, WebhookEvent } from '../../src/index.js';
import { startModule } from './apps/start-nest.js';
import { describeNest, HOOK, moduleOf, verifierOf } from './nest-suite.js';
import { send } from './send.js';
import { callback, json } from './suite-requests.js';

@Controller()
class Overwritten {
  @Post('hook')
  @RouteConfig({ rateLimit: false })
  @WebhookRoute(HOOK)
  hook(): void {}
}

export function describeNestOnFastify(major: number): void {
  describeNest({ major, platform: 'Fastify', makeAdapter: () => new FastifyAdapter() });

  describe(`Nest ${major} on Fastify`, () => {
    it('names the cause and the remedy when a parser came before the webhook', async () => {
      const events: WebhookEvent[] = [];
      const messages: string[] = [];
      const verifier = verifierOf({ observer: (event) => events.push(event) });
      const app = await NestFactory.create<NestFastifyApplication>(
        moduleOf(verifier, Overwritten) as never,
        new FastifyAdapter(),
        {
          logger: {
            log: () => {},
            warn: () => {},
            error: (message) => messages.push(String(message)),
          },
        },
      );
      onTestFinished(() => app.close());
      await app.listen(0, '127.0.0.1');
      expect((await send(await app.getUrl(), callback())).status).toBe(500);
      expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw' }]);
      expect(messages.join()).toMatch(
        /POST \/hook \(application\/json\) .* as an object: a parser of the application .*@RouteConfig/s,
      );
    });

    it('falls back to the raw body that Nest itself can keep', async () => {
      const { origin, close } = await startModule(
        moduleOf(verifierOf(), Overwritten),
        new FastifyAdapter(),
        { rawBody: true },
      );
      const answer = await send(origin, callback());
      await close();
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
      const module = await Test.createTestingModule({
        controllers: [Simple],
        providers: [{ provide: HOOK, useValue: verifierOf() }],
      }).compile();
      const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
      await app.init();
      await app.getHttpAdapter().getInstance().ready();
      const { headers, body } = callback('{"a": 1}');
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
      const adapter = new FastifyAdapter();
      adapter.getInstance().addHook('onRequest', (request, _reply, done) => {
        seen.push(request.routeOptions.config, request.headers['content-type']);
        done();
      });
      const { origin, close } = await startModule(moduleOf(verifierOf(), Configured), adapter);
      const answer = await send(origin, { headers: [json], body: Buffer.from('{}') });
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
      const { origin, close } = await startModule(
        moduleOf(verifierOf(), Mixed),
        new FastifyAdapter(),
      );
      const answer = await send(origin, {
        path: '/other',
        headers: [['content-type', 'application/vnd.nestcms.raw-webhook']],
        body: Buffer.from('{}'),
      });
      await close();
      expect(answer.status).toBe(415);
    });
  });
}
