import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { BSON, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type EnvelopeContent, type EnvelopeOptions, Envelopes } from './envelope.js';
import { writeHeader } from './envelope-header.js';

const pipelineClass = { name: 'contractDetails', version: 2 };
const generations = [
  { dependency: '*', id: 'e1' },
  { dependency: 'd:shop.users:anna@example.org', id: 'g1' },
];
const expected = { pipelineClass, key: 'k', generations };
const content: EnvelopeContent = {
  pipelineClass: 'contractDetails',
  version: 2,
  key: 'k',
  personal: false,
  generations: [
    ['*', 'e1'],
    ['d:shop.users:anna@example.org', 'g1'],
  ],
  ttlMs: 60_000,
  freshMs: 50_000,
  costMs: 12,
  member: { address: 'host:1', tags: { replica: 'replica1' } },
  asOf: new Timestamp({ t: 5, i: 1 }),
};
const rows = [{ a: 1 }, { b: 'x' }, {}].map((row) => BSON.serialize(row));
const manyRows = Array.from({ length: 500 }, (_, index) =>
  BSON.serialize({ index, text: 'the same again and again' }),
);
const sealKeys = [{ id: 'one', key: Buffer.alloc(32, 7) }];
const personal = {
  content: { ...content, personal: true },
  expected: { ...expected, pipelineClass: { ...pipelineClass, personal: true } },
};

const plain = new Envelopes();
const sealing = new Envelopes({ sealKeys });
const asBuffers = (bytes: readonly Uint8Array[]) => bytes.map((one) => Buffer.from(one));

/** Bytes as somebody makes them who knows the format, checksum and all. */
const forge = (flags: number, ...body: Uint8Array[]): Buffer => {
  const forged = Buffer.concat([Buffer.from('NACV'), Buffer.alloc(9), ...body]);
  forged[4] = 2;
  forged[12] = flags;
  forged.writeUInt32LE(crc32(forged.subarray(12)), 8);
  return forged;
};
const standing = JSON.stringify(['e1', 'g1']);
const forgeRows = (flags: number, bytes: Uint8Array, length = bytes.length, more: object = {}) =>
  forge(
    flags,
    writeHeader({ header: { ...content, rows: 1, ...more }, standing, rowBytes: length }),
    bytes,
  );

