import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RefusingRegistry {
  readonly url: string;
  /** What was asked of it, for example `GET /@nestcms%2fcircuit-breaker`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** A package registry that has nothing and remembers who asked. */
export async function startRefusingRegistry(): Promise<RefusingRegistry> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
