import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  createMemoryReplayStore,
  defineScheme,
  payTabsCallback,
  payTabsReturn,
  type WebhookEvent,
  type WebhookHeaders,
} from '../src/index.js';
import {
  ManualClock,
  payTabsReturnBody,
  signPayTabsCallback,
  signPayTabsReturn,
} from '../src/testing/index.js';
import { callback, key, notice, now, verifierWith } from './requests.js';

describe('the verdict', () => {
  it('accepts a genuine callback and says what it knows', async () => {
    expect(await verifierWith().verify(callback())).toMatchObject({
      verdict: 'accepted',
      stale: false,
      staleness: undefined,
      sentAt: now - 240_000,
      payload: notice,
      deliveryId: '98765:TST2625600001234:A',
      keyIndex: 0,
      clientAddress: '203.0.113.7',
    });
  });

  it.each<[string, WebhookHeaders]>([
    ['a record', { 'Content-Type': 'application/json', Signature: signatureOf(notice) }],
    ['a record of lists', { signature: [signatureOf(notice)] }],
    ['pairs', [['SIGNATURE', signatureOf(notice)]]],
    ["Node's flat list", ['Signature', signatureOf(notice), 'host', 'x']],
    ['a Headers object', new Headers({ signature: signatureOf(notice) })],
    ['a Map', new Map([['signature', signatureOf(notice)]])],
  ])('reads headers from %s', async (_name, headers) => {
    expect((await verifierWith().verify(callback(notice, { headers }))).verdict).toBe('accepted');
  });

  it('reads up to 4,096 header lines', async () => {
    const pairs = (length: number) => Array.from({ length }, () => ['x', 'y'] as [string, string]);
    const signed: [string, string] = ['signature', signatureOf(notice)];
    const verify = (headers: WebhookHeaders) =>
      verifierWith().verify(callback(notice, { headers }));
    expect((await verify([...pairs(4_095), signed])).verdict).toBe('accepted');
    expect(await verify([...pairs(4_096), signed])).toMatchObject({ reason: 'request-malformed' });
    expect((await verify([...pairs(2_047).flat(), ...signed])).verdict).toBe('accepted');
    expect(await verify([...pairs(2_048).flat(), ...signed])).toMatchObject({
      reason: 'request-malformed',
    });
    const list = (length: number) => ({
      signature: signed[1],
      'x-forwarded-for': Array.from({ length }, () => 'y'),
    });
    expect((await verify(list(4_096))).verdict).toBe('accepted');
    expect(await verify(list(4_097))).toMatchObject({ reason: 'request-malformed' });
    // What is not read costs nothing, however long it is.
    const others = { signature: signed[1], x: list(4_097)['x-forwarded-for'] };
    expect((await verify(others)).verdict).toBe('accepted');
  });

  it('refuses a name that stands twice in a record', async () => {
    const signature = signatureOf(notice);
    const headers = { signature, Signature: signature };
    expect(await verifierWith().verify(callback(notice, { headers }))).toMatchObject({
      reason: 'header-duplicate',
    });
  });

  it('names the stage of each refusal', async () => {
    const verifier = verifierWith({
      allow: ['203.0.113.0/24'],
      payload: z.object({ never: z.string() }),
    });
    const stageOf = async (request: unknown) => {
      const verdict = await verifier.verify(request as never);
      return verdict.verdict === 'refused' ? [verdict.stage, verdict.reason, verdict.status] : [];
    };
    const right = callback();
    expect(await stageOf(undefined)).toEqual(['request', 'request-malformed', 400]);
    expect(await stageOf({ ...right, method: 'PUT' })).toEqual(['request', 'method', 405]);
    expect(await stageOf({ ...right, body: 'text' })).toEqual(['request', 'body-not-raw', 500]);
    expect(await stageOf({ ...right, peerAddress: undefined })).toEqual([
      'address',
      'address-invalid',
      403,
    ]);
    expect(await stageOf({ ...right, peerAddress: '198.51.100.1' })).toEqual([
      'address',
      'address-refused',
      403,
    ]);
    expect(await stageOf({ ...right, headers: {} })).toEqual(['form', 'header-missing', 401]);
    expect(await stageOf({ ...right, body: Buffer.from('{}') })).toEqual([
      'signature',
      'signature',
      401,
    ]);
    expect(await stageOf(right)).toEqual(['payload', 'payload-invalid', 422]);
  });

  function signatureOf(content: unknown): string {
    return signPayTabsCallback(Buffer.from(JSON.stringify(content)), key);
  }
});

