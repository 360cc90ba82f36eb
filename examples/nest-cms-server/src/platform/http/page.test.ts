import { describe, expect, it } from 'vitest';
import { pageQuerySchema } from './page.js';
import { textSchema } from './validation.js';

describe('the size of a page', () => {
  it.each([
    ['1', 1],
    ['50', 50],
    ['99', 99],
    ['100', 100],
    [undefined, 50],
  ])('of %s is %i', (limit, size) => {
    expect(pageQuerySchema.parse({ limit })).toEqual({ limit: size });
  });

  it.each(['0', '101', '01', '1e1', '0x10', ' 5', '5.0', '', '-1', 5, ['5']])(
    'is never %j',
    (limit) => {
      expect(pageQuerySchema.safeParse({ limit }).success).toBe(false);
    },
  );
});

describe('text that people typed', () => {
  it.each(['a', 'two\nlines\tand a tab', 'ملاحظات', '🏗️'])('may be %j', (text) => {
    expect(textSchema(100).parse(text)).toBe(text);
  });

  it.each(['', '  ', 'a\u0000b', 'a\u007fb', 'half \ud83c of a character', 'x'.repeat(101)])(
    'is never %j',
    (text) => {
      expect(textSchema(100).safeParse(text).success).toBe(false);
    },
  );
});
