import { describe, expect, it } from 'vitest';
import { Call } from './call.js';

const callOf = () => new Call(() => undefined, {}, false);

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
    const first = callOf();
    const second = first.again();
    const tryOfTry = second.again();
    expect(first.isRunning).toBe(false);
    tryOfTry.operationStarted();
    expect([first.isRunning, second.isRunning, tryOfTry.isRunning]).toEqual([true, true, true]);
    tryOfTry.operationEnded();
    expect([first.isRunning, second.isRunning, tryOfTry.isRunning]).toEqual([false, false, false]);
  });

  it('does not take the operation of an earlier try for its own', () => {
    const first = callOf();
    first.operationStarted();
    const second = first.again();
    const third = first.again();
    third.operationStarted();
    expect(second.isRunning).toBe(false);
    expect(first.isRunning).toBe(true);
  });

  it('counts a try apart that others run beside, and counts it all the same', () => {
    const call = callOf();
    const first = call.apart();
    const hedge = call.again();
    expect([first.attempt, hedge.attempt, first.identity]).toEqual([1, 2, call.identity]);
    hedge.operationStarted();
    expect([first.isRunning, call.isRunning]).toEqual([false, true]);
    hedge.operationEnded();
    first.operationStarted();
    expect([hedge.isRunning, call.isRunning]).toEqual([false, true]);
  });

  it('tells once all operations that ran when it was asked have ended', () => {
    const first = callOf();
    const second = first.again();
    first.operationStarted();
    second.operationStarted();
    const seen = watch(first);
    first.operationEnded();
    expect(seen.told).toBe(0);
    second.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('tells only once all operations of one try have ended', () => {
    const first = callOf();
    first.operationStarted();
    first.operationStarted();
    const seen = watch(first);
    first.operationEnded();
    expect(seen.told).toBe(0);
    first.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('does not wait for a try of which nothing runs', () => {
    const first = callOf();
    const second = first.again();
    first.again();
    second.operationStarted();
    const seen = watch(first);
    second.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('does not wait for a try that began after it was asked', () => {
    const first = callOf();
    first.operationStarted();
    const seen = watch(first);
    first.again().operationStarted();
    first.operationEnded();
    expect(seen.told).toBe(1);
  });

  it('tells everyone who asked, once', () => {
    const first = callOf();
    first.operationStarted();
    const seen = [watch(first), watch(first)];
    first.operationEnded();
    first.operationStarted();
    first.operationEnded();
    expect(seen.map(({ told }) => told)).toEqual([1, 1]);
  });
});
