import { createServer } from 'node:http';
import type express5 from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webhookHandler } from '../../src/adapters/express/index.js';
import { callback, verifierWith } from '../requests.js';
import { describeAdapter } from './adapter-suite.js';
import { listen } from './apps/listen.js';
import { startExpress } from './apps/start-express.js';
import { decodeStream } from './decode-bodies.js';

type Express = typeof express5;

export function describeExpress(name: string, express: Express): void {
  describeAdapter(name, startExpress(express));

  describe(`${name} on its own`, () => {
    const start = async (before: (app: ReturnType<Express>) => unknown) => {
      const told: unknown[] = [];
      const app = express();
      before(app);
      app.post('/hook', webhookHandler({ verifier: verifierWith(), handler: () => undefined }));
      app.use(((error, _request, response, _next) => {
        told.push(error);
        response.status(500).end();
      }) as import('express').ErrorRequestHandler);
      const { origin, close } = await listen(createServer(app));
      onTestFinished(() => close());
      return { origin, told };
    };
    const post = (origin: string, contentType = 'application/json') => {
      const { headers, body } = callback();
      return fetch(`${origin}/hook?secret=1`, {
        method: 'POST',
        headers: [...(headers as [string, string][]).slice(1), ['content-type', contentType]],
        body: Buffer.from(body),
      });
    };

    it.each<[string, string, (app: ReturnType<Express>) => unknown, RegExp]>([
      [
        'express.json',
        'application/json',
        (app) => app.use(express.json()),
        /^the body of POST \/hook \(application\/json\) reached the webhook as an object: express\.json\(\), .* Register the webhook before the parser, app\.post\(path, webhookHandler\(…\)\) above app\.use\(express\.json\(\)\)/,
      ],
      [
        'express.urlencoded',
        'application/x-www-form-urlencoded',
        (app) => app.use(express.urlencoded({ extended: false })),
        /as an object: express\.urlencoded\(\), .* above app\.use\(express\.json\(\)\)/,
      ],
      [
        'express.text',
        'text/plain',
        (app) => app.use(express.text()),
        /as text: express\.text\(\), /,
      ],
      [
        'something that decodes',
        'application/json',
        (app) =>
          app.use((request, _response, next) => {
            decodeStream(request);
            next();
          }),
        /as text: something that called setEncoding on its stream/,
      ],
    ])('names what read the body before it, and the line to add: %s', async (...row) => {
      const [, contentType, before, message] = row;
      const { origin, told } = await start(before);
      expect((await post(origin, contentType)).status).toBe(500);
      expect(told).toMatchObject([
        { code: 'BODY_ALREADY_PARSED', message: expect.stringMatching(message) },
      ]);
      expect(String(told)).not.toContain('secret');
    });

    it('takes the Buffer that express.raw has left', async () => {
      const { origin } = await start((app) => app.use(express.raw({ type: '*/*' })));
      const answer = await post(origin);
      expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
    });

    it('takes the rawBody that a parser has kept', async () => {
      const verify = (request: object, _response: unknown, rawBody: Buffer) => {
        Object.assign(request, { rawBody });
      };
      const { origin } = await start((app) => app.use(express.json({ verify })));
      const answer = await post(origin);
      expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
    });
  });
}
