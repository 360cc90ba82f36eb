import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, succeed } from '../../test/support/breaker-setup.js';
import { flush } from '../../test/support/deferred.js';
import { AbortedError } from '../errors.js';

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
    expect(heard[0]?.[1]).toEqual({ breaker: 'gateway', error: undefined });
  });

  it('ignores by default a call that its caller aborted further in', async () => {
    const { breaker } = setup();
    const aborted = new AbortedError({ reason: 'inner' });
    await expect(breaker.execute(() => Promise.reject(aborted))).rejects.toBe(aborted);
    expect(breaker.stats().totals).toMatchObject({ ignored: 1, failed: 0 });
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
      "classify must return 'success', 'failure' or 'ignored'.",
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
