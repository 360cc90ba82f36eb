import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CreateFetchOptions, createFetch } from '../src/adapters/fetch/index.js';
import {
  BreakerOpenError,
  bulkhead,
  CircuitBreaker,
  CircuitBreakerRegistry,
  InvalidOptionError,
  pipeline,
  retry,
  standardHttp,
  timeout,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { flush } from './support/deferred.js';
import { type ScriptedServer, startScriptedServer } from './support/scripted-server.js';

const settled = (check: () => unknown) => vi.waitFor(check, { interval: 2, timeout: 10_000 });
const at0 = { kind: 'constant', delayMs: 0 } as const;

let server: ScriptedServer;
/** How many of the next requests to `/flaky` fail, and how. */
let flaky: { failures: number; how: 'status' | 'reset' };
let finish: () => void;
beforeAll(async () => {
  server = await startScriptedServer({
    '/flaky': (request, response) => {
      flaky.failures -= 1;
      if (flaky.failures < 0) response.end('recovered');
      else if (flaky.how === 'reset') request.socket.resetAndDestroy();
      else response.writeHead(503).end('not yet');
    },
    '/paused': (_request, response) => {
      response.write('fi');
      finish = () => response.end('ne');
    },
    '/echo': (request, response) => {
      response.setHeader('x-method', String(request.method));
      request.pipe(response);
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.requests.length = 0;
  server.bodies.length = 0;
  flaky = { failures: 1, how: 'status' };
});

/** A fetch whose breakers open at two requests, half of them failed, and which tries three times at once. */
const setup = (options: CreateFetchOptions = {}) => {
  const guarded = createFetch({
    ...(options.policy === undefined ? { retry: { backoff: at0 } } : {}),
    ...options,
    breaker:
      options.breaker === false ? false : { minimumCalls: 10, openForMs: 1000, ...options.breaker },
  });
  const ask = (path: string, init?: RequestInit) => guarded(server.origin + path, init);
  const breaker = () => guarded.breakers.get(server.origin);
  return { guarded, ask, breaker, totals: () => breaker().stats().totals };
};

describe('createFetch()', () => {
  it('has the signature of fetch, and leaves its answer as it is', async () => {
    const { guarded, totals } = setup();
    const spy = vi.fn(globalThis.fetch);
    const same = createFetch({ fetch: spy });
    const response: Response = await same(`${server.origin}/ok`);
    expect(response).toBe(await spy.mock.results[0]?.value);
    for (const input of [`${server.origin}/ok`, new URL('/ok', server.origin)]) {
      expect(await (await guarded(input)).text()).toBe('fine');
    }
    const request = new Request(`${server.origin}/echo`, {
      method: 'POST',
      body: 'from a request',
    });
    expect(await (await guarded(request)).text()).toBe('from a request');
    const overridden = await guarded(new Request(`${server.origin}/echo`), {
      method: 'PUT',
      body: 'x',
    });
    expect(overridden.headers.get('x-method')).toBe('PUT');
    expect(totals()).toMatchObject({ succeeded: 4, failed: 0 });
  });

  it('takes a request in place of options as well', async () => {
    const { ask } = setup();
    const options = new Request('http://a.test', { method: 'PUT', headers: { 'x-a': 'b' } });
    const response = await ask('/echo', options);
    expect(response.headers.get('x-method')).toBe('PUT');
  });

  it('gives the platform’s fetch what is no request to an origin', async () => {
    const { guarded } = setup();
    expect(await (await guarded('data:,hello')).text()).toBe('hello');
    await expect(guarded('no url')).rejects.toThrow('Failed to parse URL');
    expect(guarded.breakers.keys()).toEqual([]);
  });

  it('opens after failing answers, for the origin alone, and then sends nothing', async () => {
    await using other = await startScriptedServer();
    const { guarded, ask } = setup({ breaker: { minimumCalls: 2 }, retry: { maxAttempts: 1 } });
    expect((await ask('/status?code=500')).status).toBe(500);
    expect((await ask('/status?code=502')).status).toBe(502);
    const refused = await ask('/ok').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BreakerOpenError);
    expect((refused as BreakerOpenError).breaker).toBe(`fetch:${server.origin}`);
    expect(server.requests).toHaveLength(2);
    expect((await guarded(`${other.origin}/ok`)).ok).toBe(true);
  });

  it('opens for as long as Retry-After asks, in seconds or by a date, to a bound', async () => {
    for (const [value, expected] of [
      ['7', 7000],
      ['Sun, 06 Nov 2094 08:49:37 GMT', 300_000],
      ['9999999', 300_000],
    ]) {
      const { ask, breaker } = setup({ retry: { maxAttempts: 1 }, clock: new ManualClock() });
      await ask(`/status?code=429&retry-after=${value}`);
      expect(breaker().retryAfterMs()).toBe(expected);
    }
    const { ask, breaker } = setup({ retry: { maxAttempts: 1 }, maxRetryAfterMs: 0 });
    await ask('/status?code=429&retry-after=7');
    expect(breaker().state).toBe('closed');
  });
});

describe('retries of createFetch()', () => {
  it.each(['status', 'reset'] as const)('repeat a GET after a %s', async (how) => {
    flaky = { failures: 2, how };
    const { ask, totals } = setup();
    const response = await ask('/flaky');
    expect(await response.text()).toBe('recovered');
    expect(server.requests).toHaveLength(3);
    expect(totals()).toMatchObject({ failed: 2, succeeded: 1 });
  });

  it('give out the last answer, with its body', async () => {
    const { ask } = setup();
    const response = await ask('/status?code=503');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('said');
    expect(server.requests).toHaveLength(3);
  });

  it('wait as long as Retry-After says', async () => {
    const clock = new ManualClock();
    const { ask, totals } = setup({ clock, random: () => 0 });
    let answered = false;
    const call = ask('/status?code=503&retry-after=2').then((response) => {
      answered = true;
      return response.status;
    });
    await settled(() => expect(totals().failed).toBe(1));
    await flush();
    await clock.advanceAsync(1999);
    expect(server.requests).toHaveLength(1);
    await clock.advanceAsync(1);
    await settled(() => expect(server.requests).toHaveLength(2));
    expect(answered).toBe(false);
    await settled(async () => {
      await clock.advanceAsync(1000);
      expect(answered).toBe(true);
    });
    expect(await call).toBe(503);
  });

  it('give the answer out where Retry-After asks for too long', async () => {
    const { ask } = setup();
    expect((await ask('/status?code=503&retry-after=60')).status).toBe(503);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[what: string, init: RequestInit, sent: number]>([
    ['a POST', { method: 'POST', body: 'x' }, 1],
    ['a PUT', { method: 'PUT', body: 'x' }, 1],
    ['a HEAD', { method: 'head' }, 2],
    [
      'a POST with an Idempotency-Key',
      { method: 'POST', body: 'x', headers: { 'Idempotency-Key': 'k1' } },
      2,
    ],
    [
      'one whose body is a form',
      { method: 'POST', body: new URLSearchParams('a=1'), headers: [['idempotency-key', 'k1']] },
      2,
    ],
    [
      'one whose body is bytes',
      { method: 'POST', body: new Uint8Array([1]), headers: { 'Idempotency-Key': 'k1' } },
      2,
    ],
    [
      'one whose body is a blob',
      { method: 'POST', body: new Blob(['x']), headers: { 'Idempotency-Key': 'k1' } },
      2,
    ],
    [
      'one whose body is form data',
      { method: 'POST', body: new FormData(), headers: { 'Idempotency-Key': 'k1' } },
      2,
    ],
    [
      'one whose body is a stream',
      {
        method: 'POST',
        body: new Blob(['x']).stream(),
        headers: { 'Idempotency-Key': 'k1' },
        duplex: 'half',
      } as RequestInit,
      1,
    ],
  ])('send %s as often as is right', async (_what, init, sent) => {
    const { ask } = setup();
    expect((await ask('/flaky', init)).status).toBe(sent === 1 ? 503 : 200);
    expect(server.requests).toHaveLength(sent);
  });

  it('send a request with a body of its own once, and one without again', async () => {
    const { guarded } = setup({ isIdempotent: () => true });
    const url = `${server.origin}/flaky`;
    expect((await guarded(new Request(url, { method: 'PUT', body: 'x' }))).status).toBe(503);
    flaky.failures = 1;
    expect((await guarded(new Request(url, { method: 'DELETE' }))).status).toBe(200);
  });

  it('send the same body again', async () => {
    const { ask } = setup({
      isIdempotent: ({ method, url }) => method === 'PUT' && url.pathname === '/flaky',
    });
    await ask('/flaky', { method: 'PUT', body: 'the same' });
    expect(server.bodies).toEqual(['the same', 'the same']);
  });

  it('go by isIdempotent, and take one that throws for a no', async () => {
    const isIdempotent = vi.fn(() => {
      throw new Error('broken');
    });
    const onListenerError = vi.fn();
    const { ask } = setup({ isIdempotent, onListenerError });
    await ask('/flaky', { method: 'PUT', headers: { 'x-a': 'b' } });
    expect(server.requests).toHaveLength(1);
    expect(onListenerError).toHaveBeenCalledWith(expect.objectContaining({ name: 'isIdempotent' }));
    const [asked] = isIdempotent.mock.calls[0] as unknown as [{ headers: Headers; key: string }];
    expect([asked.headers.get('x-a'), asked.key]).toEqual(['b', server.origin]);
  });

  it('hedge what hangs, if asked to', async () => {
    let hung = 0;
    const fetch: typeof globalThis.fetch = (input, init) => {
      hung += 1;
      return globalThis.fetch(hung === 1 ? `${server.origin}/hang` : input, init);
    };
    const { ask, totals } = setup({ fetch, hedge: { delayMs: 5 } });
    expect(await (await ask('/ok')).text()).toBe('fine');
    expect(server.requests.sort()).toEqual(['GET /hang', 'GET /ok']);
    expect(totals()).toMatchObject({ succeeded: 1, failed: 0, ignored: 1 });
  });
});

describe('requests of createFetch() that are given up', () => {
  it('end with the reason of the caller’s signal, and are ignored', async () => {
    const { ask, totals } = setup();
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const call = ask('/hang', { signal: controller.signal });
    await settled(() => expect(server.requests).toHaveLength(1));
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(totals()).toMatchObject({ ignored: 1, failed: 0 });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await expect(ask('/ok', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it('are failures where the caller’s signal is a time limit', async () => {
    const { ask, totals } = setup();
    await expect(ask('/hang', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(totals()).toMatchObject({ ignored: 0, failed: 1 });
  });

  it('are failures where an attempt takes too long, though fetch does not heed its signal', async () => {
    const fetch = () => new Promise<Response>(() => {});
    const { ask, totals } = setup({
      fetch,
      attemptTimeoutMs: 10,
      retry: { maxAttempts: 2, backoff: at0 },
    });
    await expect(ask('/ok')).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(totals()).toMatchObject({ ignored: 0, failed: 2 });
  });

  it('are ignored where a request was wrong in itself', async () => {
    const { ask, totals } = setup({ retry: { maxAttempts: 1 } });
    await expect(ask('/ok', { headers: { 'bad header': 'x' } })).rejects.toThrow('bad header');
    await expect(ask('/ok', { method: 'GET', body: 'x' })).rejects.toThrow('cannot have body');
    await expect(
      ask('/ok', { method: 'POST', body: 'x', headers: { 'content-length': '9' } }),
    ).rejects.toThrow('fetch failed');
    expect(totals()).toMatchObject({ ignored: 3, failed: 0 });
  });

  it('let the caller’s signal end the body as well', async () => {
    const { ask } = setup();
    const controller = new AbortController();
    const response = await ask('/stall', { signal: controller.signal });
    const body = response.text();
    controller.abort(new Error('enough'));
    await expect(body).rejects.toThrow('enough');
  });

  it('count a connection that breaks before there is an answer', async () => {
    const { ask, totals } = setup({ retry: { maxAttempts: 1 } });
    await expect(ask('/reset')).rejects.toThrow('fetch failed');
    expect(totals()).toMatchObject({ failed: 1, ignored: 0 });
  });
});

describe('createFetch({ countAt })', () => {
  it('counts with the headers by default', async () => {
    const { ask, totals } = setup();
    const response = await ask('/paused');
    expect(totals().succeeded).toBe(1);
    finish();
    expect(await response.text()).toBe('fine');
    const cut = await ask('/cut');
    await expect(cut.text()).rejects.toThrow('terminated');
    expect(totals()).toMatchObject({ succeeded: 2, failed: 0 });
  });

  it('counts at the end of the body if told to', async () => {
    const { ask, breaker, totals } = setup({ countAt: 'end' });
    const response = await ask('/paused');
    expect(totals().succeeded).toBe(0);
    expect(breaker().stats().inFlight).toBe(1);
    finish();
    expect(await response.text()).toBe('fine');
    await settled(() => expect(totals().succeeded).toBe(1));
    expect(breaker().stats().inFlight).toBe(0);
  });

  it('counts a body that breaks off as a failure, and one that its reader gives up as nothing', async () => {
    const { ask, totals } = setup({ countAt: 'end' });
    const cut = await ask('/cut');
    await expect(cut.text()).rejects.toThrow('terminated');
    const stalled = await ask('/stall');
    await stalled.body?.cancel();
    const controller = new AbortController();
    const aborted = await ask('/stall', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted.text()).rejects.toThrow('enough');
    await settled(() => expect(totals()).toMatchObject({ failed: 1, ignored: 2, succeeded: 0 }));
  });

  it('counts a failing status and an answer without a body at once', async () => {
    const { ask, totals } = setup({ countAt: 'end', retry: { maxAttempts: 1 } });
    await ask('/status?code=500');
    await ask('/status?code=204');
    await ask('/ok', { method: 'HEAD' });
    expect(totals()).toMatchObject({ failed: 1, succeeded: 2 });
  });

  it('gives an answer that shows all that the original does', async () => {
    const { ask, breaker } = setup({ countAt: 'end' });
    const plain = await fetch(`${server.origin}/redirect`);
    const counted = await ask('/redirect');
    const clone = counted.clone();
    for (const response of [counted, clone]) {
      expect(response).toBeInstanceOf(Response);
      for (const name of ['status', 'statusText', 'ok', 'url', 'type', 'redirected'] as const) {
        expect(response[name]).toBe(plain[name]);
      }
      const names = [...response.headers.keys()];
      expect(names).toEqual([...plain.headers.keys()]);
      expect(await response.text()).toBe('fine');
      expect(response.bodyUsed).toBe(true);
    }
    await plain.text();
    await settled(() => expect(breaker().stats().inFlight).toBe(0));
  });

  it('gives the permit back where nobody has the answer any more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { ask, breaker, totals } = setup({ countAt: 'end' });
    await (async () => {
      await ask('/stall');
    })();
    expect(breaker().stats().inFlight).toBe(1);
    await settled(async () => {
      await flush();
      collect();
      expect(totals().ignored).toBe(1);
    });
  });

  it('works with what is like a response as well', async () => {
    const fetch = async () => ({ status: 200, body: null, json: async () => 1 });
    const guarded = createFetch({ fetch, countAt: 'end' });
    expect((await guarded()).status).toBe(200);
    const any = guarded as unknown as (url: string) => Promise<{ json(): Promise<number> }>;
    expect(await (await any('http://a.test/')).json()).toBe(1);
    expect(guarded.breakers.get('http://a.test').stats().totals.succeeded).toBe(1);
  });
});

describe('the options of createFetch()', () => {
  it('take a policy of your own, for all keys or for each, and repeat in it only what may be', async () => {
    const shared = pipeline([
      retry({ backoff: at0 }),
      bulkhead({ maxConcurrent: 9 }),
      timeout({ timeoutMs: 5000 }),
    ]);
    const policies = [
      shared,
      () => shared,
      pipeline([retry({ backoff: at0 })]),
      retry({ backoff: at0 }),
      standardHttp({ name: 'own', retry: { backoff: at0 } }),
    ];
    for (const policy of policies) {
      const { ask } = setup({ policy });
      flaky.failures = 1;
      expect((await ask('/flaky')).status).toBe(200);
      flaky.failures = 1;
      expect((await ask('/flaky', { method: 'POST' })).status).toBe(503);
    }
  });

  it('leave no listener on the signal of a caller', async () => {
    const { ask } = setup({ policy: retry({ backoff: at0 }) });
    const { signal } = new AbortController();
    for (const method of ['GET', 'POST']) {
      const response = await ask('/ok', { method, signal });
      await response.text();
      // Those of the platform go when it likes.
      const ours = getEventListeners(signal, 'abort').filter(({ name }) => name !== 'abort');
      expect(ours).toEqual([]);
    }
  });

  it('abort what no policy is left for', async () => {
    const { ask } = setup({ policy: retry({ backoff: at0 }) });
    const controller = new AbortController();
    const call = ask('/hang', { method: 'POST', signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('leave the breakers out for a policy that brings its own', async () => {
    const own = new CircuitBreaker({ name: 'own', minimumCalls: 1 });
    const { ask, totals } = setup({ breaker: false, policy: own });
    await ask('/status?code=500');
    expect(own.state).toBe('open');
    expect(totals()).toMatchObject({ failed: 0, succeeded: 0 });
    await expect(ask('/ok')).rejects.toMatchObject({ breaker: 'own' });
  });

  it('give each key a bulkhead of its own', async () => {
    const { ask, guarded } = setup({
      bulkhead: { maxConcurrent: 1, maxQueue: 0 },
      keyOf: ({ path }) => path,
    });
    const hanging = new AbortController();
    const call = ask('/hang', { signal: hanging.signal }).catch(() => {});
    await expect(ask('/hang')).rejects.toMatchObject({ code: 'BULKHEAD_FULL' });
    expect((await ask('/ok')).status).toBe(200);
    expect(guarded.breakers.keys()).toEqual(['/hang', '/ok']);
    hanging.abort();
    await call;
  });

  it('let requests through as they are that want no breaker', async () => {
    const { ask, guarded } = setup({ keyOf: () => false });
    expect((await ask('/status?code=500')).status).toBe(500);
    expect(guarded.breakers.size).toBe(0);
  });

  it('ask classify first, of answers and of errors', async () => {
    const seen: unknown[] = [];
    const { ask, totals } = setup({
      retry: { maxAttempts: 1 },
      classify: (end) => {
        seen.push(end.statusCode ?? (end.error as Error).message);
        if (end.statusCode === undefined) return 'ignored';
        return end.header('retry-after') === '3' ? 'failure' : undefined;
      },
    });
    await ask('/status?code=404&retry-after=3');
    await ask('/ok');
    await ask('/reset').catch(() => {});
    expect(seen).toEqual([404, 200, 'fetch failed']);
    expect(totals()).toMatchObject({ failed: 1, succeeded: 1, ignored: 1 });
  });

  it('put the breakers into a registry of yours', async () => {
    const registry = new CircuitBreakerRegistry();
    const { ask } = setup({ registry, name: 'rates' });
    await ask('/ok');
    expect(registry.list().map(({ name }) => name)).toEqual([`rates:${server.origin}`]);
  });

  it('take the fetch of undici with its own answers and options', async () => {
    const agent = new Agent();
    const guarded = createFetch({ fetch: undiciFetch, countAt: 'end' });
    const response = await guarded(`${server.origin}/ok`, { dispatcher: agent });
    expect(await response.text()).toBe('fine');
    expect(guarded.breakers.get(server.origin).stats().totals.succeeded).toBe(1);
    await agent.close();
  });

  it.each([
    [{ retries: 3 }, 'retries'],
    [{ fetch: 'fetch' }, 'fetch'],
    [{ countAt: 'start' }, 'countAt'],
    [{ isIdempotent: true }, 'isIdempotent'],
    [{ policy: {} }, 'policy'],
    [{ policy: pipeline([timeout({ timeoutMs: 5 })]), retry: {} }, 'retry'],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
    [{ attemptTimeoutMs: 60_000 }, 'attemptTimeoutMs'],
    [{ breaker: { failureRate: 7 } }, 'failureRate'],
    [{ breaker: { classify: () => 'success' } }, 'breaker.classify'],
    [{ hedge: { delay: 5 } }, 'hedge.delay'],
  ])('refuse %j', (options, option) => {
    const make = () => createFetch(options as never);
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(expect.objectContaining({ option }));
  });
});
