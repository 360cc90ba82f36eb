import { describe, expect, it } from 'vitest';
import { isPayTabsError } from './errors.js';
import { type PayTabsClientOptions, resolveOptions } from './options.js';
import { regions } from './regions.js';

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
const base = { profileId: 98765, serverKey: key, region: 'ARE' } as const;

const refusal = (options: unknown): string => {
  try {
    resolveOptions(options as PayTabsClientOptions);
    return 'taken';
  } catch (error) {
    return isPayTabsError(error, 'INVALID_OPTION') ? error.message : String(error);
  }
};

describe('the options', () => {
  it.each(Object.entries(regions))('know region %s', (region, origin) => {
    const lower = region.toLowerCase();
    expect(resolveOptions({ ...base, region: lower as 'ARE' }).origin).toBe(origin);
  });

  it('take the base URL of a white label, with a path', () => {
    const { region: _, ...rest } = base;
    const options = resolveOptions({ ...rest, baseUrl: 'https://secure.example.com/gateway/' });
    expect([options.origin, options.pathPrefix]).toEqual([
      'https://secure.example.com',
      '/gateway',
    ]);
  });

  it('trim the key, for a blank at its end is a usual accident', () => {
    expect(resolveOptions({ ...base, serverKey: ` ${key}\n` }).serverKey).toBe(key);
  });

  it.each([
    [{ region: 'PSE' }, 'region'],
    [{ region: undefined }, 'give either region or baseUrl'],
    [{ baseUrl: 'https://secure.example.com' }, 'give either region or baseUrl'],
    [{ region: undefined, baseUrl: 'http://secure.example.com' }, 'baseUrl: must be an https URL'],
    [{ region: undefined, baseUrl: 'https://u:p@example.com' }, 'without user'],
    [{ serverKey: '' }, 'serverKey: must be three groups'],
    [{ serverKey: 'CKKMMM-HTTP62-NN6BTB-V6MKQ7' }, 'looks like a client key'],
    [{ serverKey: 7 }, 'serverKey: must be a string'],
    [{ profileId: 0 }, 'profileId'],
    [{ profileId: '98765' }, 'profileId'],
    [{ timeoutMs: 0 }, 'timeoutMs: Too small: expected number to be >=1 (given: 0)'],
    [{ timeout: 1000 }, 'Unrecognized key: "timeout"'],
    [{ maxAttempts: 11 }, '(given: 11)'],
    [{ breakers: { read: 5 } }, 'breakers.read: must be an object of breaker options'],
    [{ breakers: { write: [] } }, 'breakers.write: must be an object of breaker options'],
    [{ breakers: { read: null } }, 'breakers.read: must be an object of breaker options'],
    [{ dispatcher: {} }, 'dispatcher: must be an object with dispatch'],
    [{ intents: new Map() }, 'intents: must be an object with begin'],
  ])('refuse %j with the name and the reason', (wrong, reason) => {
    expect(refusal({ ...base, ...wrong })).toContain(reason);
  });

  it('are copied: changing the passed object later changes nothing', () => {
    const passed = { ...base, timeoutMs: 5000 };
    const options = resolveOptions(passed);
    passed.timeoutMs = 1;
    expect(options.timeoutMs).toBe(5000);
    expect(Object.isFrozen(options)).toBe(true);
  });
});
