import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { reservePort } from '../lib/ports.mjs';
import { choosePort, urlOf } from './port.ts';

let server: Server | undefined;
afterEach(() => server?.close());

it('takes the port that is wanted, or a free one for 0', async () => {
  const { port, release } = await reservePort();
  expect(await choosePort(port, '127.0.0.1')).toBe(port);
  release();
  expect(await choosePort(0, '127.0.0.1')).toBeGreaterThan(0);
});

it('says that a port is taken and what to type instead', async () => {
  const { port, release } = await reservePort();
  const listening = createServer();
  server = listening;
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
  await expect(choosePort(port, '127.0.0.1')).rejects.toMatchObject({
    message: `Port ${port} on 127.0.0.1 is taken by another program.`,
    remedy: expect.stringContaining(`npm start -- --port ${port + 1}`),
  });
  release();
});

it('says that an address is not one of this machine', async () => {
  // TEST-NET-1 belongs to nobody.
  await expect(choosePort(3000, '192.0.2.1')).rejects.toThrow(/cannot listen on 192\.0\.2\.1/);
});

it('names an address that a browser here can open', () => {
  expect(urlOf('0.0.0.0', 80)).toBe('http://127.0.0.1:80');
  expect(urlOf('::1', 80)).toBe('http://[::1]:80');
  expect(urlOf('nest.example', 80)).toBe('http://nest.example:80');
});
