import type { Prng } from './prng.js';

interface Event {
  readonly time: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** The share of events after which everything that is ready runs; after the others, only the next few steps do. */
const SETTLED = 0.75;
const MOST_STEPS = 6;

/**
 * Simulated time: events in their order, and nothing else moves it. Between two events the promises of all
 * processes go on, sometimes not to their end: a process may be held up anywhere.
 */
export class Scheduler {
  readonly #random: Prng;
  readonly #heap: Event[] = [];
  #order = 0;
  #now = 0;
  #isTouched = false;

  constructor(random: Prng) {
    this.#random = random;
  }

  get now(): number {
    return this.#now;
  }

  /** @returns a function that cancels it */
  after(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    const event: Event = { time: this.#now + Math.max(0, delayMs), order: this.#order, run };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** Told when something has happened in a process, so that its promises have to go on. */
  touch(): void {
    this.#isTouched = true;
  }

  async runUntil(end: number): Promise<void> {
    await this.#settle();
    for (let event = this.#heap[0]; event !== undefined && event.time <= end; ) {
      this.#pop();
      if (event.run !== undefined) {
        this.#now = event.time;
        event.run();
        if (this.#isTouched) await this.#settle();
      }
      event = this.#heap[0];
    }
    this.#now = end;
  }

  /** Until everything that is ready has run. */
  quiet(): Promise<void> {
    this.#isTouched = false;
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  async #settle(): Promise<void> {
    if (this.#random.chance(SETTLED)) return this.quiet();
    this.#isTouched = false;
    for (let steps = this.#random.int(0, MOST_STEPS); steps > 0; steps -= 1) {
      await Promise.resolve();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) {
        child += 1;
      }
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);
