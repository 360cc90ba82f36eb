import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { FetchLike } from '../../src/remote/index.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A real server, and a `fetch` that asks it in the place of every https address: no machine without a
 * certificate of its own could serve one.
 */
export async function serve(answer: Answer) {
  const asked: { readonly path: string; readonly etag: string | undefined }[] = [];
  const state = { answer };
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', etag: request.headers['if-none-match'] });
    state.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const fetchFromServer: FetchLike = (url, init) => {
    const { pathname } = new URL(url);
    return fetch(`http://127.0.0.1:${port}${pathname}`, init);
  };
  return {
    asked,
    fetch: fetchFromServer,
    answerWith: (next: Answer) => {
      state.answer = next;
    },
  };
}

export const text =
  (body: string, etag?: string): Answer =>
  (request, response) => {
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, etag === undefined ? {} : { etag }).end(body);
  };
