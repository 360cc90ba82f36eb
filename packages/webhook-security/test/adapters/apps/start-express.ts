import { createServer } from 'node:http';
import type express5 from 'express';
import { webhookHandler } from '../../../src/adapters/express/index.js';
import { decodeStream } from '../decode-bodies.js';
import { SLOW_LIMITS, type StartApp } from './app-parts.js';
import { listen } from './listen.js';

export const startExpress =
  (express: typeof express5): StartApp =>
  ({ hook, handle, back, asked, chat, decode = false }) => {
    const app = express();
    if (decode) {
      app.use((request, _response, next) => {
        decodeStream(request);
        next();
      });
    }
    app.post(
      '/hook',
      webhookHandler({ verifier: hook, handler: ({ verdict }) => handle(verdict) }),
    );
    app.post(
      '/slow',
      webhookHandler({ verifier: hook, handler: ({ verdict }) => handle(verdict), ...SLOW_LIMITS }),
    );
    app.post(
      '/return',
      webhookHandler({
        verifier: back,
        handler: ({ verdict }) => verdict.payload,
        onRefused: ({ verdict, response }) => {
          response.statusCode = 200;
          return { refused: verdict.reason };
        },
      }),
    );
    const onAsked = webhookHandler({
      verifier: asked,
      handler: ({ verdict }) => verdict.payload,
    });
    app.route('/asked').get(onAsked).post(onAsked);
    app.post(
      '/chat',
      webhookHandler({ verifier: chat, handler: ({ verdict }) => verdict.payload }),
    );
    app.use(express.json());
    app.post('/echo', (request, response) => {
      response.json({ type: typeof request.body, body: request.body });
    });
    return listen(createServer(app));
  };
