import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { webhookRoute } from '../src/adapters/fastify/index.js';
import { WebhookRoute } from '../src/adapters/nestjs/index.js';
import { createInbox, createMemoryInboxStore } from '../src/inbox/index.js';
import {
  createMemoryReplayStore,
  createWebhookVerifier,
  defineScheme,
  dropbox,
  github,
  isWebhookSecurityError,
  meta,
  payTabsCallback,
  payTabsReturn,
  type ReplayStore,
  refusalStatus,
  square,
  stageOrder,
  stripe,
  twilio,
  VERIFIER_DEFAULTS,
} from '../src/index.js';
import { createMongoInboxStore, createMongoReplayStore } from '../src/stores/mongodb/index.js';
import { createRedisInboxStore, createRedisReplayStore } from '../src/stores/redis/index.js';
import { callback, key } from './requests.js';

const right = { scheme: payTabsCallback(), keys: [key] };
const store = createMemoryReplayStore();
const inboxStore = createMemoryInboxStore();
const signsUrl = { scheme: square() };
const asksToken = { scheme: meta() };
const hook = 'https://example.com/hook';

describe('options', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ maxByte: 1 }, /^maxByte is unknown; allowed: scheme, keys/],
    [{ scheme: undefined }, /^scheme is not a scheme/],
    [{ scheme: { ...payTabsCallback() } }, /^scheme is not a scheme.*defineScheme/],
    [{ maxBytes: 0 }, /^maxBytes is 0; allowed: a whole number from 1 to 67108864/],
    [{ maxBytes: '100' }, /^maxBytes is a text of 3 characters; allowed/],
    [{ maxBytes: Number.NaN }, /^maxBytes is NaN/],
    [
      { toleranceMs: 1_000 },
      /^toleranceMs is 1000; allowed: nothing: paytabs signs no header time/,
    ],
    [{ scheme: stripe(), toleranceMs: 999 }, /^toleranceMs is 999; allowed: a whole number/],
    [{ keysTimeoutMs: 0 }, /^keysTimeoutMs is 0; allowed: a whole number from 1 to 60000$/],
    [{ scheme: payTabsReturn(), maxAgeMs: 1_000 }, /^maxAgeMs is 1000; allowed: nothing/],
    [{ maxAgeMs: 999 }, /^maxAgeMs is 999/],
    [{ maxAheadMs: -1 }, /^maxAheadMs is -1/],
    [{ allow: [] }, /^allow is \[\]; allowed: at least one/],
    [{ allow: ['10.0.0.1/8'] }, /^allow\[0\] is "10\.0\.0\.1\/8"/],
    [{ allow: '10.0.0.0/8' }, /^allow must be a list/],
    [{ allow: null }, /^allow must be a list/],
    [{ allow: new Set(['10.0.0.1']) }, /^allow must be a list/],
    [{ trustedProxies: ['10.0.0.0/8', 'loopback'] }, /^trustedProxies\[1\] is "loopback"/],
    [signsUrl, /^url is undefined; allowed: an address: square signs the address it was given$/],
    [{ url: hook }, /^url is a text of 24 characters; allowed: nothing: paytabs signs no address$/],
    [
      { ...signsUrl, url: 'ftp://example.com' },
      /^url is a text of 17 characters; allowed: an address that begins with https:\/\/ or http:\/\/$/,
    ],
    [{ ...signsUrl, url: `x${hook}` }, /^url is a text of 25 characters; allowed: an address that/],
    [{ ...signsUrl, url: 'https://' }, /^url is a text of 8 characters; allowed: an address that/],
    [{ ...signsUrl, url: new URL(hook) }, /^url is an object; allowed: an address that/],
    [
      { scheme: github(), verifyToken: 'token' },
      /^verifyToken is a text of 5 characters; allowed: nothing: github asks for no token$/,
    ],
    [{ scheme: dropbox(), verifyToken: 'token' }, /^verifyToken is .*: dropbox asks for no token$/],
    [{ ...asksToken, verifyToken: 7 }, /^verifyToken is 7; allowed: a text that is not blank$/],
    [{ ...asksToken, verifyToken: '' }, /^verifyToken is a text of 0 characters; allowed: a text/],
    [{ ...asksToken, verifyToken: ' \t' }, /^verifyToken is a text of 2 characters; allowed/],
    [{ tenant: '' }, /^tenant is a text of 0 characters; allowed: a text of 1 to 200/],
    [{ tenant: 'x'.repeat(201) }, /^tenant is a text of 201 characters/],
    [{ tenant: 'north\ud800' }, /^tenant is a text with half a character; allowed: whole/],
    [{ payload: {} }, /^payload is an object; allowed: a Standard Schema/],
    [{ payload: null }, /^payload is null; allowed: a Standard Schema/],
    [{ payloadTimeoutMs: 60_001 }, /^payloadTimeoutMs is 60001; allowed: a whole number from 1/],
    [{ clock: Date }, /^clock is a function; allowed: an object with now, wallTime, setTimer$/],
    [{ observer: {} }, /^observer is an object; allowed: a function/],
    [{ onObserverError: {} }, /^onObserverError is an object; allowed: a function/],
    [{ replay: { store, claimMs: 10 } }, /^replay\.claimMs is 10; allowed/],
    [{ replay: { store, keepMs: 59_999 } }, /^replay\.keepMs is 59999/],
    [{ replay: { store, repeatStatus: 202 } }, /^replay\.repeatStatus is 202; allowed: 200 or 409/],
    [{ replay: { store, ttlMs: 1 } }, /^replay\.ttlMs is unknown/],
    [{ replay: { store, timeoutMs: 0 } }, /^replay\.timeoutMs is 0; allowed: a whole number/],
    [{ replay: { store, keepAnswers: 1 } }, /^replay\.keepAnswers is 1; allowed: true or false$/],
    [{ replay: { store: {} } }, /^replay\.store is an object; allowed: a replay store$/],
    [{ replay: { store: null } }, /^replay\.store is null; allowed: a replay store$/],
    [{ replay: { store: Date } }, /^replay\.store is a function; allowed: a replay store$/],
    [{ replay: {} }, /^replay\.store is undefined; allowed: a replay store$/],
    [{ replay: 7 }, /^replay is 7; allowed: an object/],
  ])('%j is refused', (wrong, message) => {
    const make = () => createWebhookVerifier({ ...right, ...wrong } as never);
    expect(make).toThrow(message);
    expect(codeOf(make)).toBe('INVALID_OPTION');
  });

  it.each([undefined, null, 7, 'options'])('of all are refused if they are %j', (options) => {
    const make = () => createWebhookVerifier(options as never);
    expect(make).toThrow(/^options is .*; allowed: an object$/);
    expect(codeOf(make)).toBe('INVALID_OPTION');
  });

  it.each<[string, Record<string, unknown>]>([
    ['the time for a function that gives keys', { keysTimeoutMs: 60_000 }],
    ['the time for a store', { replay: { store, timeoutMs: 60_000 } }],
    ['the status of a repeat', { replay: { store, repeatStatus: 200 } }],
    ['the other status of a repeat', { replay: { store, repeatStatus: 409 } }],
    [
      'a store that is a function',
      { replay: { store: Object.assign(() => {}, methodsOf(store)) } },
    ],
    ['who is told of a failed observer', { onObserverError: () => {} }],
    ['an address of https', { ...signsUrl, url: hook }],
    ['an address of http', { ...signsUrl, url: 'http://localhost:3000/hook?a=1' }],
    ['a token with spaces', { ...asksToken, verifyToken: ' a token ' }],
    ['a scheme that asks for a token, without one', asksToken],
  ])('take %s', (_name, more) => {
    expect(() => createWebhookVerifier({ ...right, ...more } as never)).not.toThrow();
  });

  it('have defaults that nobody can change for others', () => {
    expect(Object.isFrozen(stageOrder)).toBe(true);
    expect(Object.isFrozen(refusalStatus)).toBe(true);
    expect(Object.isFrozen(VERIFIER_DEFAULTS)).toBe(true);
  });

  it('take a tenant of any whole characters', async () => {
    const verifier = createWebhookVerifier({
      ...right,
      tenant: 'شمال 😀'.padEnd(200),
      replay: { store },
    });
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
  });

  it('take no scheme that claims a delivery before its signature held, frozen or not', () => {
    const stages = [...stageOrder.filter((stage) => stage !== 'signature'), 'signature'] as const;
    const unsafe = Object.freeze({ ...payTabsCallback(), stages });
    const make = () => createWebhookVerifier({ ...right, scheme: unsafe });
    expect(make).toThrow(/scheme is not a scheme; allowed: .* of defineScheme/);
    expect(codeOf(make)).toBe('INVALID_OPTION');
    const define = () => defineScheme({ ...payTabsCallback(), stages });
    expect(define).toThrow(/signature comes before bodyTime/);
    expect(codeOf(define)).toBe('INVALID_SCHEME');
  });

  it('keep a delivery for as long as its signed time is acceptable, to both sides', () => {
    const { bodyTime: _bodyTime, ...timeless } = payTabsCallback();
    const scheme = defineScheme({
      ...timeless,
      name: 'timed',
      headerTime: { kind: 'header', name: 'x-time' },
      message: { kind: 'parts', parts: ['time', 'body'] },
    });
    const make = (toleranceMs: number | undefined, keepMs: number) => () =>
      createWebhookVerifier({
        scheme,
        keys: [key],
        ...(toleranceMs !== undefined && { toleranceMs }),
        replay: { store, keepMs },
      });
    expect(make(3_600_000, 7_199_999)).toThrow(/^replay\.keepMs is 7199999; .* from 7200000 to /);
    expect(make(3_600_000, 7_200_000)).not.toThrow();
    expect(make(undefined, 599_999)).toThrow(/^replay\.keepMs is 599999; .* from 600000 to /);
    expect(make(undefined, 600_000)).not.toThrow();
    expect(make(1_000, 60_000)).not.toThrow();
    // The default has to fit, too.
    const longest = { scheme, keys: [key], toleranceMs: 86_400_000, replay: { store } };
    expect(() => createWebhookVerifier(longest)).not.toThrow();
  });

  it('never spell out a text or a function that stands where something else belongs', () => {
    const secret = 'redis://user:hunter2@host';
    const withSecret = Object.assign(() => 'hunter2', { secret });
    for (const wrong of [secret, withSecret, Symbol(secret), { secret }, [secret]] as never[]) {
      const makers: (() => unknown)[] = [
        () => createWebhookVerifier(wrong),
        ...['scheme', 'replay', 'payload', 'clock', 'observer', 'maxBytes', 'tenant'].map(
          (name) => () => createWebhookVerifier({ ...right, [name]: wrong }),
        ),
        ...['store', 'claimMs', 'repeatStatus'].map(
          (name) => () => createWebhookVerifier({ ...right, replay: { store, [name]: wrong } }),
        ),
        () => createMemoryReplayStore({ clock: wrong }),
        () => createRedisReplayStore({ redis: wrong }),
        () => createMongoReplayStore({ collection: wrong }),
        () => createMemoryInboxStore({ clock: wrong }),
        () => createRedisInboxStore({ redis: wrong }),
        () => createMongoInboxStore({ collection: wrong }),
        () => createInbox(wrong),
        ...['store', 'process', 'backoff', 'leaseMs', 'clock', 'observer'].map(
          (name) => () => createInbox({ store: inboxStore, process: () => {}, [name]: wrong }),
        ),
        () => webhookRoute({ url: '/', verifier: wrong, handler: () => undefined }),
        () => WebhookRoute('token', { refused: wrong }),
        () => defineScheme(wrong),
        () => defineScheme({ ...payTabsCallback(), content: wrong }),
      ];
      for (const make of makers) {
        const error = errorOf(make);
        if (error === undefined) continue; // a text is a tenant
        expect(isWebhookSecurityError(error)).toBe(true);
        expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('hunter2');
      }
    }
  });

  it('name a rule of another kind by its kind', () => {
    const make = () => createWebhookVerifier({ ...right, allow: [10n as never] });
    expect(make).toThrow(/^allow\[0\] is bigint; allowed: an IPv4/);
  });

  it('show a word where one was to be chosen, and no other text', () => {
    const word = 'x'.repeat(30);
    for (const [algorithm, shown] of [
      ['md5', "'md5'"],
      [word, `'${word}'`],
      [`${word}x`, 'a text of 31 characters'],
      ['sha 1', 'a text of 5 characters'],
      ['', 'a text of 0 characters'],
      [['md5'], 'an object'],
    ] as [unknown, string][]) {
      expect(errorOf(() => twilio({ algorithm } as never))).toMatchObject({
        code: 'INVALID_OPTION',
        message: `algorithm is ${shown}; allowed: sha1 or sha256`,
      });
    }
  });

  it('of a route need a verifier with all that a route calls', () => {
    const verifier = createWebhookVerifier(right);
    const verify = verifier.verify.bind(verifier);
    const refuse = verifier.refuse.bind(verifier);
    const make = (given: unknown) => () =>
      webhookRoute({ url: '/', verifier: given as never, handler: () => undefined });
    for (const wrong of [undefined, { verify }, { refuse }]) {
      expect(make(wrong)).toThrow(
        /^verifier is (undefined|an object); allowed: what createWebhookVerifier gives$/,
      );
      expect(codeOf(make(wrong))).toBe('INVALID_OPTION');
    }
    expect(make({ verify, refuse })).not.toThrow();
  });

  it('of the return scheme are checked too', () => {
    expect(() => payTabsReturn({ tilde: [] })).toThrow(/^tilde is .*; allowed: a list of at least/);
    expect(() => payTabsReturn({ zero: ['maybe' as never] })).toThrow(/^zero is /);
    expect(() => payTabsReturn({ exclude: 'lang' as never })).toThrow(
      /^exclude is a text of 4 characters; /,
    );
    expect(() => payTabsReturn({ excluded: ['lang'] } as never)).toThrow(
      /^excluded is unknown; allowed: tilde, zero/,
    );
  });

  function methodsOf(store: ReplayStore): ReplayStore {
    return {
      claim: store.claim.bind(store),
      confirm: store.confirm.bind(store),
      release: store.release.bind(store),
    };
  }

  function errorOf(make: () => unknown): unknown {
    try {
      make();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  function codeOf(make: () => unknown): string | undefined {
    const error = errorOf(make);
    if (error === undefined) return undefined;
    return isWebhookSecurityError(error) ? error.code : 'foreign';
  }
});
