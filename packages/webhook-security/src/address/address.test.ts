import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddressRule, parseAddressRule } from './address-rule.js';
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
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['0:1:0:1:0:1:0:1', '0:1:0:1:0:1:0:1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['0:0:1:0:0:0:1:1', '0:0:1::1:1'],
    ['1:0:0:1:0:0:0:1', '1:0:0:1::1'],
    ['0:0:1:1:0:0:0:0', '0:0:1:1::'],
    ['0:0:1:0:0:ffff:1.2.3.4', '::1:0:0:ffff:102:304'],
    ['0000:0000:0000:0000:0000:fffe:255.255.255.255', '::fffe:ffff:ffff'],
  ])('writes %s as %s', (text, written) => {
    expect(canonical(text)).toBe(written);
  });

  it.each([
    '1.2.3.',
    '1.2.3.4.5',
    '1.2.3.4.5.6.7.8',
    '1\u0080::',
    '::10000',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:1.2.3.4',
    '::1:2:3:4:5:6:7:8:1.2.3.4',
    '::0000:0000:0000:0000:0000:ffff:255.255.255.255',
  ])('does not read %j', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  it('remembers of what it read last that it was no address', () => {
    expect([readAddress('1.2.3.4'), readAddress('1.2.3.'), readAddress('1.2.3.')]).toEqual([
      4,
      undefined,
      undefined,
    ]);
    expect(canonical('1.2.3.4')).toBe('1.2.3.4');
  });
});

describe('parseAddressRule', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.1', '10.0.0.1/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8:0:1::/64', '2001:db8:0:1::/64'],
    ['1:2:3:4:5:6::/96', '1:2:3:4:5:6::/96'],
    ['::1/128', '::1/128'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['10.0.0.1/', undefined],
    ['10.0.0.1/x', undefined],
    ['::ffff:10.0.0.0/', undefined],
    ['10.0.0.1/33', undefined],
    ['10.0.0.1/31', undefined],
    ['8000::/0', undefined],
    ['0:0:8000::/32', undefined],
    ['0:1::/16', undefined],
    ['::8000:0:0/64', undefined],
    ['::8000:0/96', undefined],
    ['::ffff:0.0.0.0/95', undefined],
  ])('reads %s as %s', (text, written) => {
    const rule = parseAddressRule(text);
    expect(rule && formatAddressRule(rule)).toBe(written);
  });
});

describe('createAddressSet', () => {
  const octet = fc.integer({ min: 0, max: 3 });

  /** Networks of the last two numbers of an address, the higher worth `base`, and which of them hold a value. */
  const rules = (base: number, bits: number, write: (high: number, low: number) => string) =>
    fc.array(
      fc.tuple(octet, octet, fc.integer({ min: 0, max: 3 })).map(([high, low, free]) => {
        const size = 2 ** free;
        const start = low - (low % size);
        return {
          text: `${write(high, start)}/${bits - free}`,
          holds: (value: number) =>
            value >= high * base + start && value < high * base + start + size,
        };
      }),
      { maxLength: 8 },
    );

  it.each<[string, number, number, (high: number, low: number) => string]>([
    ['the last octets', 256, 32, (high, low) => `10.0.${high}.${low}`],
    ['the last groups', 65_536, 128, (high, low) => `2001:db8::${high}:${low}`],
  ])('answers as a look at every rule would, in %s', (_, base, bits, write) => {
    fc.assert(
      fc.property(rules(base, bits, write), octet, octet, (listed, high, low) => {
        const set = createAddressSet(listed.map(({ text }) => text));
        const expected = listed.some(({ holds }) => holds(high * base + low));
        expect(set.has(write(high, low))).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [
      ['10.0.0.0/7', '1.0.0.0/8'],
      ['10.0.0.0', '11.255.255.255', '1.0.0.0'],
      ['2.0.0.0', '12.0.0.0', '9.255.255.255'],
    ],
    [
      ['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/32'],
      ['10.1.0.1', '10.2.0.0', '10.255.255.255'],
      ['11.0.0.0'],
    ],
    [
      ['10.1.0.0/32', '10.1.0.0/16'],
      ['10.1.0.0', '10.1.255.255'],
      ['10.2.0.0', '10.0.255.255'],
    ],
    [
      ['255.255.255.255', '0.0.0.0'],
      ['255.255.255.255', '0.0.0.0'],
      ['255.255.255.254', '0.0.0.1'],
    ],
    [['0.0.0.0/0'], ['0.0.0.0', '255.255.255.255'], ['::']],
    [['::/0'], ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['0.0.0.0']],
    [
      ['1::/128', '1::/64'],
      ['1::', '1::ffff'],
      ['1:0:0:1::', '0:ffff::'],
    ],
    [
      ['1::/16', '1:1::/32', '3::/16'],
      ['1:1::1', '1:2::', '1:ffff::1', '3::'],
      ['2::', '4::', '::1'],
    ],
    [
      ['3::', '2::', '1::', '4::', '5::'],
      ['1::', '2::', '3::', '4::', '5::'],
      ['1::1', '::', '2::1', '6::'],
    ],
    [[], [], ['0.0.0.0', '::', '255.255.255.255']],
  ])('has in %j each of %j and none of %j', (listed, inside, outside) => {
    const set = createAddressSet(listed);
    expect(inside.filter((text) => !set.has(text))).toEqual([]);
    expect(outside.filter((text) => set.has(text))).toEqual([]);
  });

  it('names the rule that is not strictly written', () => {
    expect(() => createAddressSet(['10.0.0.1', '10.0.0.01'])).toThrow(
      /^rules\[1\] is "10\.0\.0\.01";/,
    );
  });
});
