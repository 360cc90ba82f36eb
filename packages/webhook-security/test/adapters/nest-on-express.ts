import { Controller, Post, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebhookRoute } from '../../src/adapters/nestjs/index.js';
import type { WebhookEvent } from '../../src/index.js';
import { HOST } from './apps/app-parts.js';
import { decodeStream } from './decode-bodies.js';
import { describeNest, HOOK, moduleOf, verifierOf } from './nest-suite.js';
import { dial, rawRequest } from './raw-socket.js';
import { send } from './send.js';
import { callback } from './suite-requests.js';

@Controller()
class Simple {
  @Post('hook')
  @WebhookRoute(HOOK)
  hook(@Req() request: { headers: object; body: unknown }): unknown {
    return { body: Buffer.isBuffer(request.body), headers: request.headers };
  }
}

export function describeNestOnExpress(major: number): void {
  describeNest({ major, platform: 'Express', makeAdapter: () => new ExpressAdapter() });

  describe(`Nest ${major} on Express`, () => {
    const start = async (
      before: (app: NestExpressApplication) => unknown,
      options: { readonly rawBody?: boolean; readonly bodyParser?: boolean } = {},
    ) => {
      const events: WebhookEvent[] = [];
      const messages: string[] = [];
      const verifier = verifierOf({ observer: (event) => events.push(event) });
      const app = await NestFactory.create<NestExpressApplication>(
        moduleOf(verifier, Simple) as never,
        new ExpressAdapter(),
        {
          logger: {
            log: () => {},
            warn: () => {},
            error: (message) => messages.push(String(message)),
          },
          ...options,
        },
      );
      before(app);
      onTestFinished(() => app.close());
      await app.listen(0, HOST);
      const { port } = app.getHttpServer().address() as { port: number };
      return { origin: `http://127.0.0.1:${port}`, events, messages };
    };

    it.each<[string, (app: NestExpressApplication) => unknown, object]>([
      ['the parsers of Nest', () => {}, {}],
      ['no parser', () => {}, { bodyParser: false }],
      ['parsers that keep the bytes', () => {}, { rawBody: true }],
      ['a parser of the application', (app) => app.useBodyParser('json', { limit: 5 }), {}],
      ['a parser of any type', (app) => app.useBodyParser('text', { type: '*/*' }), {}],
    ])('takes the bytes with %s', async (_name, before, options) => {
      const { origin } = await start(before, options);
      const answer = await send(origin, callback());
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ headers: { 'content-type': 'application/json' } });
    });

    it.each<[string, (request: Parameters<typeof decodeStream>[0]) => unknown, RegExp]>([
      [
        'read it',
        async (request) => {
          const pieces: Buffer[] = [];
          for await (const piece of request) pieces.push(piece as Buffer);
          Object.assign(request, { body: JSON.parse(Buffer.concat(pieces).toString()) });
        },
        /POST \/hook \(application\/json\) .* as an object: express\.json\(\), .*rawBody: true/s,
      ],
      [
        'decoded it',
        decodeStream,
        /POST \/hook \(application\/json\) .* as text: something that called setEncoding/s,
      ],
    ])('names the cause and the remedy when something has %s before', async (...row) => {
      const [, early, message] = row;
      const { origin, events, messages } = await start((app) =>
        app.use(async (request: never, _response: unknown, next: () => void) => {
          await early(request);
          next();
        }),
      );
      // With a decoded body the connection is cut, and the answer may be lost.
      expect([500, 0]).toContain((await send(origin, callback())).status);
      expect(events).toMatchObject([{ event: 'refused', reason: 'body-not-raw' }]);
      expect(messages.join()).toMatch(message);
    });

    it('hands over a body that was kept by something before it', async () => {
      const { origin } = await start((app) =>
        app.use(async (request: object, _response: unknown, next: () => void) => {
          const pieces: Buffer[] = [];
          for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
          Object.assign(request, { rawBody: Buffer.concat(pieces), body: {} });
          next();
        }),
      );
      expect((await send(origin, callback())).status).toBe(200);
    });

    it.each([true, false])('logs no sender that goes away, parsers: %s', async (bodyParser) => {
      const { origin, events, messages } = await start(() => {}, { bodyParser });
      const { socket, closed } = await dial(origin);
      const bytes = rawRequest(callback(), ['content-length: 5000']);
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket.destroy();
      await closed;
      expect((await send(origin, callback())).status).toBe(200);
      expect(messages).toEqual([]);
      expect(events).toHaveLength(1);
    });

    it('stops reading where a parser of Nest would have read on', async () => {
      const { origin, events } = await start(() => {});
      const large = callback('x'.repeat(3_000_000), { chunked: true });
      expect([413, 0]).toContain((await send(origin, large)).status);
      expect(events).toMatchObject([{ event: 'refused', reason: 'body-too-large' }]);
    });
  });
}
