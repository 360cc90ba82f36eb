import { Body, Controller, Module, Post, Res } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { EMPTY, type Observable } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebhookRoute, WebhookVerdict } from '../../src/adapters/nestjs/index.js';
import {
  type AcceptedVerdict,
  createMemoryReplayStore,
  createWebhookVerifier,
  payTabsCallback,
  type WebhookVerifier,
  type WebhookVerifierOptions,
} from '../../src/index.js';
import { describeAdapter } from './adapter-suite.js';
import { HOST } from './apps/app-parts.js';
import { startModule, startNest } from './apps/start-nest.js';
import { send } from './send.js';
import { callback, key } from './suite-requests.js';

/** A version of Nest on one of its platforms. */
export interface NestUnderTest {
  readonly major: number;
  readonly platform: 'Express' | 'Fastify';
  readonly makeAdapter: () => AbstractHttpAdapter;
}

export const HOOK = Symbol('hook');

export const verifierOf = (more: Partial<WebhookVerifierOptions> = {}) =>
  createWebhookVerifier({
    scheme: payTabsCallback(),
    keys: [key],
    replay: { store: createMemoryReplayStore() },
    ...more,
  });

export function moduleOf(verifier: WebhookVerifier, ...controllers: (new () => object)[]): object {
  @Module({ controllers, providers: [{ provide: HOOK, useValue: verifier }] })
  class App {}
  return App;
}

/**
 * What the entry `/nestjs` does, whatever the version of Nest and the platform. The imports of `@nestjs/*` here
 * and in the sources mean the version of the project that calls this.
 */
export function describeNest({ major, platform, makeAdapter }: NestUnderTest): void {
  const name = `Nest ${major} on ${platform}`;
  describeAdapter(name, startNest(makeAdapter));

  describe(`${name} on its own`, () => {
    const start = async (module: object) => {
      const { origin, close } = await startModule(module, makeAdapter());
      onTestFinished(async () => {
        await close();
      });
      return origin;
    };

    it('works in a testing module, whose adapter comes late', async () => {
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
      const app = module.createNestApplication(makeAdapter());
      onTestFinished(() => app.close());
      await app.listen(0, HOST);
      const { port } = app.getHttpServer().address() as { port: number };
      const answer = await send(`http://127.0.0.1:${port}`, callback('{"a": 1}'));
      expect(answer.body).toEqual({ payload: { a: 1 }, from: '127.0.0.1' });
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
      const origin = await start(moduleOf(verifierOf(), Silent));
      await send(origin, callback());
      const repeated = await send(origin, callback());
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
      const origin = await start(moduleOf(verifierOf(), Unready));
      const answers = [];
      for (let copy = 1; copy <= 3; copy += 1) answers.push(await send(origin, callback()));
      expect(answers).toEqual([
        { status: 503, body: { own: 'answer' } },
        { status: 202, body: { own: 'answer' } },
        { status: 200, body: { reason: 'replay' } },
      ]);
    });

    it('gives its raw body to the webhook alone, whatever the paths of the other routes', async () => {
      @Controller()
      class Mixed {
        @Post('before/:name')
        before(@Body() body: unknown): unknown {
          return { body };
        }

        @Post('hooks/special')
        special(@Body() body: unknown): unknown {
          return { body };
        }

        @Post('hooks/:name')
        @WebhookRoute(HOOK)
        hook(@Body() body: unknown): unknown {
          return { isRaw: Buffer.isBuffer(body) };
        }

        @Post('hooks/:name/more')
        after(@Body() body: unknown): unknown {
          return { body };
        }
      }
      const origin = await start(moduleOf(verifierOf(), Mixed));
      const post = (path: string) => send(origin, callback('{"a":1}', { path }));
      expect((await post('/before/hooks')).body).toEqual({ body: { a: 1 } });
      expect((await post('/hooks/special')).body).toEqual({ body: { a: 1 } });
      expect((await post('/hooks/a')).body).toEqual({ isRaw: true });
      expect((await post('/hooks/a/more')).body).toEqual({ body: { a: 1 } });
      expect((await post('/hooks/%zz')).status).toBe(400);
    });

    it('finds the webhook behind a prefix and a version', async () => {
      @Controller({ path: 'shop', version: '2' })
      class Versioned {
        @Post('hook')
        @WebhookRoute(HOOK)
        hook(): void {}
      }
      const app = await NestFactory.create(
        moduleOf(verifierOf(), Versioned) as never,
        makeAdapter(),
        {
          logger: false,
        },
      );
      app.setGlobalPrefix('api').enableVersioning();
      onTestFinished(() => app.close());
      await app.listen(0, HOST);
      const { port } = app.getHttpServer().address() as { port: number };
      const path = '/api/v2/shop/hook';
      const answer = await send(`http://127.0.0.1:${port}`, callback('<html>', { path }));
      expect(answer).toEqual({ status: 200, body: undefined });
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
      for (const controllers of [
        [Here, There],
        [There, Here],
      ]) {
        const origin = await start(moduleOf(verifierOf({ maxBytes: 100 }), ...controllers));
        for (const [place, path] of ['/hook', '/other/hook'].entries()) {
          const answer = await send(origin, callback(`{"a": ${place}}`, { path }));
          expect(answer).toEqual({ status: 200, body: { a: place } });
          const large = await send(origin, callback(' '.repeat(101), { path }));
          expect(large).toEqual({ status: 413, body: { reason: 'body-too-large' } });
        }
      }
    });
  });
}
