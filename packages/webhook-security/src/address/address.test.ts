import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressSet } from './address-set.js';
import { formatAddress } from './format-address.js';
import { lastRead, readAddress } from './read-address.js';

const canonical = (text: string) => {
  const version = readAddress(text);
  return version === undefined ? undefined : formatAddress(version, lastRead);
};

describe('readAddress', () => {
  it('reads every address in its canonical form back to itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const version = readAddress(text);
        const words = [...lastRead];
        const written = canonical(text);
        expect(isIP(written as string)).toBe(version);
        expect(canonical(written as string)).toBe(written);
        expect([...lastRead]).toEqual(words);
      }),
    );
  });

  it('takes nothing that Node does not take', () => {
    const pieces = fc.constantFrom(
      '0',
      '1',
      'ff',
      '255',
      '256',
      '00',
      ':',
      '::',
      '.',
      '%',
      '/',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        expect(readAddress(text) === undefined || isIP(text) !== 0).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:1:0:1:0:1:0:1', '0:1:0:1:0:1:0:1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
  ])('writes %s as %s', (text, written) => {
    expect(canonical(text)).toBe(written);
  });
});

describe('createAddressSet', () => {
  it('answers as a look at every rule would', () => {
    const octet = fc.integer({ min: 0, max: 3 });
    const rule = fc.tuple(octet, octet, fc.integer({ min: 29, max: 32 })).map(([c, d, length]) => {
      const size = 2 ** (32 - length);
      return {
        text: `10.0.${c}.${d - (d % size)}/${length}`,
        first: c * 256 + d - (d % size),
        size,
      };
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), octet, octet, (rules, c, d) => {
        const set = createAddressSet(rules.map(({ text }) => text));
        const value = c * 256 + d;
        const expected = rules.some(({ first, size }) => value >= first && value < first + size);
        expect(set.has(`10.0.${c}.${d}`)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
