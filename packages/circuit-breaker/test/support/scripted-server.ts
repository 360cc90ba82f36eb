import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  /** `METHOD path` of every request that arrived. */
  readonly requests: string[];
  /** Bodies of the requests that arrived whole. */
  readonly bodies: string[];
}

type Play = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void;

/** What a path does. */
const PLAYS: Readonly<Record<string, Play>> = {
  '/ok': (_request, response) => {
    response.end('fine');
  },
  /** `?code=503&retry-after=2` */
  '/status': (_request, response, query) => {
    const retryAfter = query.get('retry-after');
    if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
    if (query.get('date') === 'none') response.sendDate = false;
    response.statusCode = Number(query.get('code'));
    response.end('said');
  },
  '/hang': () => {},
  '/reset': (request) => {
    request.socket.resetAndDestroy();
  },
  /** The head and a part of the body, then the connection is cut. */
  '/cut': (request, response, query) => {
    response.writeHead(Number(query.get('code') ?? 200), { 'content-length': '100' });
    response.write('half', () => setImmediate(() => request.socket.destroy()));
  },
  /** The head and a part of the body, then nothing. */
  '/stall': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
  },
  '/trailers': (_request, response) => {
    response.writeHead(200, { trailer: 'x-checksum' });
    response.write('body');
    response.addTrailers({ 'x-checksum': 'abc' });
    response.end();
  },
  '/early-hints': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('hinted');
  },
  '/redirect': (_request, response) => {
    response.writeHead(302, { location: '/ok' });
    response.end();
  },
};

/** A server on a port of its own that answers, fails, hangs or cuts, as the path says. */
export const startScriptedServer = async (
  more: Readonly<Record<string, Play>> = {},
): Promise<ScriptedServer> => {
  const requests: string[] = [];
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
    requests.push(`${request.method} ${pathname}`);
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += String(chunk);
    });
    request.on('end', () => bodies.push(body));
    const play = more[pathname] ?? PLAYS[pathname];
    if (play === undefined) response.writeHead(404).end();
    else play(request, response, searchParams);
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n',
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('end', () => socket.end());
  });
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    bodies,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
