import fc from 'fast-check';
import { BSON, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { openEnvelope, sealEnvelope } from './envelope.js';

const expected = { pipelineClass: 'contractDetails', version: 2, key: 'k' };
const rows = [{ a: 1 }, { b: 'x' }, {}].map((row) => BSON.serialize(row));
const sealed = sealEnvelope(
  {
    ...expected,
    generations: [['shop.contracts', 'g1']],
    ttlMs: 60_000,
    member: { address: 'host:1', tags: { replica: 'replica1' } },
    asOf: new Timestamp({ t: 5, i: 1 }),
  },
  rows,
);

describe('the stored form', () => {
  it('gives back header and rows, byte for byte', () => {
    const opened = openEnvelope(sealed, expected);
    if ('poisoned' in opened) throw new Error(opened.poisoned);
    expect(opened.rows.map((row) => Buffer.from(row))).toEqual(rows.map((row) => Buffer.from(row)));
    expect(opened.header).toMatchObject({ ...expected, rows: 3, ttlMs: 60_000 });
    expect(opened.header.asOf).toEqual(new Timestamp({ t: 5, i: 1 }));
  });

  it('holds a result without rows', () => {
    const empty = sealEnvelope({ ...expected, generations: [], ttlMs: 1 }, []);
    expect(openEnvelope(empty, expected)).toMatchObject({ rows: [], header: { rows: 0 } });
  });

  it('is found where the bytes lie in a larger buffer', () => {
    const padded = Buffer.concat([Buffer.alloc(3), sealed, Buffer.alloc(5)]);
    const view = padded.subarray(3, 3 + sealed.length);
    expect(openEnvelope(view, expected)).toHaveProperty('header');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('{"rows":[]}')],
    ['zeros', Buffer.alloc(64)],
  ])('is not seen in %s', (_, bytes) => {
    expect(openEnvelope(bytes, expected)).toEqual({ poisoned: 'foreign' });
  });

  it('is refused in another version of the format', () => {
    const newer = Buffer.from(sealed);
    newer[4] = 9;
    expect(openEnvelope(newer, expected)).toEqual({ poisoned: 'format' });
  });

  it.each([{ key: 'other' }, { pipelineClass: 'other' }, { version: 1 }])(
    'is refused as an answer to another question: %o',
    (other) => {
      expect(openEnvelope(sealed, { ...expected, ...other })).toEqual({ poisoned: 'misplaced' });
    },
  );

  it('is refused at any length but its own', () => {
    for (let length = 5; length < sealed.length; length += 1) {
      expect(openEnvelope(sealed.subarray(0, length), expected)).toEqual({ poisoned: 'corrupt' });
    }
    expect(openEnvelope(Buffer.concat([sealed, Buffer.alloc(1)]), expected)).toEqual({
      poisoned: 'corrupt',
    });
  });

  it('is refused with any bit changed', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const opened = openEnvelope(changed, expected);
        // Bytes 5 to 7 are spare and not covered.
        expect('poisoned' in opened).toBe(at < 5 || at > 7);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, object]>([
    ['a time as text', { asOf: 'later' }],
    ['a time that only says so', { asOf: { low: 1, high: 2 } }],
    ['a member that is a number', { member: 5 }],
    ['a member without tags', { member: { address: 'host:1' } }],
    ['an address that is a number', { member: { address: 1, tags: {} } }],
    ['a tag that is a document', { member: { address: 'host:1', tags: { a: {} } } }],
    ['a life of no length', { ttlMs: 0 }],
    ['a life that ended before it began', { ttlMs: -5 }],
    ['a life that is no number', { ttlMs: Number.NaN }],
    ['a life without end', { ttlMs: Number.POSITIVE_INFINITY }],
    ['generations that are numbers', { generations: [[1, 2]] }],
    ['generations of three parts', { generations: [['a', 'b', 'c']] }],
  ])('does not believe a whole header with %s', (_, wrong) => {
    const header = { ...expected, generations: [], ttlMs: 1, ...wrong };
    expect(openEnvelope(sealEnvelope(header as never, rows), expected)).toEqual({
      poisoned: 'corrupt',
    });
  });

  it('does not believe a forger who knows the checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 80 }), (body) => {
        const forged = sealEnvelope({ ...expected, generations: [], ttlMs: 1 }, [body]);
        const opened = openEnvelope(forged, expected);
        const verdict = 'poisoned' in opened ? opened.poisoned : opened.rows.length;
        expect(['corrupt', 1]).toContain(verdict);
      }),
    );
  });
});
