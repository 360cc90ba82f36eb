import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canListen, reservePort } from '../../../start/lib/ports.mjs';
import { runUntilReport } from '../support/processes.js';

const PORTS_MODULE = new URL('../../../start/lib/ports.mjs', import.meta.url).href;
const lockFile = (port: number) =>
  join(tmpdir(), `nestcms-ports-${process.getuid?.() ?? 'user'}`, String(port));

describe('reservePort', () => {
  it('gives no port to two processes at once', async () => {
    const script = `
      const { reservePort } = await import('${PORTS_MODULE}');
      const reserved = await Promise.all(Array.from({ length: 200 }, () => reservePort()));
      console.log(JSON.stringify({ ports: reserved.map(({ port }) => port) }));
      setInterval(() => {}, 1000);
    `;
    const owners = await Promise.all(
      Array.from({ length: 3 }, () =>
        runUntilReport<{ ports: number[] }>(process.execPath, [
          '--input-type=module',
          '-e',
          script,
        ]),
      ),
    );
    const ports = owners.flatMap(({ report }) => report.ports);
    for (const owner of owners) owner.process.kill();
    await Promise.all(owners.map((owner) => owner.ended));
    expect(new Set(ports).size).toBe(600);
  });

  it('gives ports below those of outgoing connections, and back on release', async () => {
    const { port, release } = await reservePort();
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
    expect(existsSync(lockFile(port))).toBe(true);
    release();
    expect(existsSync(lockFile(port))).toBe(false);
  });

  it('gives back the ports of a process that ends', async () => {
    const script = `
      const { reservePort } = await import('${PORTS_MODULE}');
      console.log(JSON.stringify(await reservePort()));
    `;
    const owner = await runUntilReport<{ port: number }>(process.execPath, [
      '--input-type=module',
      '-e',
      script,
    ]);
    await owner.ended;
    expect(existsSync(lockFile(owner.report.port))).toBe(false);
  });

  it('recognises the lock of a process that was killed', async () => {
    const { port, release } = await reservePort();
    release();
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.once('exit', resolve));
    writeFileSync(lockFile(port), String(dead.pid));
    const again = await reservePort({ draw: () => port });
    expect(again.port).toBe(port);
    again.release();
  });

  it('says so when it finds none', async () => {
    const { port, release } = await reservePort();
    await expect(reservePort({ draw: () => port })).rejects.toThrow(/No free port/);
    release();
  });
});

describe('canListen', () => {
  it('tells a taken port from a free one', async () => {
    const { port, release } = await reservePort();
    expect(await canListen(port, '127.0.0.1')).toBe(true);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await canListen(port, '127.0.0.1')).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    release();
  });
});