describe('the client address', () => {
  it('is found behind trusted proxies and checked against the allowed ones', async () => {
    const verifier = verifierWith({ allow: ['203.0.113.0/24'], trustedProxies: ['10.0.0.0/8'] });
    const { headers, ...rest } = callback();
    const through = (forwarded: string) =>
      verifier.verify({
        ...rest,
        headers: [...(headers as [string, string][]), ['X-Forwarded-For', forwarded]],
        peerAddress: '::ffff:10.1.2.3',
      });
    expect(await through('198.51.100.1, 203.0.113.9, 10.0.0.4')).toMatchObject({
      verdict: 'accepted',
      clientAddress: '203.0.113.9',
    });
    expect(await through('203.0.113.9, 198.51.100.1')).toMatchObject({
      reason: 'address-refused',
      clientAddress: '198.51.100.1',
    });
    expect(await through('203.0.113.9, unknown')).toMatchObject({ reason: 'address-invalid' });
  });

  it('is not taken from a header that an untrusted peer wrote', async () => {
    const verifier = verifierWith({ allow: ['203.0.113.0/24'] });
    const { headers, ...rest } = callback();
    const verdict = await verifier.verify({
      ...rest,
      headers: [...(headers as [string, string][]), ['x-forwarded-for', '203.0.113.9']],
      peerAddress: '198.51.100.1',
    });
    expect(verdict).toMatchObject({ reason: 'address-refused', clientAddress: '198.51.100.1' });
  });
});

describe('a time in the body', () => {
  const at = (time: unknown) =>
    callback({ ...notice, payment_result: { response_status: 'A', transaction_time: time } });

  it.each([
    ['an hour old', '2026-09-13T07:20:00Z', undefined],
    ['an hour and a second old', '2026-09-13T07:19:59Z', 'old'],
    ['300 seconds ahead', '2026-09-13T08:25:00Z', undefined],
    ['301 seconds ahead', '2026-09-13T08:25:01Z', 'ahead'],
    ['missing', undefined, 'unknown'],
    ['of another zone', '2026-09-13T08:16:00+00:00', 'unknown'],
    ['a day that is none', '2026-02-30T08:16:00Z', 'unknown'],
    ['a number', 1_789_000_000, 'unknown'],
  ])('%s: accepted, staleness %s → %s', async (_name, time, staleness) => {
    expect(await verifierWith().verify(at(time))).toMatchObject({
      verdict: 'accepted',
      stale: staleness !== undefined,
      staleness,
    });
  });

  it('takes other limits', async () => {
    const verifier = verifierWith({ maxAgeMs: 1_000, maxAheadMs: 0 });
    expect(await verifier.verify(callback())).toMatchObject({ staleness: 'old' });
    expect(await verifier.verify(at('2026-09-13T08:20:01Z'))).toMatchObject({ staleness: 'ahead' });
  });
});

describe('the body', () => {
  const { bodyTime: _bodyTime, ...timeless } = payTabsCallback();
  const message = defineScheme({
    ...timeless,
    name: 'message',
    deliveryId: { kind: 'message' },
  });
  const shared = (bytes: Uint8Array) => {
    const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
    view.set(bytes);
    return view;
  };

  it.each([
    ['a Buffer', (bytes: Buffer) => Buffer.from(bytes)],
    ['an array', (bytes: Buffer) => new Uint8Array(bytes)],
    ['shared memory', shared],
  ])(
    'given as %s is read as it was signed, though it is overwritten at once',
    async (_name, as) => {
      const request = callback();
      for (const scheme of [message, payTabsCallback()]) {
        const genuine = await verifierWith({ scheme }).verify(request);
        const body = as(Buffer.from(request.body));
        const verdict = verifierWith({ scheme }).verify({ ...request, body });
        body.set(Buffer.from(Buffer.from(body).toString().replaceAll('"A"', '"D"')));
        expect(await verdict).toEqual({ ...genuine, claim: expect.anything() });
        expect(genuine).toMatchObject({ verdict: 'accepted', payload: notice });
      }
    },
  );

  it('given in memory that is gone is refused', async () => {
    const request = callback();
    const body = new Uint8Array(request.body);
    structuredClone(body.buffer, { transfer: [body.buffer] });
    expect((await verifierWith().verify({ ...request, body })).verdict).toBe('refused');
  });
});

