import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface EchoServer {
  readonly port: number;
  readonly received: () => string;
  stop(): Promise<void>;
}

/** Sends back what it gets and ends when the other side ends. */
export async function startEchoServer(): Promise<EchoServer> {
  const sockets = new Set<Socket>();
  let received = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      socket.write(bytes);
    });
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
