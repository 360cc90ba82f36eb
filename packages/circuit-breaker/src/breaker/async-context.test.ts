import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { setup } from '../../test/support/breaker-setup.js';
import { deferred, flush } from '../../test/support/deferred.js';
import type { CircuitBreakerOptions } from '../options.js';
import type { CircuitBreakerEvents } from './events.js';

const storage = new AsyncLocalStorage<string>();

/** Whose turn it is when each event comes. */
const listen = (
  breaker: ReturnType<typeof setup>['breaker'],
  ...events: (keyof CircuitBreakerEvents)[]
) => {
  const seen: [string, string | undefined][] = [];
  for (const event of events) {
    breaker.events.on(event, () => seen.push([event, storage.getStore()]));
  }
  return seen;
};

const WAYS: [how: string, options: Partial<CircuitBreakerOptions>][] = [
  ['that is open to all', {}],
  ['that times its calls', { latency: true }],
  ['that is classified', { classify: () => 'failure' }],
];

describe('the async context of a caller', () => {
  it.each(WAYS)('is that of its listeners, for a call %s', async (_how, options) => {
    const { breaker } = setup(options);
    const seen = listen(breaker, 'failed', 'opened');
    const works = [deferred(), deferred()];
    const calls = works.map(({ promise }, index) =>
      storage.run(`caller ${index}`, () => breaker.execute(() => promise)).catch(() => {}),
    );
    await storage.run('somebody else', async () => {
      works[1]?.reject(new Error('down'));
      await flush();
      works[0]?.reject(new Error('down'));
    });
    await Promise.all(calls);
    expect(seen).toEqual([
      ['failed', 'caller 1'],
      ['failed', 'caller 0'],
      ['opened', 'caller 0'],
    ]);
  });

  it.each(WAYS)('is that of classify, for a call %s', async (_how, options) => {
    const seen: unknown[] = [];
    const classify = () => {
      seen.push(storage.getStore());
      return 'success' as const;
    };
    const { breaker } = setup({ ...options, classify });
    const work = deferred();
    const run = (signal?: AbortSignal) =>
      breaker.execute(() => work.promise, signal === undefined ? undefined : { signal });
    const calls = [
      storage.run('plain', () => run()),
      storage.run('with a signal', () => run(new AbortController().signal)),
      storage.run('wrapped', () => breaker.wrap(() => work.promise)()),
    ];
    storage.run('somebody else', () => work.resolve(1));
    await Promise.all(calls);
    expect(new Set(seen)).toEqual(new Set(['plain', 'with a signal', 'wrapped']));
    expect(seen).toHaveLength(3);
  });

  it('is that of the operation, also after it waited for a place', async () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 2, maxWaiting: 1 } });
    breaker.trip();
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    const call = storage.run('waited', () => breaker.execute(() => storage.getStore()));
    storage.run('somebody else', () => trial?.success());
    await expect(call).resolves.toBe('waited');
  });

  it('is that of the listener who hears that it waited in vain', async () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 1, maxWaiting: 2, maxWaitMs: 100 } });
    const seen = listen(breaker, 'rejected');
    breaker.trip();
    clock.advance(1000);
    const trial = breaker.tryAcquire();
    const timedOut = storage.run('waited too long', () => breaker.acquire());
    storage.run('somebody else', () => clock.advance(100));
    await expect(timedOut).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    const refused = storage.run('was refused', () => breaker.acquire());
    storage.run('somebody else', () => trial?.failure());
    await expect(refused).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    expect(seen).toEqual([
      ['rejected', 'waited too long'],
      ['rejected', 'was refused'],
    ]);
  });

  it('is that of callbacks that decide about the breaker', async () => {
    const seen: unknown[] = [];
    const { breaker } = setup({
      minimumCalls: 1,
      openForMs: () => {
        seen.push(storage.getStore());
        return 5;
      },
      onListenerError: () => seen.push(storage.getStore()),
    });
    breaker.events.on('opened', () => {
      throw new Error('listener');
    });
    const work = deferred();
    const call = storage.run('caller', () => breaker.execute(() => work.promise));
    storage.run('somebody else', () => work.reject(new Error('down')));
    await call.catch(() => {});
    expect(seen).toEqual(['caller', 'caller']);
  });
});
