import type { Server } from 'node:http';
import { onTestFinished } from 'vitest';

/** Has a server listen on this machine until the test is over. @returns its port */
export async function listenForTest(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}
