import { describe, expect, it } from 'vitest';
import { Call } from './call.js';

const call = () => new Call(() => undefined, {}, false);

/** Notes whether it was told that a call is quiet. */
const watch = (watched: Call) => {
  const seen = { told: 0 };
  watched.whenQuiet(() => {
    seen.told += 1;
  });
  return seen;
};

describe('a call', () => {
  it('runs while an operation of any of its tries does', () => {
    const first = call();
    const second = first.again();
    const tryOfTry = second.again();
    expect(first.isRunning).toBe(false);
    tryOfTry.operationStarted();
    expect([first.isRunning, second.isRunning, tryOfTry.isRunning]).toEqual([true, true, true]);
    tryOfTry.operationEnded();
    expect([first.isRunning, second.isRunning, tryOfTry.isRunning]).toEqual([false, false, false]);
  });

  it('does not take the operation of an earlier try for its own', () => {
    const first = call();
    first.operationStarted();
    const second = first.again();
    const third = first.again();
    third.operationStarted();
    expect(second.isRunning).toBe(false);
    expect(first.isRunning).toBe(true);
  });

  it('tells once all operations that ran when it was asked have ended', () => {
    const first = call();
    const second = first.again();
    first.operationStarted();
    second.operationStarted();
    const seen = watch(first);
    first.operationEnded();
    expect(seen.told).toBe(0);
    second.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('does not wait for a try that began after it was asked', () => {
    const first = call();
    first.operationStarted();
    const seen = watch(first);
    first.again().operationStarted();
    first.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('tells everyone who asked, once', () => {
    const first = call();
    first.operationStarted();
    const seen = [watch(first), watch(first)];
    first.operationEnded();
    first.operationStarted();
    first.operationEnded();
    expect(seen.map(({ told }) => told)).toEqual([1, 1]);
  });
});
