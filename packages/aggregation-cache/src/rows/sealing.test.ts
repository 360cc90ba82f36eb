import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sealing, type SealKey } from './sealing.js';

const key = (id: string, byte = 7): SealKey => ({ id, key: Buffer.alloc(32, byte) });
const BOUND = Buffer.from('question');
const SECRET = Buffer.from('AE070331234567890123456');

describe('sealed bytes', () => {
  it('are opened by any of the keys, and sealed under the first', () => {
    const old = new Sealing([key('2025', 1)]);
    const both = new Sealing([key('2026', 2), key('2025', 1)]);
    expect(both.open(old.seal(SECRET, BOUND), BOUND)).toEqual(SECRET);
    const sealed = both.seal(SECRET, BOUND);
    expect(old.open(sealed, BOUND)).toBeUndefined();
    expect(new Sealing([key('2026', 2)]).open(sealed, BOUND)).toEqual(SECRET);
    expect(new Sealing([key('2026', 3)]).open(sealed, BOUND)).toBeUndefined();
  });

  it('are other bytes each time, and show nothing of what they hold', () => {
    const sealing = new Sealing([key('a')]);
    const [one, other] = [sealing.seal(SECRET, BOUND), sealing.seal(SECRET, BOUND)];
    expect(one).not.toEqual(other);
    expect(one.includes(SECRET.subarray(0, 4))).toBe(false);
  });

  it('are opened for nothing else', () => {
    const sealing = new Sealing([key('a')]);
    expect(sealing.open(sealing.seal(SECRET, BOUND), Buffer.from('another'))).toBeUndefined();
  });

  it('are not opened with any bit changed, nor at any other length', () => {
    const sealing = new Sealing([key('a')]);
    const sealed = sealing.seal(SECRET, BOUND);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(sealing.open(changed, BOUND)).toBeUndefined();
        expect(sealing.open(sealed.subarray(0, at), BOUND)).toBeUndefined();
      }),
    );
  });

  it('hold nothing at all too', () => {
    const sealing = new Sealing([key('a')]);
    expect(sealing.open(sealing.seal(Buffer.alloc(0), BOUND), BOUND)).toHaveLength(0);
  });
});

describe('keys', () => {
  it('may be key objects, and are copied', () => {
    const bytes = randomBytes(32);
    const sealing = new Sealing([{ id: 'a', key: bytes }]);
    const same = new Sealing([{ id: 'a', key: createSecretKey(Buffer.from(bytes)) }]);
    bytes.fill(0);
    expect(same.open(sealing.seal(SECRET, BOUND), BOUND)).toEqual(SECRET);
  });

  it('show in nothing that is printed', () => {
    const bytes = Buffer.from('0123456789abcdef0123456789abcdef');
    const sealing = new Sealing([{ id: 'a', key: bytes }]);
    const shown = `${inspect(sealing, { depth: 9, showHidden: true })}${JSON.stringify(sealing)}`;
    expect(shown).not.toContain('0123456789abcdef');
    expect(shown).not.toContain('30 31 32');
    expect(shown).not.toContain('48,49,50');
  });

  const secret = 'k'.repeat(31);
  it.each<[string, unknown, string]>([
    ['none', [], 'sealKeys'],
    ['no list', key('a'), 'sealKeys'],
    ['too many', Array.from({ length: 17 }, (_, index) => key(`${index}`)), 'sealKeys'],
    ['a short one', [{ id: 'a', key: Buffer.from(secret) }], 'sealKeys.0.key'],
    ['an empty one', [{ id: 'a', key: Buffer.alloc(0) }], 'sealKeys.0.key'],
    ['a text', [{ id: 'a', key: `${secret}x` }], 'sealKeys.0.key'],
    [
      'a public one',
      [{ id: 'a', key: generateKeyPairSync('ed25519').publicKey }],
      'sealKeys.0.key',
    ],
    ['one without a name', [{ id: ' ', key: Buffer.alloc(32) }], 'sealKeys.0.id'],
    ['two of one name', [key('a'), key('a', 8)], 'sealKeys.1.id'],
    ['one of a long name', [key('é'.repeat(33))], 'sealKeys.0.id'],
    ['one with more to it', [{ ...key('a'), use: 'all' }], 'sealKeys.0.use'],
  ])('that are impossible are refused, and not shown: %s', (_, keys, option) => {
    let thrown: unknown;
    try {
      new Sealing(keys as SealKey[]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INVALID_OPTION', details: { option } });
    expect(inspect(thrown, { showHidden: true, depth: 9 })).not.toContain('kkkk');
  });
});
