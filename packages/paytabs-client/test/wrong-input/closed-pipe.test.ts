import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PayTabsClient, parseMajor } from '@nestcms/paytabs-client';
import { startSimulator } from '@nestcms/paytabs-client/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const sources = new URL('../../../../tools/start/lib/sources.mjs', import.meta.url);
const flags = ['--conditions=@nestcms/source', '--import', sources.href];
const programs = {
  paytabs: '../../src/cli/paytabs.ts',
  simulator: '../../src/testing/simulator-cli.ts',
};

/** Starts a program whose output nobody reads. */
function startUnread(
  program: keyof typeof programs,
  { args, env = {} }: { args: readonly string[]; env?: Readonly<Record<string, string>> },
) {
  const main = fileURLToPath(new URL(programs[program], import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [...flags, main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.destroy();
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += String(chunk);
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return once(child, 'close').then(([code]) => ({ code: code as number | null, err }));
}

async function startShop(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(200).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
}

describe('a program whose output nobody reads any more', () => {
  it('ends without a stack trace', async () => {
    const ends = await Promise.all([
      startUnread('paytabs', { args: ['--help'] }),
      startUnread('paytabs', { args: ['trigger', '--list'] }),
      startUnread('simulator', { args: ['--help'] }),
    ]);
    expect(ends).toEqual(ends.map(() => ({ code: 0, err: '' })));
  });

  it('ends what would go on until Ctrl-C in the same way', async () => {
    const simulator = await startSimulator();
    onTestFinished(() => simulator.stop());
    const { profileId, serverKey, baseUrl } = simulator;
    const client = new PayTabsClient({ profileId, serverKey, baseUrl });
    onTestFinished(() => client.close());
    const order = { cartId: 'order-1.1', amount: parseMajor('1', 'AED'), description: 'A ticket' };
    const page = await client.createHostedPage(order);
    if (page.kind !== 'page') throw page.error;
    await simulator.pay(page.redirectUrl);

    const args = ['listen', '--forward-to', await startShop(), '--cart', order.cartId];
    const { code, err } = await startUnread('paytabs', {
      args: [...args, '--since', 'all'],
      env: {
        PAYTABS_PROFILE_ID: String(profileId),
        PAYTABS_SERVER_KEY: serverKey,
        PAYTABS_BASE_URL: baseUrl,
      },
    });
    expect(code).toBe(0);
    expect(err).not.toContain('EPIPE');
  });
});