describe('keys', () => {
  it('may be several; the verdict says which one matched and the observer is warned', async () => {
    const events: WebhookEvent[] = [];
    const verifier = verifierWith({
      keys: ['the newer key of this profile', key],
      observer: (event) => events.push(event),
    });
    expect(await verifier.verify(callback())).toMatchObject({ verdict: 'accepted', keyIndex: 1 });
    expect(events).toMatchObject([
      { event: 'oldKeyUsed', scheme: 'paytabs', keyIndex: 1 },
      { event: 'accepted', keyIndex: 1 },
    ]);
  });

  it('may be bytes, and later changes to those bytes change nothing', async () => {
    const bytes = Buffer.from(key);
    const verifier = verifierWith({ keys: [bytes] });
    bytes.fill(0);
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
  });
});

describe('the payload', () => {
  it('is what the schema makes of it', async () => {
    const verifier = verifierWith({
      payload: z.object({ tran_ref: z.string().transform((text) => text.length) }),
    });
    expect(await verifier.verify(callback())).toMatchObject({ payload: { tran_ref: 16 } });
  });

  it('may be checked asynchronously', async () => {
    const verifier = verifierWith({
      payload: z.looseObject({}).refine(() => Promise.resolve(false)),
    });
    expect(await verifier.verify(callback())).toMatchObject({ reason: 'payload-invalid' });
  });

  it('gives the places of its faults and no value', async () => {
    const verifier = verifierWith({
      payload: z.object({ payment_result: z.object({ response_status: z.literal('Z') }) }),
    });
    const verdict = await verifier.verify(callback());
    expect(verdict).toMatchObject({
      reason: 'payload-invalid',
      paths: ['payment_result.response_status'],
    });
    expect(JSON.stringify(verdict)).not.toContain('TST2625600001234');
  });

  it('shows no key of a record in the places of its faults', async () => {
    const events: WebhookEvent[] = [];
    const content = {
      tokens: { '4111 1111 1111 1111': 7, sk_live: 7, ['x'.repeat(65)]: 7, 'a.b': [{ n: 7 }] },
    };
    const payload = z.object({
      tokens: z.record(z.string(), z.union([z.string(), z.array(z.object({ n: z.string() }))])),
    });
    const verifier = verifierWith({ payload, observer: (event) => events.push(event) });
    const verdict = await verifier.verify(callback(content));
    expect(verdict).toMatchObject({
      reason: 'payload-invalid',
      paths: ['tokens.*', 'tokens.sk_live'],
    });
    expect(inspect([verdict, events], { depth: 9 })).not.toMatch(/4111|xxx|a\.b/);
  });

  it('gives the places in lists by number, and of other schema libraries', async () => {
    const issue = (...path: (PropertyKey | { key: PropertyKey })[]) => ({ message: '', path });
    const issues = [
      issue('list', 0, { key: 'n' }),
      issue({ key: 'a b' }, 1.5, -1, 4_111_111_111_111_111, Symbol('hunter2')),
      issue(),
      { message: 'hunter2' },
      ...Array.from({ length: 30 }, (_, index) => issue(index)),
    ];
    const validate = () => ({ issues });
    const payload = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const verdict = await verifierWith({ payload }).verify(callback());
    const { paths } = verdict as { paths: readonly string[] };
    expect(paths.slice(0, 4)).toEqual(['list.0.n', '*.*.*.*.*', '', '0']);
    expect(paths).toHaveLength(19);
  });

  it.each([
    [
      Object.assign(new RangeError('hunter2'), { code: 'E_DEEP' }),
      { name: 'RangeError', code: 'E_DEEP' },
    ],
    [Object.assign(new Error('hunter2'), { code: 11_000 }), { name: 'Error', code: 11_000 }],
    [Object.assign(new Error('x'), { name: 'of hunter2', code: 'hunter2 !' }), { name: 'Error' }],
    ['hunter2', { name: 'Error' }],
    [undefined, { name: 'Error' }],
    [null, { name: 'Error' }],
  ])('is refused when the schema throws %o, of which no message is told', async (error, told) => {
    const events: WebhookEvent[] = [];
    const validate = () => {
      throw error;
    };
    const payload = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const verifier = verifierWith({ payload, observer: (event) => events.push(event) });
    expect(await verifier.verify(callback())).toMatchObject({
      reason: 'payload-check-failed',
      status: 500,
    });
    expect(events).toMatchObject([{ event: 'refused' }]);
    expect(events[0]).toHaveProperty('error', told);
  });

  it('is refused when the schema stays silent, and its claim is given back', async () => {
    const events: WebhookEvent[] = [];
    const clock = new ManualClock({ wallTime: now });
    const store = createMemoryReplayStore({ clock });
    const validate = () => new Promise<never>(() => {});
    const payload = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const observer = (event: WebhookEvent) => events.push(event);
    const options = { clock, observer, payload, replay: { store } };
    for (const [more, timeoutMs] of [
      [{ payloadTimeoutMs: 300 }, 300],
      [{}, 5_000],
    ] as const) {
      const verdict = verifierWith({ ...options, ...more }).verify(callback());
      await expect.poll(() => [clock.pendingTimers, store.size]).toEqual([1, 1]);
      clock.advance(timeoutMs - 1);
      expect(clock.pendingTimers).toBe(1);
      clock.advance(1);
      expect(await verdict).toMatchObject({ reason: 'payload-check-failed', status: 500 });
      expect(store.size).toBe(0);
    }
    const error = { name: 'WebhookSecurityError', code: 'PAYLOAD_TIMEOUT' };
    expect(events).toMatchObject([
      { event: 'refused', error },
      { event: 'refused', error },
    ]);
  });

  it('of a form may be signed in a field of any name', async () => {
    const { signature, ...rest } = payTabsReturn();
    const scheme = defineScheme({
      ...rest,
      name: 'arabic',
      signature: {
        ...(signature as Extract<typeof signature, { kind: 'field' }>),
        name: 'توقيع',
        unsignedWhen: { field: 'حالة', value: 'خطأ' },
      },
    });
    const verify = (fields: Record<string, string>) =>
      verifierWith({ scheme }).verify({
        method: 'POST',
        headers: {},
        body: Buffer.from(new URLSearchParams(fields).toString()),
      });
    const fields = { tranRef: 'T1', respStatus: 'A' };
    const right = signPayTabsReturn(fields, key);
    expect(await verify({ ...fields, توقيع: right })).toMatchObject({
      verdict: 'accepted',
      payload: fields,
    });
    expect(await verify({ ...fields, توقيع: '0'.repeat(64) })).toMatchObject({
      reason: 'signature',
    });
    expect(await verify({ حالة: 'خطأ' })).toMatchObject({ reason: 'unsigned-error' });
    expect(await verify({ حالة: 'A' })).toMatchObject({ reason: 'header-missing' });
  });

  it('of a form has no prototype, and holds signed fields alone', async () => {
    const verifier = verifierWith({ scheme: payTabsReturn({ exclude: ['lang'] }) });
    const fields = { tranRef: 'T1', respStatus: 'A', ['__proto__']: 'x', empty: '' };
    const body = `${payTabsReturnBody(fields, key).toString()}&lang=ar`;
    const verdict = await verifier.verify({
      method: 'POST',
      headers: {},
      body: Buffer.from(body),
    });
    expect(verdict).toMatchObject({ verdict: 'accepted', deliveryId: 'T1:A' });
    const { payload } = verdict as { payload: object };
    expect(Object.getPrototypeOf(payload)).toBeNull();
    expect(Object.entries(payload)).toEqual([
      ['__proto__', 'x'],
      ['respStatus', 'A'],
      ['tranRef', 'T1'],
    ]);
  });
});

