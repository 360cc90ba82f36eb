import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, succeed } from '../../test/support/breaker-setup.js';
import { flush } from '../../test/support/deferred.js';
import { AbortedError, BreakerOpenError, InvalidOptionError, TimeoutError } from '../errors.js';

describe('classify', () => {
  it('decides by value or error', async () => {
    const { breaker, heard } = setup({
      minimumCalls: 10,
      classify: (settled) => {
        if (settled.status === 'fulfilled') return settled.value === 503 ? 'failure' : 'success';
        return settled.error === down ? 'failure' : 'ignored';
      },
    });
    await expect(breaker.execute(() => 503)).resolves.toBe(503);
    await breaker.execute(() => 200);
    await breaker.execute(fail).catch(() => {});
    await breaker.execute(() => Promise.reject(new Error('card declined'))).catch(() => {});
    expect(heard.map(([name]) => name)).toEqual(['failed', 'succeeded', 'failed', 'ignored']);
    expect(heard[0]?.[1]).toEqual({
      breaker: 'gateway',
      error: undefined,
      durationMs: undefined,
    });
  });

  const giveUp = new AbortController();
  giveUp.abort();
  const invalid = new InvalidOptionError({ option: 'timeoutMs', value: -1, allowed: 'above 0' });
  const innerOpen = new BreakerOpenError({ breaker: 'inner', reason: 'open', retryAfterMs: 1 });

  it.each<[string, unknown]>([
    ['that its caller aborted further in', new AbortedError({ reason: 'inner' })],
    ['whose signal was aborted, as fetch says it', giveUp.signal.reason],
    [
      'whose signal was aborted, as Node says it',
      Object.assign(new Error(), { name: 'AbortError' }),
    ],
    ['that was made with a wrong option', invalid],
    ['that a breaker further in let not through', innerOpen],
  ])('ignores by default a call %s', async (_what, error) => {
    const { breaker } = setup();
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    expect(breaker.stats().totals).toMatchObject({ ignored: 1, failed: 0 });
  });

  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error('trap');
      },
    },
  );

  it.each<[string, unknown]>([
    ['a time limit of this package', new TimeoutError({ timeoutMs: 1 })],
    ['a time limit of the platform', new DOMException('too late', 'TimeoutError')],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'AbortError'],
    ['an error that cannot be looked at', trap],
  ])('takes %s for a failure by default', async (_what, error) => {
    const { breaker } = setup();
    const call = breaker.execute(() => Promise.reject(error));
    const isSame = await call.catch((thrown: unknown) => Object.is(thrown, error));
    expect(isSame).toBe(true);
    expect(breaker.stats().totals).toMatchObject({ ignored: 0, failed: 1 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('classifier is broken');
      },
      'classifier is broken',
    ],
    [
      'returns no outcome',
      () => 'fine' as never,
      /^classify must return 'success', 'failure' or 'ignored', or an object/,
    ],
    ['returns nothing', () => undefined as never, /^classify must return/],
    ['returns null', () => null as never, /^classify must return/],
    ['returns what reads like an outcome', () => ['success'] as never, /^classify must return/],
    [
      'returns a function',
      () => Object.assign(() => {}, { outcome: 'success' }) as never,
      /^classify must return/,
    ],
    [
      'returns a promise',
      () => Promise.reject(new Error('async')) as never,
      /^classify must return/,
    ],
  ])('that %s is reported, and the call counts as by default', async (_how, classify, message) => {
    const onListenerError = vi.fn();
    const { breaker } = setup({ classify, onListenerError, minimumCalls: 10 });
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    await expect(breaker.execute(fail)).rejects.toBe(down);
    await flush();
    expect(breaker.stats().totals).toMatchObject({ succeeded: 1, failed: 1 });
    expect(onListenerError).toHaveBeenCalledTimes(2);
    expect(onListenerError.mock.calls[0]?.[0]).toMatchObject({
      kind: 'callback',
      name: 'classify',
      error: { message: expect.stringMatching(message) },
    });
  });
});
