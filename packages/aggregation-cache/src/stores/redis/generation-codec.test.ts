import { Binary, BSON, Long, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { decodeGeneration, encodeToken } from './generation-codec.js';

const ID = 'f'.repeat(32);
const operationTime = new Timestamp({ t: 1_767_323_045, i: 3 });
const signature = {
  hash: new Binary(Buffer.alloc(20, 7)),
  keyId: Long.fromString('7300000000000000001'),
};
const clusterTime = { clusterTime: operationTime, signature };

const decode = (...token: (string | Uint8Array)[]) =>
  decodeGeneration('shop.a', Buffer.concat([ID, ...token].map((part) => Buffer.from(part))));

describe('a generation', () => {
  it.each([[undefined], [{ operationTime }], [{ operationTime, clusterTime }]])(
    'comes back with its time: %#',
    (after) => {
      expect(decode(encodeToken(after))).toEqual({ dependency: 'shop.a', id: ID, after });
    },
  );

  const time = encodeToken({ operationTime });
  it.each<[string, (string | Uint8Array)[]]>([
    ['too short', ['00000001']],
    ['no time', ['zzzzzzzzzzzzzzzz']],
    ['a time with a sign', ['-000000100000001']],
    ['a signed part that is no BSON', [time, 'x']],
    ['a signed part of another shape', [time, BSON.serialize({ x: 1 })]],
    ['a signed part without a signature', [time, BSON.serialize({ clusterTime: operationTime })]],
    [
      'a signed part whose key is a text',
      [time, BSON.serialize({ ...clusterTime, signature: { ...signature, keyId: '1' } })],
    ],
  ])('with %s in place of a time has none, and is a generation all the same', (_, token) => {
    expect(decode(...token)).toEqual({ dependency: 'shop.a', id: ID, after: undefined });
  });
});