describe('a clock that fails', () => {
  it('ends in a refusal that tells the observer why', async () => {
    const events: WebhookEvent[] = [];
    const error = new RangeError('no time');
    const clock = Object.assign(new ManualClock({ wallTime: now }), {
      wallTime: () => {
        throw error;
      },
    });
    const verifier = verifierWith({ clock, observer: (event) => events.push(event) });
    expect(await verifier.verify(callback())).toMatchObject({
      reason: 'verifier-failed',
      stage: 'bodyTime',
      status: 500,
    });
    expect(events).toMatchObject([{ event: 'refused', error: { name: 'RangeError' } }]);
  });
});

describe('a clock that gives no number', () => {
  const { bodyTime: _bodyTime, ...timeless } = payTabsCallback();
  const timed = defineScheme({
    ...timeless,
    name: 'timed',
    headerTime: { kind: 'header', name: 'x-time' },
    message: { kind: 'parts', parts: ['time', 'body'] },
  });
  const clockGiving = (time: unknown) =>
    Object.assign(new ManualClock({ wallTime: now }), {
      now: () => time,
      wallTime: () => time as number,
    });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, '1', 5n])(
    'but %s makes no delivery fresh',
    async (time) => {
      const clock = clockGiving(time) as unknown as ManualClock;
      const { body } = callback();
      const signature = signPayTabsCallback(Buffer.concat([Buffer.from('1'), body]), key);
      const headers = { signature, 'x-time': '1' };
      const byHeader = verifierWith({ clock, scheme: timed });
      expect(await byHeader.verify(callback(notice, { headers }))).toMatchObject({
        reason: 'verifier-failed',
        stage: 'headerTime',
      });
      expect(await verifierWith({ clock }).verify(callback())).toMatchObject({
        reason: 'verifier-failed',
        stage: 'bodyTime',
      });
    },
  );

  it('makes no stored delivery old', () => {
    let time = 0;
    const clock = Object.assign(new ManualClock({ wallTime: now }), { now: () => time });
    const store = createMemoryReplayStore({ clock });
    store.confirm('a', { keepMs: 60_000 });
    time = Number.NaN;
    expect(() => store.claim('a', { claimMs: 1_000, token: 'mine' })).toThrow(TypeError);
  });
});