describe('the stored form', () => {
  it.each<[string, EnvelopeOptions, readonly Uint8Array[]]>([
    ['small', {}, rows],
    ['none', {}, []],
    ['large', {}, manyRows],
    ['large, as they are', { compress: false }, manyRows],
    ['small, compressed', { compress: { minBytes: 256 } }, manyRows.slice(0, 20)],
  ])('gives back header and rows, byte for byte: %s', async (_, options, some) => {
    const envelopes = new Envelopes(options);
    const opened = await envelopes.open(await envelopes.write(content, some), expected);
    if (!('rows' in opened)) throw new Error(JSON.stringify(opened));
    expect(asBuffers(opened.rows)).toEqual(asBuffers(some));
    const { personal: _p, generations: _g, ...header } = content;
    expect(opened.header).toEqual({ ...header, rows: some.length });
  });

  it('has no member and no time where there is none', async () => {
    const { member: _, asOf: __, ...less } = content;
    const opened = await plain.open(await plain.write(less, []), expected);
    expect(opened).toMatchObject({ header: { member: undefined, asOf: undefined } });
  });

  it('is shorter where that pays, and never longer', async () => {
    const size = (some: readonly Uint8Array[]) => some.reduce((sum, { length }) => sum + length, 0);
    expect((await plain.write(content, manyRows)).length).toBeLessThan(size(manyRows) / 4);
    const noise = [BSON.serialize({ noise: crypto.getRandomValues(new Uint8Array(60_000)) })];
    const asIs = new Envelopes({ compress: false });
    expect((await plain.write(content, noise)).length).toBe(
      (await asIs.write(content, noise)).length,
    );
  });

  it('is found where the bytes lie in a larger buffer', async () => {
    const written = await plain.write(content, rows);
    const padded = Buffer.concat([Buffer.alloc(3), written, Buffer.alloc(5)]);
    const view = padded.subarray(3, 3 + written.length);
    expect(await plain.open(view, expected)).toHaveProperty('rows');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['three bytes', Buffer.from('NAC')],
    ['text', Buffer.from('{"rows":[]}')],
    ['zeros', Buffer.alloc(64)],
  ])('is not seen in %s', async (_, bytes) => {
    expect(await plain.open(bytes, expected)).toEqual({ poisoned: 'foreign' });
  });

  it('is refused in another version of the format', async () => {
    const newer = Buffer.from(await plain.write(content, rows));
    newer[4] = 9;
    expect(await plain.open(newer, expected)).toEqual({ poisoned: 'format' });
    expect(await plain.open(forgeRows(8, Buffer.alloc(5)), expected)).toEqual({
      poisoned: 'format',
    });
    expect(await plain.open(forgeRows(6, Buffer.alloc(5)), expected)).toEqual({
      poisoned: 'format',
    });
  });

  it.each([
    { key: 'other' },
    { pipelineClass: { ...pipelineClass, name: 'other' } },
    { pipelineClass: { ...pipelineClass, version: 1 } },
  ])('is refused as an answer to another question: %o', async (other) => {
    const written = await plain.write(content, rows);
    expect(await plain.open(written, { ...expected, ...other })).toEqual({ poisoned: 'misplaced' });
  });

  it.each([
    [[generations[0], { dependency: 'd:shop.users:anna@example.org', id: 'g2' }]],
    [[generations[0]]],
    [[...generations, { dependency: 'c:shop.a', id: 'g3' }]],
    [[...generations].reverse()],
    [[]],
  ])('is outdated, and no poison, under other generations: %j', async (others) => {
    const written = await plain.write(content, rows);
    const opened = await plain.open(written, {
      ...expected,
      generations: others as typeof generations,
    });
    expect(opened).toEqual({ outdated: true });
  });

  it.each<[string, Envelopes, EnvelopeContent, Parameters<Envelopes['open']>[1]]>([
    ['as it is', plain, content, expected],
    ['compressed', new Envelopes({ compress: { minBytes: 256 } }), content, expected],
    ['sealed', sealing, personal.content, personal.expected],
  ])(
    'is refused at any length but its own, and with any bit changed: %s',
    async (_, envelopes, what, by) => {
      const written = await envelopes.write(what, manyRows.slice(0, 10));
      for (let length = 0; length < written.length; length += 1) {
        const { poisoned } = (await envelopes.open(written.subarray(0, length), by)) as {
          poisoned: string;
        };
        expect(poisoned).toBe(length < 4 ? 'foreign' : length < 5 ? 'format' : 'corrupt');
      }
      expect(await envelopes.open(Buffer.concat([written, Buffer.alloc(1)]), by)).toEqual({
        poisoned: 'corrupt',
      });
      await fc.assert(
        fc.asyncProperty(fc.nat(written.length - 1), fc.nat(7), async (at, bit) => {
          const changed = Buffer.from(written);
          changed[at] = (changed[at] ?? 0) ^ (1 << bit);
          expect(await envelopes.open(changed, by)).toHaveProperty('poisoned');
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each<[string, object]>([
    ['a member that is a number', { member: 5 }],
    ['a member without tags', { member: { address: 'host:1' } }],
    ['an address that is a number', { member: { address: 1, tags: {} } }],
    ['a tag that is a document', { member: { address: 'host:1', tags: { a: {} } } }],
    ['a life of no length', { ttlMs: 0 }],
    ['a life that ended before it began', { ttlMs: -5 }],
    ['a life that is no number', { ttlMs: Number.NaN }],
    ['a life without end', { ttlMs: Number.POSITIVE_INFINITY }],
    ['a cost below zero', { costMs: -1 }],
    ['more rows than it has', { rows: 2 }],
    ['fewer rows than it has', { rows: 0 }],
  ])('does not believe a whole header with %s', async (_, wrong) => {
    const row = BSON.serialize({ a: 1 });
    expect(await plain.open(forgeRows(0, row), expected)).toHaveProperty('rows');
    expect(await plain.open(forgeRows(0, row, row.length, wrong), expected)).toEqual({
      poisoned: 'corrupt',
    });
  });

  it('does not believe a forger who knows the checksum, and gives out only rows that decode', async () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 3 })).map(([at, bytes]) => {
        const body = Buffer.concat([
          writeHeader({ header: { ...content, rows: 1 }, standing, rowBytes: 12 }),
          BSON.serialize({ a: 1 }),
        ]);
        body.set(bytes, at % (body.length - bytes.length));
        return body;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const opened = await plain.open(forge(0, body), expected);
        const rows = 'rows' in opened ? opened.rows : [];
        expect(() => rows.map((row) => BSON.deserialize(row))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('compressed rows', () => {
  const row = BSON.serialize({ text: 'x'.repeat(5_000) });
  const packed = deflateRawSync(row);

  it('are unpacked to just what the header says', async () => {
    expect(await plain.open(forgeRows(2, packed, row.length), expected)).toHaveProperty('rows');
    for (const length of [row.length - 1, row.length + 1, 0]) {
      expect(await plain.open(forgeRows(2, packed, length), expected)).toEqual({
        poisoned: 'corrupt',
      });
    }
  });

  it('never take more than they may', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    expect(await plain.open(forgeRows(2, bomb, 64 * 1024 * 1024), expected)).toEqual({
      poisoned: 'tooLarge',
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(await plain.open(forgeRows(2, bomb, 1_000), expected)).toEqual({ poisoned: 'corrupt' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    const strict = new Envelopes({ maxUnpackedBytes: 1_000 });
    expect(await strict.open(forgeRows(2, packed, row.length), expected)).toEqual({
      poisoned: 'tooLarge',
    });
  });

  it('are no poison in zstd, where this Node has it', async () => {
    const written = await plain.write(content, manyRows);
    expect([2, 4]).toContain(written[12]);
    expect(await plain.open(written, expected)).toHaveProperty('rows');
  });

  it.each([0, 255, 1.5, '1', Number.NaN])('from %j bytes on are refused', (minBytes) => {
    expect(() => new Envelopes({ compress: { minBytes } as never })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ option: 'compress.minBytes' }),
      }),
    );
  });

  it.each(['yes', 1, { level: 9 }])('by %j are refused', (compress) => {
    expect(() => new Envelopes({ compress } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('values of a personal class', () => {
  it('are sealed: nothing in them says what or whom they are about', async () => {
    const written = await sealing.write(personal.content, [
      BSON.serialize({ iban: 'AE070331234567890123456' }),
    ]);
    for (const secret of ['AE07', 'iban', 'anna', 'contractDetails', 'host:1', 'e1"', 'replica']) {
      expect(written.includes(secret)).toBe(false);
    }
    const opened = await sealing.open(written, personal.expected);
    expect(opened).toMatchObject({ header: { key: 'k', rows: 1, member: { address: 'host:1' } } });
  });

  it('are opened by an older key that is still named', async () => {
    const written = await sealing.write(personal.content, rows);
    const newer = { id: 'two', key: Buffer.alloc(32, 8) };
    const rotated = new Envelopes({ sealKeys: [newer, ...sealKeys] });
    expect(await rotated.open(written, personal.expected)).toHaveProperty('rows');
    const forgot = new Envelopes({ sealKeys: [newer] });
    expect(await forgot.open(written, personal.expected)).toEqual({ poisoned: 'sealed' });
  });

  it.each([
    { key: 'other' },
    { pipelineClass: { ...pipelineClass, personal: true, name: 'other' } },
    { pipelineClass: { ...pipelineClass, personal: true, version: 1 } },
  ])('cannot be moved to another question: %o', async (other) => {
    const written = await sealing.write(personal.content, rows);
    expect(await sealing.open(written, { ...personal.expected, ...other })).toEqual({
      poisoned: 'sealed',
    });
  });

  it('cannot be moved under other generations', async () => {
    const written = await sealing.write(personal.content, rows);
    const later = { ...personal.expected, generations: [{ dependency: '*', id: 'e2' }] };
    expect(await sealing.open(written, later)).toEqual({ outdated: true });
  });

  it('are not believed in the clear, nor those of other classes if sealed', async () => {
    const clear = await sealing.write(content, rows);
    expect(await sealing.open(clear, personal.expected)).toEqual({ poisoned: 'sealed' });
    const sealed = await sealing.write(personal.content, rows);
    expect(await sealing.open(sealed, expected)).toEqual({ poisoned: 'sealed' });
    expect(await plain.open(sealed, personal.expected)).toEqual({ poisoned: 'sealed' });
  });

  it('are not compressed', async () => {
    const written = await sealing.write(personal.content, manyRows);
    expect(written.length).toBeGreaterThan(manyRows.reduce((sum, { length }) => sum + length, 0));
  });

  it('are refused without a key', async () => {
    const refusal = { code: 'SEAL_KEY_REQUIRED', details: { pipelineClass: 'contractDetails' } };
    await expect(plain.write(personal.content, rows)).rejects.toMatchObject(refusal);
    expect(() => plain.assertCanStore({ ...pipelineClass, personal: true })).toThrow(
      expect.objectContaining(refusal),
    );
    expect(() => plain.assertCanStore(pipelineClass)).not.toThrow();
    expect(() => sealing.assertCanStore({ ...pipelineClass, personal: true })).not.toThrow();
  });
});
