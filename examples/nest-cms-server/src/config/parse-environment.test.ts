import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { envExample, withVariablesTable } from './describe-variables.js';
import { EnvironmentError, type VariableProblem } from './environment-error.js';
import { parseEnvironment } from './parse-environment.js';

const complete = {
  MONGODB_URI: 'mongodb://user:hunter2-hunter2@127.0.0.1/?replicaSet=rs0',
  JWT_KEYS: 'k1:Zf8kQ2mW9xLpR4vT7yBnC3hJ6sDgA1eUo5Vw0iXq',
  PAYTABS_PROFILE_ID: '98765',
  PAYTABS_SERVER_KEY: 'SBJN2KLM9P-JHWQ7RTZ4X-BDLM6VNCKG',
  PAYTABS_REGION: 'ARE',
  PUBLIC_URL: 'https://cms.house.example.org',
};

const production = {
  ...complete,
  NODE_ENV: 'production',
  REDIS_STATE_URL: 'redis://state.house.example.org',
};

function problemsOf(given: Record<string, string | undefined>): readonly VariableProblem[] {
  try {
    parseEnvironment(given);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

const namesOf = (given: Record<string, string | undefined>): string[] =>
  problemsOf(given).map(({ name }) => name);

describe('the environment', () => {
  it('needs six variables, and fills in the rest', () => {
    expect(parseEnvironment(complete)).toMatchObject({
      nodeEnv: 'development',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'https://cms.house.example.org',
      redisShared: false,
      jwt: { ttlSeconds: 900 },
      paytabs: {
        region: 'ARE',
        callbackUrl: 'https://cms.house.example.org/api/v2/payments/webhook',
        returnUrl: 'https://cms.house.example.org/api/v2/payments/return',
        allowLocalUrls: false,
        pageOrigins: ['https://secure.paytabs.com'],
      },
      limits: {
        authPerMinute: 5,
        paymentsPerMinute: 10,
        processPerMinute: 5,
        webhookRefusedPerMinute: 100,
        generalPerMinute: 100,
      },
      demo: false,
    });
  });

  it('names every missing variable at once, with the allowed form', () => {
    expect(namesOf({})).toEqual([
      'MONGODB_URI',
      'JWT_KEYS',
      'PAYTABS_PROFILE_ID',
      'PAYTABS_SERVER_KEY',
      'PAYTABS_REGION',
    ]);
    expect(() => parseEnvironment({})).toThrow(
      /MONGODB_URI: missing; allowed: a mongodb:\/\/ or mongodb\+srv:\/\/ URI of a replica set/,
    );
  });

  it('takes an empty variable for an absent one', () => {
    expect(namesOf({ ...complete, MONGODB_URI: '', PORT: '' })).toEqual(['MONGODB_URI']);
  });

  it.each([
    ['NODE_ENV', 'staging'],
    ['HOST', 'not a host'],
    ['HOST', 'http://127.0.0.1'],
    ['PORT', '65536'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['PUBLIC_URL', 'localhost:3000'],
    ['PUBLIC_URL', 'https://cms.example.org/'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['PUBLIC_URL', 'https://cms.example.org?a=1'],
    ['PUBLIC_URL', 'https://cms.example.org#a'],
    ['PUBLIC_URL', 'https://user:word@cms.example.org'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.1,proxy'],
    ['TRUSTED_PROXIES', '10.0.0.1/8'],
    ['TRUSTED_PROXIES', 'fe80::1%eth0'],
    ['LOG_LEVEL', 'loud'],
    ['BODY_MAX_BYTES', '1mb'],
    ['MONGODB_URI', 'postgres://127.0.0.1'],
    ['MONGODB_URI', 'mongodb://'],
    ['MONGODB_URI', 'mongodb://root:hun@ter2@db/'],
    ['MONGODB_URI', 'mongodb://db:99999'],
    ['MONGODB_URI', 'mongodb://db/?replicaSte=rs0'],
    ['MONGODB_DATABASE', 'a b'],
    ['REDIS_URL', '127.0.0.1:6379'],
    ['REDIS_URL', 'redis:db'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'redis://db:99999'],
    ['REDIS_CACHE_URL', 'redis://db/cache'],
    ['REDIS_CACHE_MAX_BYTES', '10'],
    ['JWT_KEYS', 'k1:short'],
    ['JWT_KEYS', `k1:${'a'.repeat(32)}`],
    ['JWT_KEYS', `a-kid-with-many-letters:${'abc123456'.repeat(8)}`],
    ['JWT_KEYS', `${complete.JWT_KEYS},old:${'ab'.repeat(40)}`],
    ['PAYTABS_SERVER_KEY', 'CBJN2KLM9P-JHWQ7RTZ4X-BDLM6VNCKG'],
    ['JWT_KEYS', `${complete.JWT_KEYS},${complete.JWT_KEYS}`],
    ['JWT_TTL_SECONDS', '86400'],
    ['PAYTABS_PROFILE_ID', 'abc'],
    ['PAYTABS_SERVER_KEY', 'with a space'],
    ['PAYTABS_REGION', 'UAE'],
    ['PAYTABS_ALLOWED_ADDRESSES', '::1/129'],
    ['PAYTABS_CALLBACK_URL', 'https://user:word@cms.example.org/notices'],
    ['PAYTABS_ALLOW_LOCAL_URLS', 'yes'],
    ['LIMIT_AUTH_PER_MINUTE', '0'],
    ['OUTBOX_LEASE_MS', '-1'],
    ['NESTCMS_DEMO', '1'],
  ])('refuses %s=%s', (name, value) => {
    expect(namesOf({ ...complete, [name]: value })).toEqual([name]);
  });

  it('lists several wrong variables together, showing what was given', () => {
    const problems = problemsOf({ ...complete, PORT: 'many', LOG_LEVEL: 'loud' });
    expect(problems).toEqual([
      { name: 'PORT', given: '"many"', allowed: 'a whole number, 0 to 65535' },
      expect.objectContaining({ name: 'LOG_LEVEL', given: '"loud"' }),
    ]);
  });

  it('never shows a secret in an error', () => {
    const secrets = {
      MONGODB_URI: 'postgres://user:hunter2@db',
      REDIS_STATE_URL: 'http://:hunter2@redis',
      JWT_KEYS: 'hunter2',
      PAYTABS_SERVER_KEY: 'hunter2 hunter2',
    };
    expect(namesOf({ ...complete, ...secrets }).sort()).toEqual(Object.keys(secrets).sort());
    expect(() => parseEnvironment({ ...complete, ...secrets })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
    expect(inspect(problemsOf({ ...complete, ...secrets }))).not.toContain('hunter2');
  });

  it.each([
    ['PUBLIC_URL', 'https://admin:hunter2@cms.example.org'],
    ['PAYTABS_CALLBACK_URL', 'https://admin:hunter2@cms.example.org/notices'],
    ['PAYTABS_PAGE_ORIGINS', 'https://a:hunter2@b.c'],
    ['PAYTABS_BASE_URL', 'https://:hunter2@b.c'],
    ['HOST', 'u:hunter2@db'],
    ['PAYTABS_PROFILE_ID', 'SHUNTER2AB-HUNTER2CD0-HUNTER2EF0'],
    ['PORT', 'redis://:hunter2@127.0.0.1'],
  ])('does not repeat what may be a secret in the wrong place: %s=%s', (name, value) => {
    const given = { ...complete, PAYTABS_REGION: name === 'PAYTABS_BASE_URL' ? undefined : 'ARE' };
    const problems = problemsOf({ ...given, [name]: value });
    expect(problems).toMatchObject([
      { name, given: `given, ${value.length} characters, not shown` },
    ]);
    expect(() => parseEnvironment({ ...given, [name]: value })).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/hunter2/i) }),
    );
  });

  it('names a weak pair of JWT_KEYS by its place, as the pair may be mixed up', () => {
    const mixedUp = 'Q7vR2mX9sL4kT8wZ1nB6yC3pD5gF0hJ2:first-key-of-the-house-first-key-of-house';
    const weak = `${complete.JWT_KEYS},${mixedUp.replace('first-key', 'example-key')}`;
    const [problem] = problemsOf({ ...production, JWT_KEYS: weak });
    expect(problem).toMatchObject({ name: 'JWT_KEYS', given: expect.stringContaining('pair 2') });
    expect(inspect(problem)).not.toContain('Q7vR2m');
  });

  it('does not show its secrets when it is printed', () => {
    const environment = parseEnvironment({ ...complete, REDIS_URL: 'redis://:hunter2@127.0.0.1' });
    for (const text of [
      inspect(environment, { depth: null }),
      JSON.stringify(environment),
      inspect(environment.paytabs),
      inspect(environment.jwt, { depth: null }),
    ]) {
      for (const secret of ['hunter2', complete.PAYTABS_SERVER_KEY, 'Zf8kQ2', '90, 102, 56']) {
        expect(text).not.toContain(secret);
      }
    }
    expect(environment.paytabs.serverKey).toBe(complete.PAYTABS_SERVER_KEY);
  });

  it('wants either a region or a base URL', () => {
    const without = { ...complete, PAYTABS_REGION: undefined };
    expect(namesOf(without)).toEqual(['PAYTABS_REGION']);
    expect(namesOf({ ...complete, PAYTABS_BASE_URL: 'https://secure.clickpay.com.sa' })).toEqual([
      'PAYTABS_REGION',
    ]);
    expect(namesOf({ ...without, PAYTABS_BASE_URL: 'http://pay.example.org' })).toEqual([
      'PAYTABS_BASE_URL',
    ]);
    const { paytabs } = parseEnvironment({
      ...without,
      PAYTABS_BASE_URL: 'https://pay.example.org',
    });
    expect(paytabs.pageOrigins).toEqual(['https://pay.example.org']);
    expect(paytabs.region).toBeUndefined();
  });
});

describe('a gateway that is not on this machine', () => {
  it.each([
    ['PUBLIC_URL', { PUBLIC_URL: undefined }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://localhost:3000' }],
    ['PUBLIC_URL', { PUBLIC_URL: undefined, HOST: '0.0.0.0' }],
    ['PAYTABS_CALLBACK_URL', { PAYTABS_CALLBACK_URL: 'https://127.0.0.1/notices' }],
    ['PAYTABS_RETURN_URL', { PAYTABS_RETURN_URL: 'https://[::1]/back' }],
  ])('is not given a local address: %s', (name, over) => {
    expect(namesOf({ ...complete, ...over })).toEqual([name]);
    expect(namesOf({ ...complete, ...over, PAYTABS_ALLOW_LOCAL_URLS: 'true' })).toEqual([]);
  });

  it.each([
    ['PAYTABS_CALLBACK_URL', 'https://cms.example.org/notices/', 'at most 255 characters'],
    ['PAYTABS_RETURN_URL', 'https://cms.example.org/back/', 'at most 255 characters'],
    // "/api/v2/payments/webhook" is added to it.
    ['PUBLIC_URL', 'https://cms.example.org/sub/', 'at most 231'],
  ])('is not given an address longer than it takes: %s', (name, start, allowed) => {
    const most = name === 'PUBLIC_URL' ? 255 - '/api/v2/payments/webhook'.length : 255;
    const longest = start.padEnd(most, 'a');
    expect(namesOf({ ...complete, [name]: longest })).toEqual([]);
    expect(problemsOf({ ...complete, [name]: `${longest}a` })).toMatchObject([
      { name, allowed: expect.stringContaining(allowed) },
    ]);
  });

  it('may have a long address of ours, if its own two are short', () => {
    const PUBLIC_URL = 'https://cms.example.org/'.padEnd(300, 'a');
    const PAYTABS_CALLBACK_URL = 'https://cms.example.org/notices';
    expect(namesOf({ ...complete, PUBLIC_URL, PAYTABS_CALLBACK_URL })).toEqual(['PUBLIC_URL']);
    const own = { PAYTABS_CALLBACK_URL, PAYTABS_RETURN_URL: 'https://cms.example.org/back' };
    expect(namesOf({ ...complete, PUBLIC_URL, ...own })).toEqual([]);
  });

  it('and one on this machine is', () => {
    const local = { PAYTABS_REGION: undefined, PAYTABS_BASE_URL: 'http://127.0.0.1:4010' };
    expect(namesOf({ ...complete, ...local, PUBLIC_URL: undefined })).toEqual([]);
  });
});

describe('Redis', () => {
  it('may be absent, or name one role alone', () => {
    expect(parseEnvironment(complete).redisStateUrl).toBeUndefined();
    const stateOnly = parseEnvironment({ ...complete, REDIS_STATE_URL: 'redis://state' });
    expect([stateOnly.redisStateUrl, stateOnly.redisCacheUrl]).toEqual([
      'redis://state',
      undefined,
    ]);
  });

  it('may serve both roles, and the cache then has a budget', () => {
    expect(parseEnvironment({ ...complete, REDIS_URL: 'redis://one' })).toMatchObject({
      redisStateUrl: 'redis://one',
      redisCacheUrl: 'redis://one',
      redisShared: true,
      redisCacheMaxBytes: 64 * 1024 * 1024,
    });
  });

  it('fills only the role that has no address of its own', () => {
    const environment = parseEnvironment({
      ...complete,
      REDIS_URL: 'redis://one',
      REDIS_CACHE_URL: 'redis://cache',
    });
    expect(environment).toMatchObject({
      redisStateUrl: 'redis://one',
      redisCacheUrl: 'redis://cache',
      redisShared: false,
    });
    expect(environment.redisCacheMaxBytes).toBeUndefined();
  });
});

describe('production', () => {
  it('starts with random secrets and https', () => {
    expect(parseEnvironment(production).nodeEnv).toBe('production');
  });

  it.each([
    ['JWT_KEYS', 'k1:example-only-example-only-example-only'],
    ['JWT_KEYS', `k1:${'a'.repeat(64)}`],
    ['JWT_KEYS', `${complete.JWT_KEYS},old:changeme-changeme-changeme-changeme`],
    ['PAYTABS_SERVER_KEY', 'SEXAMPLE00-EXAMPLE000-EXAMPLE000'],
    ['PUBLIC_URL', 'http://cms.house.example.org'],
    ['PUBLIC_URL', undefined],
    ['REDIS_STATE_URL', undefined],
    ['PAYTABS_ALLOW_LOCAL_URLS', 'true'],
    ['NESTCMS_DEMO', 'true'],
  ])('refuses %s=%s', (name, value) => {
    expect(namesOf({ ...production, [name]: value })).toEqual([name]);
  });

  it('refuses a gateway over plain http', () => {
    expect(
      namesOf({
        ...production,
        PAYTABS_REGION: undefined,
        PAYTABS_BASE_URL: 'http://127.0.0.1:4010',
      }),
    ).toEqual(['PAYTABS_BASE_URL']);
  });
});

describe('what is written about the variables', () => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

  it('is up to date; run update:configuration after a change', () => {
    expect(read('.env.example')).toBe(envExample());
    expect(read('README.md')).toBe(withVariablesTable(read('README.md')));
    expect(read('README.md')).toMatch(/\| `MONGODB_URI` +\| \*\*required\*\*/);
  });

  it('starts a development server as it is, and no production one', () => {
    const given = Object.fromEntries(
      [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );
    expect(parseEnvironment(given).nodeEnv).toBe('development');
    expect(namesOf({ ...given, NODE_ENV: 'production' })).toContain('JWT_KEYS');
  });
});
