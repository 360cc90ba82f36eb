import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { BodyGate } from './body-gate.js';
import { unreadBody } from './unread-body.js';

const tooLarge = unreadBody('body-too-large');
const notRaw = unreadBody('body-not-raw');

describe('BodyGate', () => {
  const collect = (stream: PassThrough, contentLength?: string) =>
    new BodyGate(10).collect(stream, contentLength);

  it('joins what it received', async () => {
    const stream = new PassThrough();
    const body = collect(stream);
    stream.write('01234');
    stream.end('56789');
    expect(await body).toEqual(Buffer.from('0123456789'));
  });

  it('keeps no piece that it was given, of which there may be as many as bytes', async () => {
    const stream = new PassThrough();
    const body = new BodyGate(1_000).collect(stream, undefined);
    const piece = Buffer.alloc(1);
    const sent = Array.from({ length: 1_000 }, (_none, place) => place % 251);
    for (const value of sent) {
      piece[0] = value;
      stream.emit('data', piece);
    }
    stream.emit('end');
    expect(await body).toEqual(Buffer.from(sent));
  });

  it('goes by the bytes received, whatever the Content-Length says', async () => {
    const stream = new PassThrough();
    const body = collect(stream, '3');
    stream.write('0123456789');
    stream.write('x');
    expect(await body).toBe(tooLarge);
    expect(stream.isPaused()).toBe(true);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('reads nothing where the Content-Length is too large already', async () => {
    const stream = new PassThrough();
    expect(await collect(stream, '11')).toBe(tooLarge);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it.each([
    ['text', () => new PassThrough({ encoding: 'utf8' }), '01'],
    ['objects', () => new PassThrough({ objectMode: true }), { a: 1 }],
  ])('keeps nothing of a stream that gives %s', async (_name, makeStream, chunk) => {
    const stream = makeStream();
    const body = collect(stream);
    stream.end(chunk);
    expect(await body).toBe(notRaw);
    expect(stream.isPaused()).toBe(true);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('rejects with status 400 when the sender goes away', async () => {
    const stream = new PassThrough();
    const body = collect(stream);
    stream.write('01');
    stream.destroy();
    await expect(body).rejects.toMatchObject({ statusCode: 400 });
  });

  it('rejects with that status and what the stream reports', async () => {
    const stream = new PassThrough();
    const body = collect(stream);
    const cause = new Error('reset');
    stream.destroy(cause);
    await expect(body).rejects.toMatchObject({ statusCode: 400, cause });
  });

  it('gives up a body that takes too long, however little of it comes at a time', async () => {
    const clock = new ManualClock();
    const stream = new PassThrough();
    const body = new BodyGate(10, { bodyTimeoutMs: 1_000 }, clock).collect(stream, undefined);
    stream.write('0');
    await clock.advanceAsync(999);
    stream.write('1');
    await clock.advanceAsync(1);
    expect(await body).toBe(unreadBody('body-timeout'));
    expect(stream.isPaused()).toBe(true);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('reads no more bodies at a time than it may, and the next one once one has ended', async () => {
    const clock = new ManualClock();
    const gate = new BodyGate(10, { maxBodies: 2 }, clock);
    const streams = [new PassThrough(), new PassThrough(), new PassThrough()] as const;
    const bodies = streams.map((stream) => gate.collect(stream, undefined));
    expect(await bodies[2]).toBe(unreadBody('server-busy'));
    streams[0].end('a');
    expect(await bodies[0]).toEqual(Buffer.from('a'));
    const next = new PassThrough();
    next.end('b');
    expect(await gate.collect(next, undefined)).toEqual(Buffer.from('b'));
    streams[1].destroy(new Error('reset'));
    await expect(bodies[1]).rejects.toThrow('broke off');
    expect(clock.pendingTimers).toBe(0);
  });

  describe('of a web stream', () => {
    const webStream = (pieces: readonly (Uint8Array | string)[], ends = true) => {
      let isCancelled = false;
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece as Uint8Array);
          if (ends) controller.close();
        },
        cancel() {
          isCancelled = true;
        },
      });
      return { stream, isCancelled: () => isCancelled };
    };

    it('joins what it received', async () => {
      const { stream } = webStream([Buffer.from('01'), Buffer.from('23')]);
      const gate = new BodyGate(10);
      expect(await gate.collectWeb(stream, undefined)).toEqual(Buffer.from('0123'));
      expect(await gate.collectWeb(null, undefined)).toEqual(new Uint8Array(0));
    });

    it('stops at the limit, and where it gives something else than bytes', async () => {
      const long = webStream([Buffer.alloc(6), Buffer.alloc(6)], false);
      expect(await new BodyGate(10).collectWeb(long.stream, undefined)).toBe(tooLarge);
      expect(long.isCancelled()).toBe(true);
      const odd = webStream(['text'], false);
      expect(await new BodyGate(10).collectWeb(odd.stream, undefined)).toBe(notRaw);
      const { stream } = webStream([]);
      expect(await new BodyGate(10).collectWeb(stream, '11')).toBe(tooLarge);
    });

    it('gives up one that takes too long', async () => {
      const clock = new ManualClock();
      const slow = webStream([Buffer.alloc(1)], false);
      const body = new BodyGate(10, {}, clock).collectWeb(slow.stream, undefined);
      await clock.advanceAsync(10_000);
      expect(await body).toBe(unreadBody('body-timeout'));
      expect(slow.isCancelled()).toBe(true);
    });
  });

  it.each([
    [{ bodyTimeoutMs: 0 }, /^bodyTimeoutMs is 0/],
    [{ maxBodies: 1.5 }, /^maxBodies is 1\.5/],
  ])('refuses the limit %j', (options, message) => {
    expect(() => new BodyGate(10, options)).toThrow(message);
  });
});
