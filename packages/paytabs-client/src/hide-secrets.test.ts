import { describe, expect, it } from 'vitest';
import { hideLongSecrets, hideSecrets, tellsSecret } from './hide-secrets.js';

describe('what a request must not have told', () => {
  it.each([
    ['as it was', 'pan=4111111111111111;', 'pan=[secret];'],
    ['in groups', '4111 1111 1111 1111', '[secret]'],
    ['in groups of other form', '4111-1111-1111-1111', '[secret]'],
    ['among letters', 'x4111111111111111y', 'x[secret]y'],
  ])('is hidden %s', (_, text, hidden) => {
    expect(hideLongSecrets(text, ['4111111111111111'])).toBe(hidden);
  });

  it.each([
    ['of signs that mean something to patterns', 'a+b/c==(.*)$1xyz', 'say "a+b/c==(.*)$1xyz"'],
    ['with slashes as some writers have them', 'a+b/c==/defghi', 'say "a+b\\/c==\\/defghi"'],
    ['in other letters', 'gbcn45bt7xNdDMVwq1Kk', 'say "GBCN45BT7XNDDMVWQ1KK"'],
  ])('is hidden %s', (_, secret, text) => {
    expect(hideLongSecrets(text, [secret])).toBe('say "[secret]"');
  });

  it('is left in an answer when it is short: a code may be the same by chance', () => {
    expect(hideLongSecrets('"response_code":"305"', ['305'])).toBe('"response_code":"305"');
  });

  it.each(['"cvv":"305"', '\\"cvv\\": \\"305\\"', 'cvv=305', 'CVV2: 305'])(
    'is hidden where it is called by its name: %s',
    (text) => expect(hideLongSecrets(text, ['305'])).toBe(text.replace('305', '[secret]')),
  );

  it.each(['"cvv_result":"305"', '"cvv":"3051"'])('is left where it is another: %s', (text) => {
    expect(hideLongSecrets(text, ['305'])).toBe(text);
  });

  it('is hidden in what people read, also when it is short, and where it stands alone', () => {
    expect(hideSecrets('your code 305 is wrong (3051, x305)', ['305'])).toBe(
      'your code [secret] is wrong (3051, x305)',
    );
  });

  it('leaves JSON that can be read, also where it was a number', () => {
    const text = '{"pan":4111111111111111,"all":[ 4111111111111111 ],"is":"4111111111111111"}';
    expect(JSON.parse(hideLongSecrets(text, ['4111111111111111']))).toEqual({
      pan: '[secret]',
      all: ['[secret]'],
      is: '[secret]',
    });
  });

  it('is noticed in a text', () => {
    expect(tellsSecret('order-4111111111111111', ['4111111111111111'])).toBe(true);
    expect(tellsSecret('order-1', ['4111111111111111'])).toBe(false);
  });

  it('is nothing when nothing is secret', () => {
    expect(hideSecrets('as it is')).toBe('as it is');
    expect(hideLongSecrets('as it is', [])).toBe('as it is');
  });
});
