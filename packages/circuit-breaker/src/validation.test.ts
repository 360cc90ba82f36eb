import { describe, expect, it } from 'vitest';
import { refusalOf } from '../test/support/refusal.js';
import { checkCall, checkSignal, readChoice, readText } from './validation.js';

describe('a call', () => {
  it.each([undefined, null, 5, {}])('has no operation in %o', (operation) => {
    expect(refusalOf(() => checkCall(operation, undefined))).toMatchObject({
      option: 'operation',
      allowed: 'a function',
    });
  });

  it('may have a signal, of any make', () => {
    const { signal } = new AbortController();
    const own = { addEventListener: () => {}, removeEventListener: () => {} } as never;
    for (const fine of [undefined, signal, own]) {
      expect(() => checkCall(() => 1, fine)).not.toThrow();
    }
  });

  it.each([
    ['nothing', null],
    ['a text', 'aborted'],
    ['an object', {}],
    ['one that cannot be listened to', { removeEventListener: () => {} }],
    ['one that cannot be left', { addEventListener: () => {} }],
    [
      'a function',
      Object.assign(() => {}, { addEventListener: () => {}, removeEventListener: () => {} }),
    ],
  ])('has no signal in %s', (_what, signal) => {
    expect(refusalOf(() => checkSignal(signal as never))).toMatchObject({
      option: 'signal',
      allowed: 'an AbortSignal',
    });
  });
});

describe('a word that is refused', () => {
  it('is shown, for a mistake in it is easily overlooked', () => {
    expect(refusalOf(() => readChoice('jitter', 'half' as string, ['full', 'equal'])).message).toBe(
      "Option 'jitter' must be 'full' or 'equal'; it is 'half'.",
    );
    expect(refusalOf(() => readText('name', ' \t')).message).toBe(
      "Option 'name' must be a text, not blank; it is ' \t'.",
    );
  });
});
