/** A call that is timed. Its fields belong to `RunningCalls`. */
export class RunningCall {
  startedAt = 0;
  /** Whether it is on the list of running calls. */
  isListed = false;
  isSlow = false;
  previous: RunningCall | undefined = undefined;
  next: RunningCall | undefined = undefined;
}

/**
 * The calls that run, in the order in which they began. A mark moves along the list as calls become
 * slow, so that to know how many are slow costs nothing but its way.
 */
export class RunningCalls {
  #last: RunningCall | undefined;
  /** The oldest call that is not known to be slow. */
  #fresh: RunningCall | undefined;
  #slow = 0;
  #thresholdMs = 0;

  add(call: RunningCall, now: number): void {
    call.startedAt = now;
    call.isSlow = false;
    call.isListed = true;
    call.previous = this.#last;
    call.next = undefined;
    if (this.#last !== undefined) this.#last.next = call;
    this.#last = call;
    this.#fresh ??= call;
  }

  remove(call: RunningCall): void {
    const { previous, next } = call;
    if (call.isSlow) this.#slow -= 1;
    if (this.#fresh === call) this.#fresh = next;
    if (previous !== undefined) previous.next = next;
    if (next !== undefined) next.previous = previous;
    else this.#last = previous;
    call.previous = undefined;
    call.next = undefined;
    call.isListed = false;
  }

  /** How many have been running for `thresholdMs` or longer. */
  slowAt(now: number, thresholdMs: number): number {
    if (thresholdMs !== this.#thresholdMs) this.#forgetSlow(thresholdMs);
    while (this.#fresh !== undefined && now - this.#fresh.startedAt >= thresholdMs) {
      this.#fresh.isSlow = true;
      this.#slow += 1;
      this.#fresh = this.#fresh.next;
    }
    return this.#slow;
  }

  /** None is known to be slow by a threshold that was not asked about before. */
  #forgetSlow(thresholdMs: number): void {
    this.#thresholdMs = thresholdMs;
    this.#slow = 0;
    for (let call = this.#last; call !== undefined; call = call.previous) {
      call.isSlow = false;
      this.#fresh = call;
    }
  }
}
