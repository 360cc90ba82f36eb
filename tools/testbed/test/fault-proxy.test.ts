import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/fault-proxy.js';
import { until } from '../src/until.js';
import { type EchoServer, startEchoServer } from './support/echo-server.js';

let echo: EchoServer;
let proxy: FaultProxy;
const clients: Client[] = [];

beforeEach(async () => {
  echo = await startEchoServer();
  proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: echo.port } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await proxy.stop();
  await echo.stop();
});

interface Client {
  readonly socket: Socket;
  received: string;
  /** How the connection ended: `end` in order, else the error's code. */
  ended: string | undefined;
}

async function open(port = proxy.port): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const client: Client = { socket, received: '', ended: undefined };
  clients.push(client);
  socket.on('data', (bytes) => {
    client.received += bytes.toString('latin1');
  });
  socket.on('end', () => {
    client.ended ??= 'end';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    client.ended ??= error.code;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

const got = (client: Client, text: string) =>
  until(() => client.received === text, { what: `"${text}"`, timeoutMs: 5_000, intervalMs: 2 });
const ended = (client: Client) =>
  until(() => client.ended, { what: 'the end', timeoutMs: 5_000, intervalMs: 2 });

/** Milliseconds from sending to the whole answer. */
async function roundTrip(client: Client, text: string): Promise<number> {
  const before = client.received;
  const startedAt = performance.now();
  client.socket.write(text);
  await got(client, before + text);
  return performance.now() - startedAt;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a fault proxy in order', () => {
  it('passes bytes and ends on, both ways', async () => {
    const client = await open();
    await roundTrip(client, 'hello');
    expect(proxy.url('redis')).toBe(`redis://127.0.0.1:${proxy.port}`);
    expect(proxy.connections).toBe(1);
    client.socket.end('bye');
    expect(await ended(client)).toBe('end');
    expect(client.received).toBe('hellobye');
    await until(() => proxy.connections === 0, { what: 'no connection', timeoutMs: 2_000 });
  });

  it('passes megabytes on unchanged', async () => {
    const client = await open();
    const text = Array.from({ length: 400_000 }, (_, index) => index.toString(36)).join();
    await roundTrip(client, text);
    expect(echo.received()).toBe(text);
  });

  it('resets a client whose server is gone', async () => {
    await echo.stop();
    const client = await open();
    expect(await ended(client)).toBe('ECONNRESET');
  });
});

describe('delay', () => {
  it('makes each answer later, on live connections too, until healed', async () => {
    const client = await open();
    await roundTrip(client, 'a');
    await proxy.delay({ latencyMs: 200 });
    expect(await roundTrip(client, 'b')).toBeGreaterThanOrEqual(195);
    // An hour that is not waited for: healed is healed, for what is held and for what comes.
    await proxy.delay({ latencyMs: 3_600_000 });
    client.socket.write('c');
    await until(() => echo.received() === 'abc', {
      what: 'the server to get it',
      timeoutMs: 5_000,
    });
    await proxy.heal();
    await got(client, 'abc');
    await roundTrip(client, 'd');
  });

  it('lets no chunk overtake another, whatever the jitter', async () => {
    const client = await open();
    await proxy.delay({ latencyMs: 20, jitterMs: 20 });
    for (let digit = 0; digit < 10; digit += 1) {
      client.socket.write(String(digit));
      await pause(3);
    }
    await got(client, '0123456789');
    expect(echo.received()).toBe('0123456789');
  });

  it('jitters alike under the same seed, and otherwise under another', async () => {
    /** How late each of ten chunks is due, as the stream asks its timer for it. */
    const delays = async (seed: number) => {
      const seeded = await startFaultProxy({
        target: { host: '127.0.0.1', port: echo.port },
        seed,
      });
      await seeded.delay({ latencyMs: 100_000, jitterMs: 50_000 });
      const timers = vi.spyOn(globalThis, 'setTimeout');
      const asked: number[] = [];
      // A connection each: within one a chunk is never due before the one ahead of it.
      for (let index = 0; index < 10; index += 1) {
        timers.mockClear();
        const client = await open(seeded.port);
        client.socket.write('x');
        const longest = () =>
          Math.max(0, ...timers.mock.calls.map(([, ms]) => Number(ms)).filter((ms) => ms > 40_000));
        asked.push(
          await until(() => longest() || undefined, { what: 'a timer', timeoutMs: 5_000 }),
        );
      }
      timers.mockRestore();
      await seeded.stop();
      return asked;
    };
    const [first, again, other] = [await delays(7), await delays(7), await delays(8)];
    // A moment passes between the draw and the timer.
    const alike = (index: number, others: number[]) =>
      Math.abs((first[index] ?? 0) - (others[index] ?? 0)) < 1_000;
    expect(first.filter((_, index) => alike(index, again))).toHaveLength(10);
    expect(first.filter((_, index) => alike(index, other)).length).toBeLessThan(3);
    expect(Math.min(...first)).toBeGreaterThan(49_000);
    expect(Math.max(...first)).toBeLessThanOrEqual(150_000);
  });

  it('gives out at once on heal what it held', async () => {
    const client = await open();
    await proxy.delay({ latencyMs: 60_000 });
    client.socket.write('late');
    await until(() => echo.received() === 'late', {
      what: 'the server to get it',
      timeoutMs: 2_000,
    });
    expect(client.received).toBe('');
    await proxy.heal();
    await got(client, 'late');
  });
});

describe('throttle', () => {
  it('limits the rate of a live connection', async () => {
    const client = await open();
    await proxy.throttle(20_000);
    // 10 kB there and back, in parts that overlap: half a second at least.
    const tookMs = await roundTrip(client, 'x'.repeat(10_000));
    expect(tookMs).toBeGreaterThan(400);
    // At one byte in a second this would take hours; healed it is over before the test is.
    await proxy.throttle(1);
    client.socket.write('y'.repeat(10_000));
    await proxy.heal();
    await got(client, 'x'.repeat(10_000) + 'y'.repeat(10_000));
  });

  it('refuses a rate that is none', async () => {
    await expect(proxy.throttle(0)).rejects.toThrow(RangeError);
  });
});

describe('freeze', () => {
  it('accepts connections and bytes and passes nothing on until healed', async () => {
    const before = await open();
    await proxy.freeze();
    const after = await open();
    before.socket.write('1');
    after.socket.end('2');
    await pause(100);
    expect(echo.received()).toBe('');
    expect([before, after].map((client) => client.ended)).toEqual([undefined, undefined]);
    await proxy.heal();
    await got(before, '1');
    await got(after, '2');
    expect(await ended(after)).toBe('end');
  });
});

describe('cut and reset', () => {
  it('cut ends live connections in order and serves new ones', async () => {
    const client = await open();
    await roundTrip(client, 'a');
    await proxy.cut();
    expect(await ended(client)).toBe('end');
    expect(proxy.connections).toBe(0);
    await roundTrip(await open(), 'b');
  });

  it('reset breaks live connections and serves new ones', async () => {
    const client = await open();
    await roundTrip(client, 'a');
    await proxy.reset();
    expect(await ended(client)).toBe('ECONNRESET');
    await roundTrip(await open(), 'b');
  });
});

describe('refuse', () => {
  it('breaks live connections and refuses new ones until healed, on the same port', async () => {
    const client = await open();
    await roundTrip(client, 'a');
    await proxy.refuse();
    expect(await ended(client)).toBe('ECONNRESET');
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.heal();
    await roundTrip(await open(), 'b');
  });

  it('can be asked for twice, and healed twice', async () => {
    await proxy.refuse();
    await proxy.refuse();
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.heal();
    await proxy.heal();
    await roundTrip(await open(), 'a');
  });
});
