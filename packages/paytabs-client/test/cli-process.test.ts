import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { startSimulator } from '../src/testing/index.js';
import { muteWarnings } from './redis-intent-store.js';
import { sampleIntent } from './sample-intent.js';
import { soon } from './with-simulator.js';

muteWarnings();

const sources = new URL('../../../tools/start/lib/sources.mjs', import.meta.url);
const flags = ['--conditions=@nestcms/source', '--import', sources.href];
const main = fileURLToPath(new URL('../src/cli/paytabs.ts', import.meta.url));

/** Starts the command line in a process of its own. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child: ChildProcess = spawn(process.execPath, [...flags, main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    said.out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    said.err += String(chunk);
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

async function startGateway() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.stop());
  const { serverKey, profileId, baseUrl } = simulator;
  const env = {
    PAYTABS_PROFILE_ID: String(profileId),
    PAYTABS_SERVER_KEY: serverKey,
    PAYTABS_BASE_URL: baseUrl,
  };
  return { simulator, env, serverKey };
}

describe('the process of paytabs', () => {
  it('ends with 0, 1 and 2, and shows the key in neither output', async () => {
    const { env, serverKey } = await startGateway();
    const refused = { ...env, PAYTABS_SERVER_KEY: 'SOTHER0000-OTHER00000-OTHER00000' };
    const [help, well, failed, usage] = await Promise.all([
      start(['--help']).ended,
      start(['doctor'], env).ended,
      start(['doctor'], refused).ended,
      start(['doctor', '--nope'], env).ended,
    ]);
    expect([help, well, failed, usage].map(({ code }) => code)).toEqual([0, 0, 1, 2]);
    expect(help.out).toMatch(/doctor[\s\S]*reconcile/);
    expect(well.out).toContain('ok       region');
    expect(failed.out).toContain('failed   region');
    expect(usage.err).toContain("Unknown option '--nope'");
    const all = [well, failed, usage].map(({ out, err }) => out + err).join();
    expect(all).not.toContain(serverKey);
    expect(all).not.toContain(refused.PAYTABS_SERVER_KEY);
  });

  it('that waits for an answer is ended by Ctrl-C, not as if all were well', async () => {
    const { simulator, env } = await startGateway();
    simulator.faults.add({ kind: 'hang', times: 'always' });
    const { child, ended } = start(['doctor', '--timeout', '300'], env);
    await soon(() => simulator.requests().length > 0);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 1, err: '' });
  });

  it('that watches goes on until Ctrl-C, which is its ordinary end', async () => {
    const { env, serverKey } = await startGateway();
    const redis = new Redis(inject('redisStateUrl'));
    const keyPrefix = `test-${randomUUID()}`;
    onTestFinished(async () => {
      const keys = await redis.keys(`${keyPrefix}*`);
      if (keys.length > 0) await redis.del(keys);
      redis.disconnect();
    });
    await new RedisIntentStore({ redis, keyPrefix }).begin(sampleIntent);
    const place = { PAYTABS_REDIS_URL: inject('redisStateUrl') };
    const args = ['reconcile', '--watch', '--every', '60', '--prefix', keyPrefix];
    const { child, said, ended } = start(args, { ...env, ...place });
    await soon(() => said.out.includes('\n'));
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe('order-1.1  sale  149.50 AED  begun → unknown (senderGone)\n');
    expect(out + err).not.toContain(serverKey);
  });
});
