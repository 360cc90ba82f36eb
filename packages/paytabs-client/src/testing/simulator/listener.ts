import { createServer, type RequestListener, type Server } from 'node:http';

/** A loopback server whose port can be closed and opened again. */
export class Listener {
  readonly #handler: RequestListener;
  #server: Server | undefined;
  #port: number;

  constructor(handler: RequestListener, port: number) {
    this.#handler = handler;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  /** @throws Error with code EADDRINUSE when the port is taken */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer(this.#handler);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}
