import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTime, readUtcTime } from './read-time.js';

describe('readTime', () => {
  it('reads decimal seconds', () => {
    expect(readTime('0', 's')).toBe(0);
    expect(readTime('1614265330', 's')).toBe(1_614_265_330_000);
    expect(readTime('9'.repeat(16), 's')).toBe(Number('9'.repeat(16)) * 1_000);
  });

  it('reads numbers, and milliseconds', () => {
    expect(readTime(1_614_265_330, 's')).toBe(1_614_265_330_000);
    expect(readTime(1_614_265_330_123, 'ms')).toBe(1_614_265_330_123);
    expect(readTime('1614265330123', 'ms')).toBe(1_614_265_330_123);
  });

  it('reads UTC times where they are ISO', () => {
    expect(readTime('1970-01-01T00:00:01Z', 'iso')).toBe(1_000);
    expect(readTime(1, 'iso')).toBeUndefined();
  });

  it.each([
    1.5,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e21,
    true,
    null,
    ['1'],
    { toString: () => '1' },
  ])('reads no seconds from %o', (value) => {
    expect(readTime(value, 's')).toBeUndefined();
  });

  it.each(['', '01', '+1', '-1', '1.0', '1e3', '0x1', ' 1', '1 ', '١', 'NaN', '9'.repeat(17)])(
    'reads nothing from %j',
    (text) => {
      expect(readTime(text, 's')).toBeUndefined();
    },
  );
});

describe('readUtcTime', () => {
  it('reads what toISOString writes, with and without its fraction', () => {
    const years = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') };
    fc.assert(
      fc.property(fc.date({ ...years, noInvalidDate: true }), (date) => {
        const text = date.toISOString();
        // Date.UTC reads the years 0 to 99 as 1900 to 1999: refused rather than misread.
        const expected = date.getUTCFullYear() < 100 ? undefined : date.getTime();
        expect(readUtcTime(text)).toBe(expected);
        const whole = expected === undefined ? undefined : Math.floor(expected / 1_000) * 1_000;
        expect(readUtcTime(`${text.slice(0, 19)}Z`)).toBe(whole);
      }),
    );
  });

  it.each([
    '2026-09-13T08:15:30',
    '2026-09-13T08:15:30+04:00',
    '2026-09-13 08:15:30Z',
    '2026-9-13T08:15:30Z',
    '2026-13-01T08:15:30Z',
    '2026-02-29T08:15:30Z',
    '2026-09-13T24:00:00Z',
    '2026-09-13T08:15:60Z',
    '2026-09-13T08:15:30.Z',
    '2026-09-13T08:15:30.1234567890Z',
    '+002026-09-13T08:15:30Z',
    '2026-09-13T08:15:302026-09-13T08:15:30Z',
    '2026-09-13T08:15:30Z ',
    '2026-09-13T08:15:30Z2026-09-13T08:15:30Z',
    ['2026-09-13T08:15:30Z'],
    { toString: () => '2026-09-13T08:15:30Z' },
    Object('2026-09-13T08:15:30Z'),
    1_789_000_000_000,
    null,
  ])('reads nothing from %j', (value) => {
    expect(readUtcTime(value)).toBeUndefined();
  });
});
