import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker, MemoryCache } from '../../src/adapters/opossum/index.js';
import { spyOnWarnings, useFakeTime } from './setup.js';

const { pass, keep, held } = useFakeTime();
const broken = () => {
  throw new Error('user code is broken');
};
const down = () => Promise.reject(new Error('down'));

describe('a listener that throws', () => {
  it.each(['fire', 'success', 'close'] as const)(
    'of %s changes no call that succeeds',
    async (event) => {
      const warnings = spyOnWarnings();
      const circuit = keep(new CircuitBreaker(async () => 'value', { resetTimeout: 100 }));
      circuit.on(event, broken);
      circuit.open();
      await pass(100);
      await expect(circuit.fire()).resolves.toBe('value');
      expect(circuit.closed).toBe(true);
      expect(warnings).toHaveBeenCalledTimes(1);
      expect(warnings.mock.calls[0]?.[0]).toContain(`'${event}'`);
    },
  );

  it.each(['failure', 'open', 'reject', 'fallback'] as const)(
    'of %s loses no caller',
    async (event) => {
      const warnings = spyOnWarnings();
      const circuit = keep(new CircuitBreaker(down)).fallback(() => 'instead');
      circuit.on(event, broken);
      await expect(circuit.fire()).resolves.toBe('instead');
      await expect(circuit.fire()).resolves.toBe('instead');
      expect(circuit.opened).toBe(true);
      expect(warnings).toHaveBeenCalled();
    },
  );

  it('stops no other listener, nor one that listens once', async () => {
    spyOnWarnings();
    const circuit = keep(new CircuitBreaker(async () => 'value'));
    const always = vi.fn();
    const once = vi.fn();
    circuit.on('success', broken);
    circuit.once('success', once);
    circuit.on('success', always);
    await circuit.fire();
    await circuit.fire();
    expect(once).toHaveBeenCalledTimes(1);
    expect(always).toHaveBeenCalledTimes(2);
  });

  it('may be one of a snapshot, and the next still comes', async () => {
    const warnings = spyOnWarnings();
    const circuit = keep(new CircuitBreaker(async () => {}, { rollingCountTimeout: 1000 }));
    circuit.status.on('snapshot', broken);
    await pass(200);
    expect(warnings).toHaveBeenCalledTimes(2);
  });
});

describe('callbacks that fail', () => {
  it('count as no from errorFilter', async () => {
    const warnings = spyOnWarnings();
    const circuit = keep(new CircuitBreaker(down, { errorFilter: broken }));
    await expect(circuit.fire()).rejects.toThrow('down');
    expect(circuit.opened).toBe(true);
    expect(circuit.stats.failures).toBe(1);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it.each(['get', 'set'] as const)(
    'let the call be made from cacheTransport.%s',
    async (method) => {
      const warnings = spyOnWarnings();
      const cacheTransport = {
        get: () => undefined,
        set: () => {},
        flush: () => {},
        [method]: broken,
      };
      const circuit = keep(
        new CircuitBreaker(async () => 'value', { cache: true, cacheTransport }),
      );
      await expect(circuit.fire()).resolves.toBe('value');
      await expect(circuit.fire()).resolves.toBe('value');
      expect(circuit.stats).toMatchObject({ cacheMisses: 2, successes: 2 });
      expect(warnings).toHaveBeenCalledTimes(2);
    },
  );

  it('keep and share nothing from cacheGetKey', async () => {
    const warnings = spyOnWarnings();
    const circuit = keep(
      new CircuitBreaker(async () => 'value', {
        cache: true,
        cacheTransport: new MemoryCache(),
        coalesce: true,
        cacheGetKey: broken,
      }),
    );
    await Promise.all([circuit.fire(), circuit.fire()]);
    expect((circuit.options.cacheTransport as MemoryCache).cache.size).toBe(0);
    expect(circuit.stats).toMatchObject({ successes: 2, cacheMisses: 0, coalesceCacheMisses: 0 });
    expect(warnings).toHaveBeenCalledTimes(2);
  });

  it('lose no caller from a controller', async () => {
    const warnings = spyOnWarnings();
    const { circuit } = held({ timeout: 10, abortController: { abort: broken } });
    const end = circuit.fire().catch((error: unknown) => error);
    await pass(10);
    expect(await end).toMatchObject({ code: 'ETIMEDOUT' });
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it('open the circuit from a health check, thrown or rejected', async () => {
    for (const check of [broken, () => Promise.reject(new Error('not well'))]) {
      const circuit = keep(new CircuitBreaker(async () => {}));
      const failures = vi.fn();
      circuit.on('healthCheckFailed', failures);
      circuit.healthCheck(check, 1000);
      await pass(0);
      expect(circuit.opened).toBe(true);
      expect(failures).toHaveBeenCalledWith(expect.any(Error));
    }
  });
});

describe('what an action may give', () => {
  it.each([
    ['undefined', () => undefined],
    ['null', async () => null],
    ['a promise of another realm', () => runInNewContext('Promise.resolve("value")')],
  ])('is %s', async (_, action) => {
    const circuit = keep(new CircuitBreaker<[], unknown>(action));
    await expect(circuit.fire()).resolves.toEqual(await action());
    expect(circuit.stats.successes).toBe(1);
  });
});

it('recovers though all listeners were taken off', async () => {
  const { circuit, fire, end, failOnce } = held();
  circuit.removeAllListeners();
  await failOnce();
  expect(circuit.opened).toBe(true);
  await pass(100);
  fire('trial');
  await end('trial', 'resolve');
  expect(circuit.closed).toBe(true);
  expect(circuit.stats).toMatchObject({ fires: 2, failures: 1, successes: 1 });
});

it('calls the fallback and the listeners in the async context of the caller', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { circuit } = held({ timeout: 10 });
  circuit.fallback(() => {
    seen.push(['fallback', storage.getStore()]);
    return 'instead';
  });
  circuit.on('timeout', () => seen.push(['timeout', storage.getStore()]));
  const calls = ['one', 'two'].map((name) => storage.run(name, () => circuit.fire()));
  await pass(10);
  await Promise.all(calls);
  expect(seen).toEqual([
    ['timeout', 'one'],
    ['fallback', 'one'],
    ['timeout', 'two'],
    ['fallback', 'two'],
  ]);
});

it('holds no timer while it is closed, and none for a call that has ended', async () => {
  const { circuit, fire, end } = held({ timeout: 1000, allowWarmUp: true });
  expect(vi.getTimerCount()).toBe(0);
  fire('call');
  expect(vi.getTimerCount()).toBe(1);
  await end('call', 'resolve');
  expect(vi.getTimerCount()).toBe(0);
  circuit.open();
  circuit.shutdown();
  expect(vi.getTimerCount()).toBe(0);
});

it('names all its events, for those who collect metrics', () => {
  const circuit = keep(new CircuitBreaker(async () => {}));
  const own = Symbol('own');
  (circuit as EventEmitter).on(own, () => {});
  expect(circuit.eventNames()).toEqual(expect.arrayContaining(['fire', 'semaphoreLocked', own]));
  expect(new Set(circuit.eventNames()).size).toBe(circuit.eventNames().length);
});
