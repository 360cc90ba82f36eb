import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRedisServer } from '../../../start/lib/redis-server.mjs';
import { scratchDirectory, writeScript } from '../support/scratch.js';

function surroundings(more: NodeJS.ProcessEnv = {}) {
  const bin = join(scratchDirectory(), 'bin');
  mkdirSync(bin);
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  return { bin, said, options: { environment: { PATH: bin, ...more }, say, uid: 1_000 } };
}

const VERSION_LINE = 'echo "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64"';

describe('findRedisServer', () => {
  it('takes the one on PATH', async () => {
    const { bin, options } = surroundings();
    const path = writeScript(bin, 'redis-server', VERSION_LINE);
    expect(await findRedisServer(options)).toMatchObject({ path, version: '7.0.15' });
  });

  it('says which one does not run', async () => {
    const { bin, options } = surroundings();
    const path = writeScript(bin, 'redis-server', 'echo no such library >&2; exit 127');
    await expect(findRedisServer(options)).rejects.toMatchObject({
      message: `The redis-server at ${path} does not run.`,
      tried: expect.stringContaining('no such library'),
    });
  });

  it('gives the line to type when it may not install', async () => {
    const { bin, options } = surroundings();
    writeScript(bin, 'apt-get', 'exit 99');
    await expect(findRedisServer(options)).rejects.toMatchObject({
      tried: expect.stringContaining('only root may install packages'),
      remedy: 'type: sudo apt-get install -y redis-server',
    });
  });

  it('installs it for root, after refreshing stale package lists', async () => {
    const { bin, options, said } = surroundings();
    const script = `case "$*" in
      *update*) : > ${bin}/updated ;;
      *install*redis-server)
        [ -e ${bin}/updated ] || exit 100
        { echo '#!/bin/sh'; echo '${VERSION_LINE}'; } > ${bin}/redis-server
        /bin/chmod 755 ${bin}/redis-server ;;
    esac`;
    writeScript(bin, 'apt-get', script);
    expect(await findRedisServer({ ...options, uid: 0 })).toMatchObject({ version: '7.0.15' });
    expect(said).toEqual([
      'Installing redis-server with apt-get (NESTCMS_NO_INSTALL=1 forbids this)',
    ]);
  });

  it('tells how an installation failed', async () => {
    const { bin, options } = surroundings();
    writeScript(bin, 'apt-get', 'echo "E: Unable to locate package"; exit 100');
    await expect(findRedisServer({ ...options, uid: 0 })).rejects.toMatchObject({
      tried: expect.stringContaining('E: Unable to locate package'),
      remedy: 'type: apt-get install -y redis-server',
    });
  });
});
