import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { collectBody, notRaw, tooLarge } from './collect-body.js';

describe('collectBody', () => {
  const collect = (stream: PassThrough, contentLength?: string) =>
    collectBody(stream, { maxBytes: 10, contentLength });

  it('joins what it received', async () => {
    const stream = new PassThrough();
    const body = collect(stream);
    stream.write('01234');
    stream.end('56789');
    expect(await body).toEqual(Buffer.from('0123456789'));
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

  it('rejects with what the stream reports', async () => {
    const stream = new PassThrough();
    const body = collect(stream);
    stream.destroy(new Error('reset'));
    await expect(body).rejects.toThrow('reset');
  });
});
