import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRoundRobinProxy } from '../src/round-robin-proxy.js';

async function instance(
  listener: RequestListener,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

const named = (name: string) => instance((_, response) => response.end(name));

async function proxyFor(...targets: string[]) {
  const proxy = await startRoundRobinProxy({ targets });
  onTestFinished(() => proxy.stop());
  return proxy;
}

const text = async (url: string) => (await fetch(url)).text();

describe('startRoundRobinProxy', () => {
  it('takes the instances in turn and says which one answered', async () => {
    const [one, two] = [await named('one'), await named('two')];
    const { url } = await proxyFor(one.url, two.url);
    const answers = [await text(url), await text(url), await text(url)];
    expect(answers).toEqual(['one', 'two', 'one']);
    const response = await fetch(url);
    expect(response.headers.get('x-served-instance')).toBe(new URL(two.url).host);
  });

  it('skips an instance that refuses, and takes it again when it is back', async () => {
    const [one, two] = [await named('one'), await named('two')];
    const { url } = await proxyFor(one.url, two.url);
    await one.stop();
    expect([await text(url), await text(url), await text(url)]).toEqual(['two', 'two', 'two']);
  });

  it('answers 503 with Retry-After when no instance is there', async () => {
    const one = await named('one');
    const { url } = await proxyFor(one.url);
    await one.stop();
    const response = await fetch(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('passes method, path, status, headers and bodies on', async () => {
    const { url: target } = await instance((incoming, response) => {
      const { method, url, headers } = incoming;
      const seen = [method, url, headers['x-mine'], headers['x-forwarded-for']].join(' ');
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.writeHead(201, { 'x-seen': seen, 'x-host': headers.host });
      incoming.pipe(response);
    });
    const { url, port } = await proxyFor(target);
    const response = await fetch(`${url}/a/b?c=d`, {
      method: 'PATCH',
      body: 'x'.repeat(1_000_000),
      headers: { 'x-mine': 'yes', 'x-forwarded-for': '203.0.113.9' },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-seen')).toBe('PATCH /a/b?c=d yes 203.0.113.9, 127.0.0.1');
    expect(response.headers.get('x-host')).toBe(`127.0.0.1:${port}`);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toHaveLength(1_000_000);
  });

  it('streams: the first bytes arrive before the answer ends, the request goes out before it ends', async () => {
    let finish = () => {};
    const { url: target } = await instance((incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      incoming.on('data', (bytes) => response.write(`got ${bytes}`));
      finish = () => response.end('done');
    });
    const { url } = await proxyFor(target);
    const outgoing = request(url, { method: 'POST' });
    const seen: string[] = [];
    const answered = new Promise<void>((resolve) => {
      outgoing.on('response', (response) => {
        response.on('data', (bytes) => {
          seen.push(String(bytes));
          if (seen.length === 1) finish();
        });
        response.on('end', resolve);
      });
    });
    outgoing.write('half a body'); // never ended by the client before the answer
    await answered;
    outgoing.destroy();
    expect(seen).toEqual(['got half a body', 'done']);
  });

  it('sends nothing twice: an instance that dies while it answers breaks the answer', async () => {
    let calls = 0;
    const dying: RequestListener = (incoming, response) => {
      calls += 1;
      if (incoming.url === '/late') {
        response.writeHead(200);
        response.write('half', () => response.destroy());
      } else incoming.socket.destroy();
    };
    const [one, two] = [await instance(dying), await instance(dying)];
    const { url } = await proxyFor(one.url, two.url);
    expect((await fetch(url)).status).toBe(502);
    await expect(text(`${url}/late`)).rejects.toThrow('terminated');
    expect(calls).toBe(2);
  });

  it('tells the instance when the client goes away', async () => {
    let gone = () => {};
    const clientGone = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const { url: target } = await instance((_, response) => {
      response.writeHead(200);
      response.write('first');
      response.on('close', gone);
    });
    const { url } = await proxyFor(target);
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    expect(response.status).toBe(200);
    controller.abort();
    await clientGone;
  });

  it('refuses to start without instances', async () => {
    await expect(startRoundRobinProxy({ targets: [] })).rejects.toThrow(RangeError);
  });
});
