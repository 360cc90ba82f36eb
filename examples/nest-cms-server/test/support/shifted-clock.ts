import { type Clock, systemClock } from '@nestcms/circuit-breaker';

/** The machine's clock, moved on at will: what depends on the time of day or on time gone by, but no timer. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;

  now(): number {
    return systemClock.now() + this.#shiftMs;
  }

  wallTime(): number {
    return systemClock.wallTime() + this.#shiftMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    return systemClock.setTimer(callback, delayMs);
  }

  advance(ms: number): void {
    this.#shiftMs += ms;
  }
}
