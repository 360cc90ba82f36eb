import { vi } from 'vitest';
import { PlainDeadlineEntry } from '../../src/operation/plain-deadline-entry.js';
import { ManualClock } from '../../src/testing/index.js';

/** An entry of a deadline queue that notes when it expires. */
export class NotedEntry extends PlainDeadlineEntry {
  readonly name: string;
  readonly #expire: (name: string) => void;

  constructor(name: string, expire: (name: string) => void) {
    super();
    this.name = name;
    this.#expire = expire;
  }

  override expired(): void {
    this.#expire(this.name);
  }
}

/** A clock whose timers a test calls, or fails to set, by hand. */
export const clockByHand = (slackMs?: number) => {
  const inner = new ManualClock();
  const timers: { callback: () => void; delayMs: number; isCancelled: boolean }[] = [];
  const source = { now: 'first' };
  const clock = {
    slackMs,
    timerSource: () => source.now,
    now: () => inner.now(),
    wallTime: () => 0,
    setTimer: vi.fn((callback: () => void, delayMs: number): (() => void) => {
      const timer = { callback, delayMs, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    }),
  };
  const pending = () => timers.filter(({ isCancelled }) => !isCancelled);
  return { clock, source, inner, timers, pending };
};

export const throws = (): never => {
  throw new Error('no timers here');
};
