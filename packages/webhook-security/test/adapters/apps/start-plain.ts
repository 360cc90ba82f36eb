import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { webhookHandler } from '../../../src/adapters/fetch/index.js';
import { SLOW_LIMITS, type StartApp } from './app-parts.js';
import { listen } from './listen.js';

type Answer = (request: Request, peer: string | undefined) => Promise<Response>;

const peerAddress = (_request: Request, peer: string | undefined) => peer;

/** The handler of `/fetch` on Node's own server, without a framework. */
export const startPlain: StartApp = ({ hook, handle, back, asked, chat }) => {
  const ofHook = {
    verifier: hook,
    peerAddress,
    handler: ({ verdict }: { verdict: Parameters<typeof handle>[0] }) => handle(verdict),
  };
  const onAsked = webhookHandler({
    verifier: asked,
    peerAddress,
    handler: ({ verdict }) => verdict.payload,
  });
  const routes: Readonly<Record<string, Answer>> = {
    'POST /hook': webhookHandler(ofHook),
    'POST /slow': webhookHandler({ ...ofHook, ...SLOW_LIMITS }),
    'POST /return': webhookHandler({
      verifier: back,
      peerAddress,
      handler: ({ verdict }) => verdict.payload,
      onRefused: ({ verdict }) => Response.json({ refused: verdict.reason }),
    }),
    'POST /asked': onAsked,
    'GET /asked': onAsked,
    'HEAD /asked': onAsked,
    'POST /chat': webhookHandler({
      verifier: chat,
      peerAddress,
      handler: ({ verdict }) => verdict.payload,
    }),
    'POST /echo': async (request) => {
      const body: unknown = await request.json();
      return Response.json({ type: typeof body, body });
    },
  };
  const server = createServer((incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '', 'http://localhost');
    const route = routes[`${incoming.method} ${pathname}`];
    const answer = route?.(requestOf(incoming), incoming.socket.remoteAddress);
    const answered = answer ?? Promise.resolve(new Response(null, { status: 404 }));
    answered.then(
      (given) => give(given, response),
      (error: unknown) => {
        response.statusCode = error instanceof SyntaxError ? 400 : 500;
        response.end();
      },
    );
  });
  return listen(server);
};

function requestOf(incoming: IncomingMessage): Request {
  const { method = '', url = '', rawHeaders } = incoming;
  const headers = new Headers();
  for (let place = 0; place < rawHeaders.length; place += 2) {
    headers.append(rawHeaders[place] as string, rawHeaders[place + 1] as string);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  });
}

async function give(answer: Response, response: ServerResponse): Promise<void> {
  // What was not read of the body would else be read, and dropped, for the next request.
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(answer.status, [...answer.headers].flat());
  response.end(Buffer.from(await answer.arrayBuffer()));
}
