import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BODY_LIMITS } from '../../src/adapters/body-gate.js';
import { EndlessSenders, PIECES } from './endless/senders.js';
import type { Measured, Started } from './endless/server.js';
import { send } from './send.js';
import { right } from './suite-requests.js';

const megabyte = 1_048_576;
const floodMs = 700;

interface Flood {
  readonly name: string;
  readonly senders: number;
  readonly pieces: keyof typeof PIECES;
  readonly maxBytes: number;
}

/** One megabyte is the limit of most presets. */
const large = { senders: 200, pieces: 'large', maxBytes: megabyte } as const;

const floods: readonly Flood[] = [
  { name: 'Express', ...large },
  { name: 'Fastify', ...large },
  { name: 'fetch', ...large },
  { name: 'Express', senders: 20, pieces: 'of one byte', maxBytes: 262_144 },
];

const heard = async <Message>(child: ChildProcess): Promise<Message> => {
  const [message] = await once(child, 'message');
  return message as Message;
};

const measure = (child: ChildProcess): Promise<Measured> => {
  const answer = heard<Measured>(child);
  child.send('measure');
  return answer;
};

describe('senders of endless bodies', () => {
  let folder = '';
  beforeAll(async () => {
    // Beside the dependencies, which it does not hold.
    const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
    folder = await mkdtemp(`${modules}.endless-`);
    await build({
      entryPoints: [fileURLToPath(new URL('endless/server.ts', import.meta.url))],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(floods)('$senders leave $name within its limits, pieces: $pieces', async (flooded) => {
    const { name, senders, pieces, maxBytes } = flooded;
    const child = fork(`${folder}/server.mjs`, [name, String(maxBytes)], { stdio: 'ignore' });
    onTestFinished(() => {
      child.disconnect();
    });
    const { origin } = await heard<Started>(child);
    expect((await send(origin, right)).status).toBe(200);
    await measure(child);
    const idle = await measure(child);
    const allowed = maxBytes * BODY_LIMITS.maxBodies + 20 * megabyte;
    const held: number[] = [];
    // What is garbage and waits for its collection counts too, and on a busy machine it waits for long: what is held by
    // the package would be held in each flood.
    while (held.length < 3 && !held.some((bytes) => bytes < allowed)) {
      const flood = new EndlessSenders(origin, senders, PIECES[pieces]);
      await delay(floodMs);
      flood.stop();
      const most = await measure(child);
      held.push(Math.max(most.rssBytes - idle.rssBytes, most.heldBytes - idle.heldBytes));
    }
    expect(Math.min(...held)).toBeLessThan(allowed);
    expect(await send(origin, right)).toEqual({ status: 200, body: { reason: 'replay' } });
  });
});
