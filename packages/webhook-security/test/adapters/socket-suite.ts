import { expect, it } from 'vitest';
import { hasIPv6, SLOW_LIMITS } from './apps/app-parts.js';
import { converse, dial, inChunks, rawRequest, statusesOf } from './raw-socket.js';
import { send } from './send.js';
import type { SuiteApp } from './suite-app.js';
import { callback, json, maxBytes, right } from './suite-requests.js';

const close = 'connection: close';
const length = `content-length: ${right.body.length}`;
const chunked = 'transfer-encoding: chunked';
const inOddChunks = (lines: readonly string[] = [chunked, close], lengths = [1, 2, 3, 5, 7, 11]) =>
  rawRequest({ ...right, body: inChunks(right.body, lengths) }, lines);
const wrong = { ...right, headers: [json] };

/** What is below a client of HTTP: bytes as they may come over a socket. */
export function describeSockets(app: SuiteApp): void {
  const expectSound = async () => {
    app.reset();
    expect(await send(app.origin, right)).toEqual({ status: 200, body: { received: true } });
  };

  it.each<[string, Buffer]>([
    ['in odd chunks', inOddChunks()],
    ['in chunks of one byte', inOddChunks(undefined, [1])],
    [
      'in chunks with extensions and a trailer',
      Buffer.from(
        inOddChunks()
          .toString('latin1')
          .replace('\r\n1\r\n', '\r\n1;name=value\r\n')
          .replace(/0\r\n\r\n$/, '0\r\nSignature: 00\r\n\r\n'),
        'latin1',
      ),
    ],
    [
      'of HTTP/1.0',
      Buffer.from(rawRequest(right).toString('latin1').replace('HTTP/1.1', 'HTTP/1.0'), 'latin1'),
    ],
  ])('accepts a request %s', async (_name, bytes) => {
    expect(statusesOf(await converse(app.origin, bytes))).toEqual([200]);
    expect(app.handled).toHaveLength(1);
  });

  it('accepts a request that comes byte by byte', async () => {
    const { socket, closed } = await dial(app.origin);
    for (const byte of rawRequest(right, [length, close])) {
      await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
    }
    expect(statusesOf(await closed)).toEqual([200]);
    expect(app.handled).toHaveLength(1);
  });

  it('lets a sender wait for its 100', async () => {
    const { socket, received, closed } = await dial(app.origin);
    const bytes = rawRequest(right, [length, close, 'expect: 100-continue']);
    socket.write(bytes.subarray(0, -right.body.length));
    await expect.poll(() => statusesOf(received())).toEqual([100]);
    socket.write(right.body);
    expect(statusesOf(await closed)).toEqual([100, 200]);
  });

  it.each<[string, Buffer]>([
    ['two equal lengths', rawRequest(right, [length, length])],
    ['two lengths', rawRequest(right, [length, `content-length: ${right.body.length - 1}`])],
    ['two lengths in one line', rawRequest(right, [`${length}, ${right.body.length}`])],
    ['a length with a sign', rawRequest(right, [`content-length: +${right.body.length}`])],
    ['a length below nought', rawRequest(right, ['content-length: -1'])],
    ['a length and chunks', inOddChunks([length, chunked])],
    ['chunks and a length', inOddChunks([chunked, length])],
    [
      'an encoding of the transfer behind chunks',
      inOddChunks(['transfer-encoding: chunked, gzip']),
    ],
    ['an unknown encoding of the transfer', inOddChunks(['transfer-encoding: x'])],
    ['a chunk without a length', rawRequest({ ...right, body: Buffer.from('\r\n') }, [chunked])],
    ['a folded header', rawRequest(right, [length, 'x-folded: a', ' b: c', 'bad header'])],
  ])('refuses %s before any handler', async (_name, bytes) => {
    expect(statusesOf(await converse(app.origin, bytes))).toEqual([400]);
    expect(app.handled).toEqual([]);
    expect(app.events.filter(({ event }) => event === 'accepted')).toEqual([]);
    await expectSound();
  });

  it('takes what follows a length that is too short for another request', async () => {
    const short = rawRequest(right, [`content-length: ${right.body.length - 5}`]);
    // The connection is cut at the second, at times before the first is answered.
    expect(
      statusesOf(await converse(app.origin, short)).filter((status) => status !== 401),
    ).toEqual([400]);
    expect(app.events).toMatchObject([{ event: 'refused' }]);
  });

  it.each([
    ['a length that is too long', rawRequest(right, [`content-length: ${right.body.length + 5}`])],
    ['chunks without an end', inOddChunks([chunked]).subarray(0, -5)],
    ['headers without an end', rawRequest(right).subarray(0, 40)],
  ])('survives a sender that goes away after %s', async (_name, bytes) => {
    const { socket, closed } = await dial(app.origin);
    await new Promise((resolve) => socket.write(bytes, resolve));
    socket.destroy();
    await closed;
    await expectSound();
    expect(app.handled).toHaveLength(1);
  });

  it('confirms what was handled, though the sender went away in the meantime', async () => {
    const finish = app.holdHandler();
    const { socket, closed } = await dial(app.origin);
    socket.write(rawRequest(right));
    await expect.poll(() => app.handled.length).toBe(1);
    socket.destroy();
    await closed;
    finish();
    await expect
      .poll(() => send(app.origin, right))
      .toEqual({ status: 200, body: { reason: 'replay' } });
    expect(app.handled).toHaveLength(1);
  });

  it('takes the next request on a connection whose last one was refused', async () => {
    const { socket, received, closed } = await dial(app.origin);
    socket.write(rawRequest(wrong));
    await expect.poll(() => statusesOf(received())).toEqual([401]);
    socket.write(rawRequest({ ...right, headers: [json, ['content-encoding', 'gzip']] }));
    await expect.poll(() => statusesOf(received())).toEqual([401, 415]);
    socket.write(rawRequest(right, [length, close]));
    expect(statusesOf(await closed)).toEqual([401, 415, 200]);
    expect(app.handled).toHaveLength(1);
  });

  it('answers requests sent in one go in their order', async () => {
    const other = callback('{"tran_ref":"T2"}');
    const bytes = Buffer.concat([
      rawRequest(right),
      rawRequest(wrong),
      inOddChunks([chunked]),
      rawRequest(other, [`content-length: ${other.body.length}`, close]),
    ]);
    const text = await converse(app.origin, bytes);
    // The third may come while the first is in hand, or after.
    expect(statusesOf(text).map((status) => (status === 409 ? 200 : status))).toEqual([
      200, 401, 200, 200,
    ]);
    expect(app.handled).toHaveLength(2);
  });

  it('stops reading a sender that does not stop', async () => {
    const endless = callback('x'.repeat(8_000_000), { chunked: true });
    // The connection is closed on unread bytes, so the answer may be lost on its way.
    expect([413, 0]).toContain((await send(app.origin, endless)).status);
    expect(app.events).toMatchObject([{ event: 'refused', reason: 'body-too-large' }]);
    await expectSound();
  });

  it('closes the connection of a sender that announces too much', async () => {
    // Ends only when the server does, which without closing would wait for the body.
    const head = rawRequest({ ...right, body: Buffer.alloc(0) }, [
      `content-length: ${maxBytes + 1}`,
    ]);
    expect(await converse(app.origin, head)).toMatch(/^HTTP\/1\.1 413 .*body-too-large/s);
  });

  it('cuts off senders that stop or send too slowly, and takes no more of them than it may', async () => {
    const path = '/slow';
    const before = performance.now();
    const head = rawRequest({ ...right, path, body: Buffer.alloc(0) }, ['content-length: 1000']);
    const [stopped, slow] = [await dial(app.origin), await dial(app.origin)];
    stopped.socket.write(head);
    slow.socket.write(head);
    const dripping = setInterval(() => slow.socket.write(' '), 20);
    await expect
      .poll(async () => (await send(app.origin, { ...wrong, path })).status, { interval: 20 })
      .toBe(503);
    for (const { closed } of [stopped, slow]) expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dripping);
    expect(performance.now() - before).toBeGreaterThanOrEqual(SLOW_LIMITS.bodyTimeoutMs - 5);
    expect(
      app.events.filter((one) => 'reason' in one && one.reason === 'body-timeout'),
    ).toHaveLength(2);
    await expectSound();
    expect((await send(app.origin, { ...right, path })).body).toEqual({ reason: 'replay' });
  });

  it.runIf(hasIPv6)('knows the address of a client that comes over IPv6', async () => {
    expect(
      statusesOf(await converse(app.origin, rawRequest(right, [length, close]), '::1')),
    ).toEqual([200]);
    expect(app.events).toMatchObject([{ event: 'accepted', clientAddress: '::1' }]);
  });
}
