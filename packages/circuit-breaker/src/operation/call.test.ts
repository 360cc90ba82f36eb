import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { Call } from './call.js';

const storage = new AsyncLocalStorage<string>();
const operation = () => 1;
const begin = (isLater = false) => new Call(operation, {}, isLater);

describe('a call', () => {
  it('settles its promise, once', async () => {
    const [kept, failed] = [begin(), begin()];
    const promises = [kept.promise<number>(), failed.promise<number>()];
    kept.settled(false, 5);
    kept.settled(true, new Error('too late'));
    failed.settled(true, 'down');
    failed.settled(false, 6);
    await expect(promises[0]).resolves.toBe(5);
    await expect(promises[1]).rejects.toBe('down');
  });

  it('settles nothing before anyone asked for its promise', () => {
    expect(() => begin().settled(false, 5)).not.toThrow();
    expect(() => begin().settled(true, new Error('down'))).not.toThrow();
  });

  it('counts its tries on, whichever of them is tried again', () => {
    const first = begin();
    const second = first.again();
    const third = second.again();
    expect([first, second, third, first.again()].map(({ attempt }) => attempt)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(third.operation).toBe(operation);
    expect(third.options).toBe(first.options);
    expect([second, third].map(({ identity }) => identity)).toEqual([
      first.identity,
      first.identity,
    ]);
  });

  it('runs what comes later in the async context it was made in, in all its tries', () => {
    const seen: (string | undefined)[] = [];
    const look = () => seen.push(storage.getStore());
    const call = storage.run('caller', () => begin(true));
    storage.run('somebody else', () => {
      call.inCallerContext(look);
      call.again().again().inCallerContext(look);
      call.apart().inCallerContext(look);
    });
    expect(seen).toEqual(['caller', 'caller', 'caller']);
  });

  it('keeps no context where nothing comes later', () => {
    const seen: (string | undefined)[] = [];
    const call = storage.run('caller', () => begin(false));
    storage.run('at hand', () => call.inCallerContext(() => seen.push(storage.getStore())));
    expect(seen).toEqual(['at hand']);
  });

  it('knows when none of its operations runs any more', () => {
    const call = begin();
    const again = call.again();
    const quiet = vi.fn();
    call.operationStarted();
    again.operationStarted();
    expect(call.isRunning).toBe(true);
    call.whenQuiet(quiet);
    call.operationEnded();
    expect(quiet).not.toHaveBeenCalled();
    again.operationEnded();
    expect(quiet).toHaveBeenCalledTimes(1);
    expect(call.isRunning).toBe(false);
  });
});
