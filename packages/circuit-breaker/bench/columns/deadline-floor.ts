import { Ring } from './floors.ts';
import type { Maker } from './operations.ts';

/** A call that waits for its end or its deadline, whichever comes first. */
class Waiting {
  readonly deadline: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  isOver = false;

  constructor(
    deadline: number,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.deadline = deadline;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Equal limits expire in the order in which they began, so a list and one timer serve all. */
class Lane {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #limitMs: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  add(call: Waiting): void {
    call.previous = this.#last;
    if (this.#last === undefined) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    if (this.#timer === undefined) this.#setTimer(this.#limitMs);
  }

  remove(call: Waiting): void {
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    while (this.#first !== undefined && this.#first.deadline <= now) {
      const call = this.#first;
      this.remove(call);
      call.isOver = true;
      call.reject(new Error('late'));
    }
    if (this.#first === undefined) return;
    this.#setTimer(this.#first.deadline - now);
  }

  #setTimer(delayMs: number): void {
    this.#timer = setTimeout(() => this.#expire(), delayMs).unref();
  }
}

/** A count ring and a time limit, with no signal, for none is read. */
export const breakerAndTimeoutFloor: Maker = (operation) => {
  const limitMs = 10_000;
  const lane = new Lane(limitMs);
  const ring = new Ring();
  const end = (call: Waiting, failed: 0 | 1): boolean => {
    if (call.isOver) return false;
    call.isOver = true;
    lane.remove(call);
    ring.record(failed);
    return true;
  };
  return () =>
    new Promise((resolve, reject) => {
      const call = new Waiting(performance.now() + limitMs, resolve, reject);
      lane.add(call);
      operation().then(
        (value) => {
          if (end(call, 0)) resolve(value);
        },
        (error) => {
          if (end(call, 1)) reject(error);
        },
      );
    });
};
