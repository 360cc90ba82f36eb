import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readRequest, viewBody } from './webhook-request.js';

describe('readRequest', () => {
  it('takes the five fields, whatever they are', () => {
    const fields = { method: 1, headers: 2, body: 3, peerAddress: 4, url: 5 };
    expect(readRequest({ ...fields, more: 6 })).toEqual(fields);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['text', 'POST'],
    ['a function', () => {}],
    [
      'what throws while being read',
      {
        get body() {
          throw new Error('no');
        },
      },
    ],
  ])('refuses %s', (_what, request) => {
    expect(readRequest(request)).toBeUndefined();
  });
});

describe('viewBody', () => {
  const foreign = (code: string) => runInNewContext(code) as Uint8Array;

  it.each([
    ['a Buffer', Buffer.from([1, 2])],
    ['a Uint8Array', Uint8Array.of(1, 2)],
    ['a part of a longer memory', new Uint8Array(new ArrayBuffer(8), 2, 3)],
  ])('gives %s back as it is', (_what, body) => {
    expect(viewBody(body)).toBe(body);
  });

  it('looks with methods of its own at bytes that bring theirs, over the same memory', () => {
    class Bytes extends Uint8Array {
      override slice(): Uint8Array<ArrayBuffer> {
        throw new Error('not theirs');
      }
    }
    const body = new Bytes(Uint8Array.of(0, 1, 2, 3).buffer, 1, 2);
    const view = viewBody(body) as Uint8Array;
    expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype);
    expect([...view]).toEqual([1, 2]);
    expect(view.buffer).toBe(body.buffer);
  });

  it.each([
    ['shared memory', new Uint8Array(new SharedArrayBuffer(4), 1, 2).fill(1)],
    ['shared memory in a Buffer', Buffer.from(new SharedArrayBuffer(4), 1, 2).fill(1)],
    ['shared memory of another realm', foreign('new Uint8Array(new SharedArrayBuffer(2)).fill(1)')],
    ['bytes of another realm', foreign('new Uint8Array(2).fill(1)')],
  ])('copies %s, so that nobody changes it later', (_what, body) => {
    const view = viewBody(body) as Uint8Array;
    body.fill(2);
    expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype);
    expect([...view]).toEqual([1, 1]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'body'],
    ['a number', 7],
    ['an object', {}],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['other numbers than bytes', new Uint16Array(2)],
    ['a view without elements', new DataView(new ArrayBuffer(2))],
    ['what only has the prototype', Object.create(Uint8Array.prototype)],
    ['what only has the name', { [Symbol.toStringTag]: 'Uint8Array', buffer: new ArrayBuffer(2) }],
    ['a proxy of bytes', new Proxy(Uint8Array.of(1), {})],
    ['a function with the prototype', Object.setPrototypeOf(() => {}, Uint8Array.prototype)],
  ])('refuses %s', (_what, body) => {
    expect(viewBody(body)).toBeUndefined();
  });
});
