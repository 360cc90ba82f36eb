import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepCallerContext } from './caller-context.js';

const storage = new AsyncLocalStorage<string>();

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('the context of a caller', () => {
  it('is the one that was current when it was kept, as often as it is used', () => {
    const context = storage.run('caller', () => keepCallerContext());
    const seen: (string | undefined)[] = [];
    storage.run('somebody else', () => {
      for (let use = 0; use < 2; use += 1) {
        context.runInAsyncScope(() => seen.push(storage.getStore()));
      }
      seen.push(storage.getStore());
    });
    expect(seen).toEqual(['caller', 'caller', 'somebody else']);
  });

  it('has a name of its own for those who trace async work', () => {
    const types: string[] = [];
    const hook = createHook({ init: (_id, type) => types.push(type) }).enable();
    keepCallerContext();
    hook.disable();
    expect(types).toEqual(['CircuitBreakerCall']);
  });

  it('lets what is called throw', () => {
    const context = keepCallerContext();
    expect(() =>
      context.runInAsyncScope(() => {
        throw new Error('down');
      }),
    ).toThrow('down');
  });

  it.each([
    ['no process', undefined],
    ['a process without modules', {}],
    ['a process that has no such module', { getBuiltinModule: () => undefined }],
  ])('is none on a host with %s: the call is made all the same', async (_what, process) => {
    vi.stubGlobal('process', process);
    vi.resetModules();
    const { keepCallerContext: keep } = await import('./caller-context.js');
    vi.unstubAllGlobals();
    const call = vi.fn();
    keep().runInAsyncScope(call);
    expect(call).toHaveBeenCalledTimes(1);
  });
});
