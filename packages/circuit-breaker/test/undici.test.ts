import { Readable } from 'node:stream';
import * as undici8 from 'undici';
import * as undici7 from 'undici-7';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { circuitBreaker, type UndiciCircuitBreakerOptions } from '../src/adapters/undici/index.js';
import { BreakerOpenError, InvalidOptionError } from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { recordEvents } from './support/record-events.js';
import { type ScriptedServer, startScriptedServer } from './support/scripted-server.js';

const settled = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 10_000 });

let server: ScriptedServer;
let finish: () => void;
beforeEach(async () => {
  server = await startScriptedServer({
    '/paused': (_request, response) => {
      response.write('fi');
      finish = () => response.end('ne');
    },
  });
});
afterEach(() => server[Symbol.asyncDispose]());

describe.each([
  ['undici 8', undici8],
  // The parts used here are the same in both; their types differ in what is not used.
  ['undici 7', undici7 as unknown as typeof undici8],
])('circuitBreaker() with %s', (_name, undici) => {
  const clock = new ManualClock();
  const open: { close(): Promise<void>; destroy(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const dispatcher of open.splice(0)) await dispatcher.destroy();
  });

  /** An agent whose breakers open at two calls, half of them failed. */
  const setup = (options: UndiciCircuitBreakerOptions = {}) => {
    const interceptor = circuitBreaker({
      ...options,
      clock,
      breaker: { minimumCalls: 2, openForMs: 1000, ...options.breaker },
    });
    const agent = new undici.Agent();
    open.push(agent);
    const dispatcher = agent.compose(interceptor);
    const { breakers } = interceptor;
    const totals = () => breakers.get(server.origin).stats().totals;
    const ask = async (path: string, more: object = {}) => {
      const { statusCode, body } = await undici.request(server.origin + path, {
        dispatcher,
        ...more,
      });
      return { statusCode, text: await body.text() };
    };
    return { dispatcher, breakers, totals, ask, heard: recordEvents(breakers.registry.events) };
  };

  it('lets answers through untouched and counts them once their body has ended', async () => {
    const { dispatcher, totals } = setup();
    const { body } = await undici.request(`${server.origin}/paused`, { dispatcher });
    expect(totals().succeeded).toBe(0);
    finish();
    expect(await body.text()).toBe('fine');
    expect(totals()).toMatchObject({ succeeded: 1, failed: 0 });
  });

  it('opens after failing answers, and then sends nothing', async () => {
    const { ask, breakers } = setup();
    await ask('/status?code=500');
    await ask('/status?code=502');
    const refused = await ask('/ok').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BreakerOpenError);
    expect((refused as BreakerOpenError).breaker).toBe(`undici:${server.origin}`);
    expect(server.requests).toHaveLength(2);
    expect(breakers.get(server.origin).retryAfterMs()).toBe(1000);
  });

  it.each([
    ['200', 'succeeded'],
    ['304', 'succeeded'],
    ['404', 'succeeded'],
    ['408', 'failed'],
    ['429', 'failed'],
    ['500', 'failed'],
    ['503', 'failed'],
  ])('takes an answer of %s for one that %s', async (code, total) => {
    const { ask, totals } = setup();
    expect((await ask(`/status?code=${code}`)).statusCode).toBe(Number(code));
    expect(totals()).toMatchObject({ succeeded: 0, failed: 0, [total]: 1 });
  });

  it('counts a failing status with its headers, though its body is thrown away', async () => {
    const { dispatcher, totals } = setup();
    const { body } = await undici.request(`${server.origin}/cut?code=503`, { dispatcher });
    expect(totals().failed).toBe(1);
    body.on('error', () => {}).destroy();
    await settled(() => expect(totals()).toMatchObject({ failed: 1, ignored: 0, succeeded: 0 }));
  });

  it.each([
    ['429', '7', 7000],
    ['503', 'Sun, 06 Nov 2094 08:49:37 GMT', 300_000],
    ['503', '86400', 300_000],
  ])('opens at once for the Retry-After of %s, %s', async (code, value, expected) => {
    const { ask, breakers, heard } = setup();
    await ask(`/status?code=${code}&retry-after=${encodeURIComponent(value)}`);
    expect(breakers.get(server.origin).retryAfterMs()).toBe(expected);
    expect(heard.map(([name]) => name)).toEqual(['failed', 'opened']);
    expect(heard[1]?.[1]).toMatchObject({
      breaker: `undici:${server.origin}`,
      reason: 'retryAfter',
    });
  });

  it.each([
    ['0', {}],
    ['soon', {}],
    ['7', { maxRetryAfterMs: 0 }],
  ])('does not open for a Retry-After of %s with %j', async (value, options) => {
    const { ask, breakers } = setup(options);
    await ask(`/status?code=503&retry-after=${value}`);
    expect(breakers.get(server.origin).state).toBe('closed');
  });

  it.each([['/reset'], ['/cut']])(
    'counts %s as a failure and gives its error out',
    async (path) => {
      const { ask, totals } = setup();
      await expect(ask(path)).rejects.toThrow(/ECONNRESET|other side closed|terminated/);
      expect(totals()).toMatchObject({ failed: 1, succeeded: 0, ignored: 0 });
    },
  );

  // The real ones take a second, which is as fine as the timers of undici are.
  it.each([['HeadersTimeoutError'], ['BodyTimeoutError'], ['SocketError']] as const)(
    'counts a %s of undici as a failure and gives it out',
    (name) => {
      const interceptor = circuitBreaker();
      const error = new undici.errors[name]();
      const onResponseError = vi.fn();
      const dispatch = interceptor((_opts, handler) => {
        handler.onResponseError?.({ aborted: false } as never, error);
        return true;
      });
      const onRequestStart = () => {};
      dispatch(
        { origin: 'http://a', path: '/', method: 'GET' },
        { onRequestStart, onResponseError },
      );
      expect(onResponseError).toHaveBeenCalledExactlyOnceWith(expect.anything(), error);
      expect(interceptor.breakers.get('http://a').stats().totals.failed).toBe(1);
    },
  );

  it('counts a port that nobody listens on as a failure', async () => {
    const { dispatcher, breakers } = setup();
    const gone = await startScriptedServer();
    await gone[Symbol.asyncDispose]();
    await expect(undici.request(gone.origin, { dispatcher })).rejects.toThrow('ECONNREFUSED');
    expect(breakers.get(gone.origin).stats().totals.failed).toBe(1);
  });

  it('ignores a request that its caller aborted', async () => {
    const { ask, totals } = setup();
    const controller = new AbortController();
    const call = ask('/hang', { signal: controller.signal });
    await settled(() => expect(server.requests).toHaveLength(1));
    controller.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    expect(totals()).toMatchObject({ ignored: 1, failed: 0 });
  });

  it('ignores a request whose signal was aborted before', async () => {
    const { ask, totals } = setup();
    await expect(ask('/ok', { signal: AbortSignal.abort() })).rejects.toThrow(
      'This operation was aborted',
    );
    expect(totals()).toMatchObject({ ignored: 1, failed: 0 });
  });

  it('counts a request that was aborted by a time limit as a failure', async () => {
    const { ask, totals } = setup();
    await expect(ask('/hang', { signal: AbortSignal.timeout(20) })).rejects.toThrow(
      'due to timeout',
    );
    expect(totals()).toMatchObject({ ignored: 0, failed: 1 });
  });

  it('ignores a body of a good answer that its reader threw away', async () => {
    const { dispatcher, totals } = setup();
    const { body } = await undici.request(`${server.origin}/stall`, { dispatcher });
    body.on('error', () => {}).destroy();
    await settled(() => expect(totals()).toMatchObject({ ignored: 1, failed: 0, succeeded: 0 }));
  });

  it('ignores what went wrong on this side', async () => {
    const { ask, totals, dispatcher } = setup();
    const body = new Readable({ read() {} });
    const call = ask('/ok', { method: 'POST', body });
    body.destroy(new Error('disk error'));
    await expect(call).rejects.toThrow('disk error');
    await expect(
      ask('/ok', { method: 'POST', body: 'a', headers: { 'content-length': '2' } }),
    ).rejects.toThrow('content-length');
    await dispatcher.close();
    await expect(ask('/ok')).rejects.toThrow(/closed|destroyed/);
    expect(totals()).toMatchObject({ ignored: 3, failed: 0, succeeded: 0 });
  });

  it('counts no request that undici refuses to take, and lets undici say why', async () => {
    const { dispatcher, totals } = setup();
    const wrong = { origin: server.origin, path: 'no slash', method: 'GET' } as const;
    await expect(dispatcher.request(wrong)).rejects.toThrow('path must be');
    expect(() => dispatcher.dispatch(null as never, {})).toThrow(
      /opts must be an object|invalid onError/,
    );
    expect(totals()).toMatchObject({ failed: 0, succeeded: 0 });
    expect(server.requests).toEqual([]);
  });

  it('has a breaker for each origin', async () => {
    await using other = await startScriptedServer();
    const { ask, breakers, dispatcher } = setup();
    await ask('/status?code=500');
    await ask('/status?code=500');
    const { body } = await undici.request(`${other.origin}/ok`, { dispatcher });
    expect(await body.text()).toBe('fine');
    expect(breakers.get(server.origin).state).toBe('open');
    expect(breakers.get(other.origin).state).toBe('closed');
  });

  it('knows the origin of a client that is bound to one', async () => {
    const { breakers } = setup();
    const interceptor = circuitBreaker();
    const client = new undici.Client(server.origin);
    open.push(client);
    const composed = client.compose(interceptor);
    const { body } = await composed.request({ path: '/ok', method: 'GET' });
    await body.text();
    const [breaker] = interceptor.breakers.list();
    expect(breaker?.stats().totals.succeeded).toBe(1);
    expect([`undici:${server.origin}`, 'undici:client']).toContain(breaker?.name);
    expect(breakers.list()).toEqual([]);
  });

  it('takes keys of the user, and leaves requests alone that want no breaker', async () => {
    const keyOf = vi.fn(({ path }: { path: string }) =>
      path === '/ok' ? false : `tenant ${path}`,
    );
    const { ask, breakers } = setup({ keyOf });
    await ask('/ok');
    await ask('/redirect');
    expect(breakers.keys()).toEqual(['tenant /redirect']);
    expect(keyOf).toHaveBeenCalledWith({ origin: server.origin, method: 'GET', path: '/ok' });
  });

  it('takes the origin where keyOf throws, and reports that', async () => {
    const onListenerError = vi.fn();
    const keyOf = () => {
      throw new Error('broken');
    };
    const { ask, totals } = setup({ keyOf, onListenerError });
    await ask('/ok');
    expect(totals().succeeded).toBe(1);
    expect(onListenerError).toHaveBeenCalledWith(expect.objectContaining({ name: 'keyOf' }));
  });

  it('asks classify first', async () => {
    const onListenerError = vi.fn();
    const { ask, totals } = setup({
      onListenerError,
      breaker: { minimumCalls: 10 },
      classify: ({ statusCode, error, ...rest }) => {
        if (error !== undefined) return 'ignored';
        if (statusCode === 404) return { outcome: 'failure', openForMs: 5 };
        if (statusCode === 500) throw new Error('broken');
        if ('header' in rest && rest.header('retry-after') === '3') return 'success';
        return undefined;
      },
    });
    await ask('/reset').catch(() => {});
    await ask('/status?code=503&retry-after=3');
    await ask('/status?code=500');
    expect(totals()).toMatchObject({ ignored: 1, succeeded: 1, failed: 1 });
    expect(onListenerError).toHaveBeenCalledWith(expect.objectContaining({ name: 'classify' }));
    await ask('/status?code=404');
    await expect(ask('/ok')).rejects.toBeInstanceOf(BreakerOpenError);
  });

  it('passes an upgrade on and counts it', async () => {
    const { dispatcher, totals } = setup();
    const upgraded = await undici.upgrade(server.origin, { dispatcher, protocol: 'echo' });
    const { socket } = upgraded;
    socket.write('hello');
    const [chunk] = await new Promise<unknown[]>((resolve) => {
      socket.once('data', (...args: unknown[]) => resolve(args));
    });
    expect(String(chunk)).toBe('hello');
    expect(totals().succeeded).toBe(1);
    socket.destroy();
  });

  it('counts a proxy that refuses to connect as a failure', async () => {
    const { dispatcher, totals } = setup();
    const { statusCode, socket } = await undici.connect(server.origin, { dispatcher });
    socket.destroy();
    expect(statusCode).toBe(502);
    expect(totals()).toMatchObject({ failed: 1, succeeded: 0 });
  });

  it('passes trailers and answers that come before the answer', async () => {
    const asked: unknown[] = [];
    const { dispatcher, totals } = setup({
      classify: ({ statusCode }) => void asked.push(statusCode),
    });
    const { body, trailers } = await undici.request(`${server.origin}/trailers`, { dispatcher });
    expect(await body.text()).toBe('body');
    expect(trailers).toEqual({ 'x-checksum': 'abc' });
    const infos: number[] = [];
    const hinted = await undici.request(`${server.origin}/early-hints`, {
      dispatcher,
      onInfo: ({ statusCode }) => infos.push(statusCode),
    });
    expect(await hinted.body.text()).toBe('hinted');
    expect(infos).toEqual([103]);
    expect(asked).toEqual([200, 200]);
    expect(totals().succeeded).toBe(2);
  });

  it('serves fetch, stream and pipeline as well', async () => {
    const { dispatcher, totals } = setup();
    const response = await undici.fetch(`${server.origin}/ok`, { dispatcher });
    expect(await response.text()).toBe('fine');
    await expect(
      undici.fetch(`${server.origin}/cut`, { dispatcher }).then((cut) => cut.text()),
    ).rejects.toThrow('terminated');
    expect(totals()).toMatchObject({ succeeded: 1, failed: 1 });
  });

  it('ignores a fetch that is aborted', async () => {
    const { dispatcher, totals } = setup();
    const controller = new AbortController();
    const call = undici.fetch(`${server.origin}/hang`, { dispatcher, signal: controller.signal });
    await settled(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toThrow('aborted');
    await settled(() => expect(totals()).toMatchObject({ ignored: 1, failed: 0 }));
  });

  it('stands inside the retries of undici, which do not repeat a refusal', async () => {
    const interceptor = circuitBreaker({ clock, breaker: { minimumCalls: 2 } });
    const agent = new undici.Agent();
    open.push(agent);
    const dispatcher = agent.compose(
      interceptor,
      undici.interceptors.retry({ maxRetries: 5, minTimeout: 1, maxTimeout: 1 }),
    );
    await expect(undici.request(`${server.origin}/reset`, { dispatcher })).rejects.toBeInstanceOf(
      BreakerOpenError,
    );
    expect(server.requests).toHaveLength(2);
  });

  it('tells a handler each thing once', async () => {
    const { dispatcher, ask } = setup({ breaker: { minimumCalls: 10 } });
    const told = (path: string) =>
      new Promise<string[]>((resolve) => {
        const calls: string[] = [];
        const note = (name: string) => () => {
          calls.push(name);
          if (/End|Error/.test(name)) setTimeout(resolve, 10, calls);
        };
        dispatcher.dispatch(
          { origin: server.origin, path, method: 'GET' },
          {
            onRequestStart: note('onRequestStart'),
            onResponseStart: note('onResponseStart'),
            onResponseData: note('onResponseData'),
            onResponseEnd: note('onResponseEnd'),
            onResponseError: note('onResponseError'),
          },
        );
      });
    const whole = ['onRequestStart', 'onResponseStart', 'onResponseData'];
    expect(await told('/ok')).toEqual([...whole, 'onResponseEnd']);
    expect(await told('/cut')).toEqual([...whole, 'onResponseError']);
    await ask('/status?code=500&retry-after=9');
    expect(await told('/ok')).toEqual(['onResponseError']);
  });

  it('ignores a request whose handler throws', async () => {
    const { dispatcher, totals } = setup();
    const error = await new Promise<unknown>((resolve) => {
      dispatcher.dispatch(
        { origin: server.origin, path: '/ok', method: 'GET' },
        {
          onRequestStart() {},
          onResponseStart() {
            throw new Error('handler is broken');
          },
          onResponseData() {},
          onResponseEnd() {},
          onResponseError: (_controller, thrown) => resolve(thrown),
        },
      );
    });
    expect(error).toMatchObject({ message: 'handler is broken' });
    expect(totals()).toMatchObject({ ignored: 1, failed: 0, succeeded: 0 });
  });

  it('lets callers wait for a trial where the breaker does', async () => {
    const halfOpen = { trials: 2, maxWaiting: 1 };
    const { ask, breakers } = setup({ breaker: { halfOpen } });
    await ask('/status?code=500&retry-after=1');
    clock.advance(1000);
    const answers = await Promise.all([ask('/ok'), ask('/ok')]);
    expect(answers.map(({ text }) => text)).toEqual(['fine', 'fine']);
    expect(breakers.get(server.origin).state).toBe('closed');
  });

  it('lets a waiting caller give up', async () => {
    const { ask, breakers } = setup({ breaker: { halfOpen: { maxWaiting: 1 } } });
    await ask('/status?code=500&retry-after=1');
    clock.advance(1000);
    const permit = breakers.get(server.origin).tryAcquire();
    const controller = new AbortController();
    const call = ask('/ok', { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    expect(breakers.get(server.origin).stats().waiting).toBe(0);
    permit?.ignore();
  });
});

type Interceptor = ReturnType<typeof circuitBreaker>;

describe('circuitBreaker()', () => {
  it.each([
    [{ maxRetryAfterMs: -1 }, 'maxRetryAfterMs'],
    [{ maxKeys: 0 }, 'maxKeys'],
    [{ breaker: { name: 'x' } }, 'breaker.name'],
    [{ breaker: { classify: () => 'success' } }, 'breaker.classify'],
    [{ breaker: { clock: {} } }, 'breaker.clock'],
    [{ breaker: { failureRate: 7 } }, 'failureRate'],
    [{ clock: {} }, 'clock'],
    [{ name: '' }, 'name'],
    [{ registry: {} }, 'registry'],
    [{ classify: 'success' }, 'classify'],
    [{ keyOf: 'origin' }, 'keyOf'],
    [{ retries: 3 }, 'retries'],
  ])('refuses %j', (options, option) => {
    const make = () => circuitBreaker(options as never);
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(expect.objectContaining({ option }));
  });

  it.each([
    ['undici 7', (interceptor: Interceptor) => new undici7.Agent().compose(interceptor as never)],
    [
      'undici 8 in its wrapper for old handlers',
      (interceptor: Interceptor) =>
        new undici8.Dispatcher1Wrapper(new undici8.Agent().compose(interceptor)),
    ],
  ])('serves the fetch of Node by a dispatcher of %s', async (_what, compose) => {
    const interceptor = circuitBreaker({ breaker: { minimumCalls: 1 } });
    const init = { dispatcher: compose(interceptor) } as object;
    const failing = await fetch(`${server.origin}/status?code=500`, init);
    expect(await failing.text()).toBe('said');
    const refused = fetch(`${server.origin}/ok`, init);
    await expect(refused).rejects.toMatchObject({ cause: { code: 'BREAKER_OPEN' } });
    expect(server.requests).toHaveLength(1);
  });

  const request = { origin: 'http://a', path: '/', method: 'GET' } as const;

  it('classifies by itself what listeners report of other calls', () => {
    const interceptor = circuitBreaker({ breaker: { minimumCalls: 9 } });
    const breaker = interceptor.breakers.get('http://a');
    breaker.events.once('failed', () => {
      breaker.tryAcquire()?.report({ status: 'fulfilled', value: 'by hand' });
    });
    const dispatch = interceptor((_opts, handler) => {
      handler.onResponseStart?.({} as never, 500, {});
      return true;
    });
    dispatch(request, { onRequestStart() {} });
    expect(breaker.stats().totals).toMatchObject({ failed: 1, succeeded: 1 });
  });

  it('gives the permit back where another interceptor throws', () => {
    const interceptor = circuitBreaker();
    const dispatch = interceptor(() => {
      throw new Error('a wrong option');
    });
    expect(() => dispatch(request, { onRequestStart() {} })).toThrow('a wrong option');
    expect(interceptor.breakers.get('http://a').stats()).toMatchObject({
      inFlight: 0,
      totals: { ignored: 1 },
    });
  });

  it.each([
    ['was told', true],
    ['was not told', false],
  ])('tells a handler once of what is thrown after a wait, if it %s', async (_what, isTold) => {
    const onListenerError = vi.fn();
    const clock = new ManualClock();
    const breaker = { minimumCalls: 1, openForMs: 1000, halfOpen: { maxWaiting: 1 } };
    const interceptor = circuitBreaker({ breaker, clock, onListenerError });
    interceptor.breakers.get('http://a').tryAcquire()?.failure();
    clock.advance(1000);
    const onResponseError = vi.fn(() => {
      throw new Error('a broken handler');
    });
    const dispatch = interceptor((_opts, handler) => {
      if (isTold) handler.onResponseError?.(null as never, new Error('reset'));
      throw new Error('a wrong option');
    });
    expect(dispatch(request, { onRequestStart() {}, onResponseError })).toBe(true);
    await settled(() => expect(onListenerError).toHaveBeenCalledTimes(1));
    expect(onListenerError.mock.calls[0]?.[0]).toMatchObject({
      name: 'handler',
      error: { message: 'a broken handler' },
    });
    expect(onResponseError).toHaveBeenCalledTimes(1);
    expect(interceptor.breakers.get('http://a').stats().inFlight).toBe(0);
  });

  it('says where it goes when it stands outside the wrapper for old handlers', () => {
    const agent = new undici8.Agent();
    const composed = new undici8.Dispatcher1Wrapper(agent).compose(circuitBreaker());
    const old = {
      onConnect() {},
      onHeaders: () => true,
      onData: () => true,
      onComplete() {},
      onError() {},
    };
    expect(() =>
      composed.dispatch({ origin: server.origin, path: '/', method: 'GET' }, old as never),
    ).toThrow('Dispatcher1Wrapper');
  });
});
