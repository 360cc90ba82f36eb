import { connect, createServer, type Server, type Socket } from 'node:net';
import { reservePort } from '../../start/lib/ports.mjs';
import { FaultyStream, type LineConditions } from './faulty-stream.js';
import { seededRandom } from './seeded-random.js';

const HOST = '127.0.0.1';

export interface FaultProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** Seed of the jitter. Default 1. */
  readonly seed?: number;
}

/**
 * Stands between any client and any TCP server. Faults last until `heal()`, can be combined and
 * apply to live connections too; `cut` and `reset` are done at once and over.
 */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** For example `url('redis')`. */
  url(scheme: string): string;
  /** How many clients are connected. */
  readonly connections: number;
  /** Holds each chunk from the server back for so long, ± jitter; an answer takes that much longer. */
  delay(options: { readonly latencyMs: number; readonly jitterMs?: number }): Promise<void>;
  /** Limits each direction of each connection. */
  throttle(bytesPerSecond: number): Promise<void>;
  /** Accepts connections and bytes and passes nothing on; `heal` passes on what was held. */
  freeze(): Promise<void>;
  /** Ends the connections there are in an orderly way; new ones are served. */
  cut(): Promise<void>;
  /** Resets (RST) the connections there are; new ones are served. */
  reset(): Promise<void>;
  /** Resets the connections there are and refuses new ones, as if the server's process had died. */
  refuse(): Promise<void>;
  /** The line is in order again. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a fault proxy on a port of its own. It begins in order. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  for (let attempt = 1; ; attempt += 1) {
    const reserved = await reservePort({ host: HOST });
    try {
      const line = new FaultyLine(options, reserved.port);
      await line.listen();
      return toFaultProxy(line, reserved);
    } catch (error) {
      reserved.release();
      if (attempt === 5) throw error;
    }
  }
}

function toFaultProxy(line: FaultyLine, reserved: { port: number; release: () => void }) {
  return {
    host: HOST,
    port: reserved.port,
    url: (scheme) => `${scheme}://${HOST}:${reserved.port}`,
    get connections() {
      return line.connections;
    },
    delay: async ({ latencyMs, jitterMs = 0 }) => line.change({ latencyMs, jitterMs }),
    throttle: async (bytesPerSecond) => {
      if (!(bytesPerSecond > 0)) throw new RangeError('bytesPerSecond must be above 0.');
      line.change({ bytesPerSecond });
    },
    freeze: async () => line.change({ frozen: true }),
    cut: async () => line.drop((socket) => socket.end()),
    reset: async () => line.drop((socket) => socket.resetAndDestroy()),
    refuse: () => line.close(),
    heal: () => line.heal(),
    stop: async () => {
      await line.close();
      reserved.release();
    },
  } satisfies FaultProxy as FaultProxy;
}

const IN_ORDER: LineConditions = {
  frozen: false,
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: undefined,
};

interface Connection {
  readonly sockets: readonly Socket[];
  readonly streams: readonly FaultyStream[];
}

class FaultyLine {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #port: number;
  readonly #random: () => number;
  readonly #conditions: LineConditions = { ...IN_ORDER };
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;

  constructor({ target, seed = 1 }: FaultProxyOptions, port: number) {
    this.#target = target;
    this.#port = port;
    this.#random = seededRandom(seed);
  }

  get connections(): number {
    return this.#connections.size;
  }

  async listen(): Promise<void> {
    if (this.#server) return;
    // Half-open, so that an end is passed on like bytes: late, or not at all while frozen.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#accept(client);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: this.#port, host: HOST, exclusive: true }, resolve);
    });
  }

  #accept(client: Socket): void {
    const upstream = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const shared = { conditions: this.#conditions, random: this.#random };
    const connection: Connection = {
      sockets: [client, upstream],
      streams: [
        new FaultyStream({ source: client, sink: upstream, delayed: false, ...shared }),
        new FaultyStream({ source: upstream, sink: client, delayed: true, ...shared }),
      ],
    };
    this.#connections.add(connection);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        if (client.destroyed && upstream.destroyed) this.#connections.delete(connection);
      });
    }
  }

  /** Changes the conditions under which live and new connections run. */
  change(conditions: Partial<LineConditions>): void {
    Object.assign(this.#conditions, conditions);
    for (const { streams } of this.#connections) for (const stream of streams) stream.pump();
  }

  /** Ends every connection in the given way. */
  drop(end: (socket: Socket) => void): void {
    for (const connection of this.#connections) {
      for (const socket of connection.sockets) {
        end(socket);
        if (!socket.destroyed) socket.destroySoon();
      }
      this.#connections.delete(connection);
    }
  }

  async heal(): Promise<void> {
    Object.assign(this.#conditions, IN_ORDER);
    for (const { streams } of this.#connections) for (const stream of streams) stream.flush();
    await this.listen();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    this.drop((socket) => socket.resetAndDestroy());
    await closed;
  }
}
