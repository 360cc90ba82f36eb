import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenForTest } from './listen-for-test.js';

/** One request a merchant's server received. */
export interface Received {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A merchant's server that keeps what it gets. */
export interface Shop {
  readonly callbackUrl: string;
  readonly returnUrl: string;
  readonly callbacks: readonly Received[];
  readonly returns: readonly Received[];
  /** What callbacks are answered with from now on, one each, then 200. */
  answerCallbacksWith(...statuses: number[]): void;
}

/** Starts one; it is gone after the test. */
export async function startShop(): Promise<Shop> {
  const received: Received[] = [];
  let statuses: number[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url: path = '', method = '', headers } = request;
      received.push({ path, method, headers, body });
      if (path === '/return') response.writeHead(303, { location: '/done' }).end();
      else response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  const port = await listenForTest(server);
  return {
    callbackUrl: `http://127.0.0.1:${port}/callback`,
    returnUrl: `http://127.0.0.1:${port}/return`,
    get callbacks() {
      return received.filter(({ path }) => path === '/callback');
    },
    get returns() {
      return received.filter(({ path }) => path === '/return');
    },
    answerCallbacksWith(...next) {
      statuses = next;
    },
  };
}
