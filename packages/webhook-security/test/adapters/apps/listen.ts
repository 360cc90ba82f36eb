import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOST, type RunningApp } from './app-parts.js';

export async function listen(server: Server): Promise<RunningApp> {
  if (!server.listening) {
    server.listen(0, HOST);
    await once(server, 'listening');
  }
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}
