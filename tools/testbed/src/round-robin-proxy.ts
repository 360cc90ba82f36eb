import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const CONNECT_TIMEOUT_MS = 2_000;
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

export interface RoundRobinProxyOptions {
  /** Base addresses of the instances, for example `http://127.0.0.1:3000`. */
  readonly targets: readonly string[];
}

export interface RoundRobinProxy {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A small HTTP load balancer: each request goes to the next instance; one that cannot be connected
 * to is skipped. Bodies are streamed both ways. Answers carry `x-served-instance` (the address);
 * requests carry the client's address at the end of `x-forwarded-for`. Nothing is sent twice: once
 * an instance has accepted the connection its failure is the client's (502, or a broken answer).
 */
export async function startRoundRobinProxy({
  targets,
}: RoundRobinProxyOptions): Promise<RoundRobinProxy> {
  const instances = targets.map((target) => new URL(target));
  if (instances.length === 0) throw new RangeError('targets must name at least one instance.');
  let turn = 0;

  const server = createServer((incoming, outgoing) => {
    const first = turn;
    turn = (turn + 1) % instances.length;
    const inTurn = instances.map((_, index) => instances[(first + index) % instances.length]);
    void forward(incoming, outgoing, inTurn as URL[]);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  instances: readonly URL[],
): Promise<void> {
  for (const instance of instances) {
    const socket = await open(instance);
    if (!socket) continue;
    relay(incoming, outgoing, instance, socket);
    return;
  }
  fail(outgoing, 503, 'No instance accepts connections.');
}

/** A connection of its own for each request: a kept one may be dead without our knowing. */
function open(instance: URL): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: instance.hostname, port: Number(instance.port || 80) });
    const giveUp = () => {
      socket.destroy();
      resolve(undefined);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, giveUp);
    socket.once('error', giveUp);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', giveUp);
      resolve(socket);
    });
  });
}

function relay(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  instance: URL,
  socket: Socket,
): void {
  const upstream = request({
    createConnection: () => socket,
    method: incoming.method,
    path: incoming.url,
    headers: requestHeaders(incoming),
    setHost: false,
  });
  upstream.once('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, {
      ...withoutHopByHop(response),
      'x-served-instance': instance.host,
    });
    outgoing.flushHeaders(); // event streams send their first bytes late
    response.pipe(outgoing);
    response.once('error', () => outgoing.destroy());
  });
  upstream.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else fail(outgoing, 502, 'The instance broke the connection.');
  });
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function requestHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  const before = incoming.headers['x-forwarded-for'];
  const address = incoming.socket.remoteAddress ?? '';
  return {
    ...withoutHopByHop(incoming),
    'x-forwarded-for': before ? `${String(before)}, ${address}` : address,
    'x-forwarded-proto': 'http',
  };
}

function withoutHopByHop({ headersDistinct }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headersDistinct).filter(([name]) => !HOP_BY_HOP.has(name)),
  );
}

function fail(outgoing: ServerResponse, status: number, detail: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '1' });
  outgoing.end(JSON.stringify({ title: 'Load balancer', status, detail }));
}
