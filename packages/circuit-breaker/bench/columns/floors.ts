/* oxlint-disable unicorn/no-thenable -- being a thenable is what one of them is for. */
import type { Maker } from './operations.ts';

/**
 * As little code as could do the work of a row, without options, states or events. They say what
 * can be reached on this machine, and whether it gives the ratios of others.
 */
export class Ring {
  readonly #slots = new Uint8Array(100);
  #next = 0;
  #failures = 0;

  record(failed: 0 | 1): void {
    const slot = this.#next;
    this.#failures += failed - (this.#slots[slot] ?? 0);
    this.#slots[slot] = failed;
    this.#next = slot === 99 ? 0 : slot + 1;
  }

  get failures(): number {
    return this.#failures;
  }
}

class TimeRing {
  readonly #calls = new Float64Array(10);
  readonly #failures = new Float64Array(10);
  readonly #now: () => number;
  #newest = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  record(failed: 0 | 1): void {
    const bucket = Math.floor(this.#now() / 1000);
    while (this.#newest < bucket) {
      this.#newest = bucket - this.#newest > 10 ? bucket - 10 : this.#newest + 1;
      this.#calls[this.#newest % 10] = 0;
      this.#failures[this.#newest % 10] = 0;
    }
    const at = bucket % 10;
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    this.#failures[at] = (this.#failures[at] ?? 0) + failed;
  }
}

interface Recorder {
  record(failed: 0 | 1): void;
}

/** One timer for the process that reads the clock twenty times a second. */
const coarseNow = (): (() => number) => {
  let value = performance.now();
  setInterval(() => {
    value = performance.now();
  }, 50).unref();
  return () => value;
};

/** Hands an error on to the next promise, which costs half of what `throw` does. */
class HandedOn {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  // biome-ignore lint/suspicious/noThenProperty: to be taken for a promise is all it does.
  then(_fulfilled: unknown, rejected: (error: unknown) => void): void {
    rejected(this.#error);
  }
}

const throughThen =
  (window: () => Recorder, passOn: (error: unknown) => unknown): Maker =>
  (operation) => {
    const recorder = window();
    const fulfilled = (value: unknown) => {
      recorder.record(0);
      return value;
    };
    const rejected = (error: unknown) => {
      recorder.record(1);
      return passOn(error);
    };
    return () => operation().then(fulfilled, rejected);
  };

const throws = (error: unknown): never => {
  throw error;
};
const hands = (error: unknown): unknown => new HandedOn(error);

const watching: Maker = (operation) => {
  const ring = new Ring();
  const fulfilled = () => ring.record(0);
  const rejected = () => ring.record(1);
  return () => {
    const running = operation();
    running.then(fulfilled, rejected);
    return running;
  };
};

const awaiting: Maker = (operation) => {
  const ring = new Ring();
  return async () => {
    try {
      const value = await operation();
      ring.record(0);
      return value;
    } catch (error) {
      ring.record(1);
      throw error;
    }
  };
};

/** A call with a start time and handlers of its own, used again and again. */
class Slot {
  startedAt = 0;
  readonly fulfilled: (value: unknown) => unknown;
  readonly rejected: (error: unknown) => unknown;

  constructor(ended: (slot: Slot, failed: 0 | 1) => void) {
    this.fulfilled = (value) => {
      ended(this, 0);
      return value;
    };
    this.rejected = (error) => {
      ended(this, 1);
      return new HandedOn(error);
    };
  }
}

const timedInSlots: Maker = (operation) => {
  const free: Slot[] = [];
  let now = performance.now();
  const ring = new TimeRing(() => now);
  const histogram = new Uint32Array(2048);
  const ended = (slot: Slot, failed: 0 | 1) => {
    now = performance.now();
    const place = 32 - Math.clz32((now - slot.startedAt) * 1000);
    histogram[place] = (histogram[place] ?? 0) + 1;
    ring.record(failed);
    free.push(slot);
  };
  return () => {
    const slot = free.pop() ?? new Slot(ended);
    slot.startedAt = performance.now();
    return operation().then(slot.fulfilled, slot.rejected);
  };
};

export const FLOORS: Readonly<Record<string, Maker>> = {
  'floor: watcher + count ring': watching,
  'floor: .then, no throw + count ring': throughThen(() => new Ring(), hands),
  'floor: .then + count ring': throughThen(() => new Ring(), throws),
  'floor: async/await + count ring': awaiting,
  'floor: .then, no throw + time ring, coarse clock': throughThen(() => {
    const now = coarseNow();
    return new TimeRing(now);
  }, hands),
  'floor: .then + time ring, Date.now': throughThen(() => new TimeRing(Date.now), throws),
  'floor: timed, pooled slots + time ring + histogram': timedInSlots,
};
