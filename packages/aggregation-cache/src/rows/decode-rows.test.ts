import { BSON, BSONRegExp, Decimal128, type Document, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVERY_TYPE } from '../../test/equality/every-type.js';
import { decodeRows, rowDecoder, rowTypesOf } from './decode-rows.js';

const plain = { name: 'anything' };
const bytes = (...rows: Document[]) => rows.map((row) => BSON.serialize(row));

describe('rows', () => {
  it('are frozen through and through', async () => {
    const [row] = (await decodeRows(
      bytes({ list: [{ a: 1 }], at: new Date(5), id: new ObjectId() }),
      rowTypesOf({}),
      plain,
    )) as [{ list: { a: number }[]; at: Date; id: ObjectId }];
    expect(() => {
      row.list.push({ a: 2 });
    }).toThrow(TypeError);
    expect(() => {
      (row.list[0] as { a: number }).a = 9;
    }).toThrow(TypeError);
    expect(() => {
      row.id = new ObjectId();
    }).toThrow(TypeError);
  });

  it('have dates that are dates in every respect but cannot be moved', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const [row] = (await decodeRows(bytes({ at }), rowTypesOf({}), plain)) as [{ at: Date }];
    expect(row.at).toBeInstanceOf(Date);
    expect(row.at).toStrictEqual(at);
    expect(JSON.stringify(row)).toBe(JSON.stringify({ at }));
    expect(structuredClone(row.at)).toEqual(at);
    expect(BSON.serialize(row)).toEqual(BSON.serialize({ at }));
    expect(() => row.at.setFullYear(1999)).toThrow(/setFullYear/);
    expect(() => row.at.setTime(0)).toThrow(TypeError);
    expect(row.at.getTime()).toBe(at.getTime());
  });

  it.each([
    {},
    { promoteValues: false, bsonRegExp: true },
    { promoteLongs: false },
    { useBigInt64: true },
    { promoteBuffers: true },
  ])('are the same when memory makes them again of bytes, of every type: %o', async (options) => {
    const types = rowTypesOf(options);
    const raw = bytes(...Object.entries(EVERY_TYPE).map(([_id, value]) => ({ _id, value })));
    const first = await decodeRows(raw, types, plain);
    expect(first).toHaveLength(raw.length);
    expect(rowDecoder(types)(raw)).toStrictEqual(first);
  });

  it("look as the database's own options say", async () => {
    const stored = bytes({ long: Long.fromNumber(5) });
    const decoded = async (options: Parameters<typeof rowTypesOf>[0]) =>
      ((await decodeRows(stored, rowTypesOf(options), plain)) as { long: unknown }[])[0]?.long;
    expect(await decoded({})).toBe(5);
    expect(await decoded({ promoteLongs: false })).toEqual(Long.fromNumber(5));
    expect(await decoded({ useBigInt64: true })).toBe(5n);
  });

  it('are what a schema makes of them, frozen too', async () => {
    const rows = z.object({ total: z.number() }).transform(({ total }) => ({ doubled: total * 2 }));
    const decoded = await decodeRows(bytes({ total: 4 }), rowTypesOf({}), { name: 'x', rows });
    expect(decoded).toEqual([{ doubled: 8 }]);
    expect(Object.isFrozen(decoded) && Object.isFrozen(decoded[0])).toBe(true);
  });

  it('are frozen below what a schema has frozen already', async () => {
    const rows = z
      .object({ tags: z.array(z.string()), nested: z.object({ n: z.number(), at: z.date() }) })
      .readonly();
    const stored = bytes({ tags: ['a'], nested: { n: 1, at: new Date(5) } });
    const [row] = await decodeRows(stored, rowTypesOf({}), { name: 'x', rows });
    expect(() => row?.tags.push('b')).toThrow(TypeError);
    expect(() => Object.assign(row?.nested ?? {}, { n: 2 })).toThrow(TypeError);
    expect(() => row?.nested.at.setTime(0)).toThrow(TypeError);
  });

  it('with a cycle that a schema made come to an end', async () => {
    const rows = z.object({}).transform(() => {
      const frozen = { inner: { back: undefined as unknown, list: [1] } };
      frozen.inner.back = Object.freeze(frozen);
      return frozen;
    });
    const [row] = await decodeRows(bytes({}), rowTypesOf({}), { name: 'x', rows });
    expect(() => row?.inner.list.push(2)).toThrow(TypeError);
  });

  it.each<[string, () => unknown]>([
    ['a Map', () => new Map([['a', 1]])],
    ['a Set', () => new Set([1])],
    ['a frozen Date', () => Object.freeze(new Date(5))],
  ])(
    'of which a schema makes %s are refused, for it could be changed by each reader',
    async (kind, make) => {
      const rows = z.object({}).transform(() => ({ deep: [make()] }));
      await expect(
        decodeRows(bytes({}), rowTypesOf({}), { name: 'x', rows }),
      ).rejects.toMatchObject({
        code: 'INVALID_ROW',
        details: {
          row: 0,
          issues: [{ path: 'deep.0', message: `is ${kind}, which cannot be made unchangeable` }],
        },
      });
    },
  );

  it('without a schema are there at once, whatever their types are', () => {
    const decimal = Decimal128.fromString('20.10');
    const rows = decodeRows(bytes({ decimal }, { at: new Date(5) }), rowTypesOf({}), plain);
    expect(rows).toEqual([{ decimal }, { at: new Date(5) }]);
    expect(Object.isFrozen(rows)).toBe(true);
  });

  it('of a personal class are refused without the words of the schema, which may quote them', async () => {
    const rows = z.object({ lines: z.number({ error: ({ input }) => `got ${String(input)}` }) });
    const personal = { name: 'x', personal: true, rows };
    const bad = bytes({ lines: 'ada@example.org' });
    await expect(decodeRows(bad, rowTypesOf({}), personal)).rejects.toMatchObject({
      code: 'INVALID_ROW',
      details: { row: 0, issues: [{ path: 'lines', message: 'does not fit' }] },
    });
  });

  it.each<[string, Buffer]>([
    // A text of one byte that begins no character.
    ['a text', Buffer.from('0e00000002610002000000ff0000', 'hex')],
    ['a pattern', Buffer.from(BSON.serialize({ secret: new BSONRegExp('(ada') }))],
    ['no document', Buffer.from('no row')],
  ])('that cannot be decoded are refused with their place, and nothing of them: %s', (_, row) => {
    const decode = () => decodeRows([row], rowTypesOf({}), plain, 7);
    expect(decode).toThrow(
      expect.objectContaining({
        code: 'INVALID_ROW',
        details: {
          pipelineClass: 'anything',
          row: 7,
          issues: [expect.objectContaining({ path: '' })],
        },
      }),
    );
    expect(decode).not.toThrow(/ada/);
  });

  it('that do not fit are refused with their place', async () => {
    const rows = z.object({ lines: z.array(z.object({ price: z.number() })) });
    const bad = bytes({ lines: [] }, { lines: [{ price: 'free' }] });
    await expect(decodeRows(bad, rowTypesOf({}), { name: 'x', rows })).rejects.toMatchObject({
      code: 'INVALID_ROW',
      details: { row: 1, issues: [{ path: 'lines.0.price' }] },
    });
  });

  it('with a field named __proto__ pollute nothing', async () => {
    const odd = BSON.serialize(JSON.parse('{ "__proto__": { "polluted": true } }') as Document);
    const [row] = await decodeRows([odd], rowTypesOf({}), plain);
    expect(Object.hasOwn(row as object, '__proto__')).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