describe('the observer', () => {
  it('hears exactly one of accepted, refused, replayed for each request', async () => {
    const events: WebhookEvent[] = [];
    const verifier = verifierWith({ observer: (event) => events.push(event) });
    await verifier.verify(callback());
    await verifier.verify(callback(notice, { method: 'GET' }));
    expect(events).toMatchObject([
      { event: 'accepted', scheme: 'paytabs', clientAddress: '203.0.113.7' },
      { event: 'refused', scheme: 'paytabs', reason: 'method', stage: 'request', status: 405 },
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('observer down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('observer down'))],
  ])('that %s changes no verdict and is reported', async (_name, observer) => {
    const failures: unknown[] = [];
    const verifier = verifierWith({
      observer,
      onObserverError: (failure) => failures.push(failure),
    });
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
    expect(failures).toMatchObject([{ event: 'accepted', error: { message: 'observer down' } }]);
  });

  it('has not failed where there is none, or it returns what is no promise', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (const more of [{}, { observer: () => {} }, { observer: () => 'heard' }]) {
      expect((await verifierWith(more).verify(callback())).verdict).toBe('accepted');
    }
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it.each<[string, ((failure: unknown) => void) | undefined]>([
    ['nobody is told', undefined],
    [
      'the one who is told throws too',
      () => {
        throw new Error('observer down');
      },
    ],
  ])('that throws ends in a process warning where %s', async (_name, onObserverError) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const verifier = verifierWith({
      observer: () => {
        throw new Error('observer down');
      },
      ...(onObserverError && { onObserverError }),
    });
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
    expect(warned).toHaveBeenCalledWith(
      'observer failed on accepted: observer down',
      'WebhookSecurityWarning',
    );
    warned.mockRestore();
  });

  it('may fail with what no text can be made of, and so may the one who is told', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const textless: unknown = Object.create(null);
    const throws = () => {
      throw textless;
    };
    const verifier = verifierWith({ observer: throws, onObserverError: throws });
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
    expect(warned.mock.calls).toEqual([
      [
        'observer failed on accepted: an error that cannot be turned into text',
        'WebhookSecurityWarning',
      ],
    ]);
    warned.mockRestore();
  });

  it('leaves no rejection behind when the one who is told rejects', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const verifier = verifierWith({
      observer: () => Promise.reject(new Error('observer down')),
      onObserverError: (() => Promise.reject(new Error('told in vain'))) as () => unknown,
    });
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
    await expect
      .poll(() => warned.mock.calls)
      .toEqual([['observer failed on accepted: told in vain', 'WebhookSecurityWarning']]);
    warned.mockRestore();
  });
});
