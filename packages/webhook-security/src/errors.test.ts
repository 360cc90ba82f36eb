import { describe, expect, it } from 'vitest';
import { isWebhookSecurityError, WebhookSecurityError } from './errors.js';

const error = new WebhookSecurityError('INVALID_KEY', 'keys[0] is empty');
/** What every version of this package marks its errors with. */
const mark = Symbol.for('@nestcms/webhook-security.error');

describe('an error of this package', () => {
  it('is known, and by its code if one is given', () => {
    expect(isWebhookSecurityError(error)).toBe(true);
    expect(isWebhookSecurityError(error, 'INVALID_KEY')).toBe(true);
    expect(isWebhookSecurityError(error, 'INVALID_OPTION')).toBe(false);
  });

  it('is known by its mark, so that another copy of the package knows it', () => {
    expect(error).toMatchObject({ [mark]: true });
    const other = Object.assign(new Error('of another copy'), { [mark]: true, code: 'NOT_SYNC' });
    expect(isWebhookSecurityError(other, 'NOT_SYNC')).toBe(true);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'INVALID_KEY'],
    ['a number', 7],
    ['another error', Object.assign(new Error('foreign'), { code: 'INVALID_KEY' })],
    ['an object with another mark', { [mark]: 'yes', code: 'INVALID_KEY' }],
    [
      'an object that throws when it is looked at',
      new Proxy(error, {
        get: () => {
          throw new Error('do not look');
        },
      }),
    ],
  ])('is not %s', (_name, value) => {
    expect(isWebhookSecurityError(value)).toBe(false);
    expect(isWebhookSecurityError(value, 'INVALID_KEY')).toBe(false);
  });
});
