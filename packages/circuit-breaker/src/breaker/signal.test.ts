import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { deafSignal } from '../../test/support/deaf-signal.js';
import { deferred, flush } from '../../test/support/deferred.js';

describe('the caller’s signal', () => {
  it('already aborted takes no permit and calls nothing', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 1 } });
    const operation = vi.fn();
    const signal = AbortSignal.abort('changed my mind');
    const call = breaker.execute(operation, { signal });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'changed my mind' });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { ignored: 0, rejected: 0 } });
  });

  it('aborted in a trial ends the call at once, neither closes nor opens, and frees the place', async () => {
    const { breaker, heard } = await setupHalfOpen({ halfOpen: { trials: 1 } });
    const controller = new AbortController();
    const stuck = deferred();
    const call = breaker.execute(() => stuck.promise, { signal: controller.signal });
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      trials: { running: 0 },
      inFlight: 0,
    });
    stuck.reject(down);
    await flush();
    expect(heard.map(([name]) => name)).toEqual(['ignored']);
  });

  it('aborted leaves what the operation still brings to nobody, not even to classify', async () => {
    const classify = vi.fn(() => 'failure' as const);
    const { breaker } = setup({ classify });
    const controller = new AbortController();
    const work = deferred();
    const call = breaker.execute(() => work.promise, controller);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    work.resolve('ok');
    await flush();
    expect(classify).not.toHaveBeenCalled();
  });

  it('is what the operation is given', async () => {
    const { breaker } = setup();
    const { signal } = new AbortController();
    await breaker.execute((context) => expect(context.signal).toBe(signal), { signal });
    expect.assertions(1);
  });

  it('that nobody brought is one that is never aborted, and collects no listeners of others', async () => {
    const { breaker } = setup();
    const seen: AbortSignal[] = [];
    for (const options of [undefined, {}, { signal: undefined }]) {
      await breaker.execute(({ signal }) => seen.push(signal), options);
    }
    expect(seen.map((signal) => signal.aborted)).toEqual([false, false, false]);
    expect(new Set(seen).size).toBe(3);
  });

  it('keeps no listener when the call is over', async () => {
    const { breaker } = setup({ minimumCalls: 100 });
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    await breaker.execute(succeed, { signal });
    await breaker.execute(fail, { signal }).catch(() => {});
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls.map((call) => call[1])).toEqual(add.mock.calls.map((call) => call[1]));
  });

  it('aborted by a listener while the breaker decides gives the permit back', async () => {
    const { breaker, clock, failTimes } = setup();
    await failTimes(2);
    const controller = new AbortController();
    breaker.events.on('halfOpened', () => controller.abort('now'));
    clock.jump(1000);
    const operation = vi.fn();
    await expect(breaker.execute(operation, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({ trials: { running: 0 }, inFlight: 0 });
  });

  it.each([
    ['operation', [undefined]],
    ['signal', [() => 1, { signal: {} }]],
  ])('or an impossible %s is refused before a permit is taken', async (option, args) => {
    const { breaker } = setup();
    const call = breaker.execute(...(args as unknown as Parameters<typeof breaker.execute>));
    await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { failed: 0 } });
  });

  it.each<[string, unknown]>([
    ['no object', 'now'],
    ['no AbortSignal', { aborted: false }],
    ['one that keeps its listeners', { aborted: false, addEventListener: () => {} }],
  ])('is refused where it is %s', async (_what, signal) => {
    const { breaker } = setup();
    const operation = vi.fn();
    await expect(breaker.execute(operation, { signal: signal as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'signal',
    });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('that takes no listener keeps no permit', async () => {
    const { breaker } = setup();
    const error = new Error('no listeners here');
    const signal = deafSignal(error);
    const call = breaker.execute(() => 1, { signal: signal as never });
    await expect(call).rejects.toBe(error);
    expect(breaker.stats().inFlight).toBe(0);
  });

  it.each<[unknown, string]>([
    [null, 'options'],
    [7, 'options'],
    [{ singal: AbortSignal.abort() }, 'singal'],
    [{ timeoutMs: 5 }, 'timeoutMs'],
  ])('is the only option of a call: %o is refused, by a rejection', async (options, option) => {
    const { breaker } = setup();
    const operation = vi.fn();
    const call = breaker.execute(operation, options as never);
    await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().inFlight).toBe(0);
  });
});
