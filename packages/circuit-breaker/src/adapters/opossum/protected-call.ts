import { askGuarded } from '../../events/guard.js';
import { start } from '../../operation/start.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import { systemClock } from '../../ports/system-clock.js';
import type { Admission } from './circuit.js';
import { breakerOpen, type OpossumError, semaphoreLocked, shutDown, timedOut } from './errors.js';
import type { CoalesceReset } from './options.js';
import type { Parts } from './parts.js';
import { type Ending, withTimeLimit } from './time-limit.js';

const time = ElapsedTime.of(systemClock);

/** Calls the action, whatever it is, and gives a promise. */
export const callAction = (
  { action }: Parts,
  context: unknown,
  args: unknown[],
): Promise<unknown> => start(() => Reflect.apply(action, context, args), undefined);

/** One call that the circuit, the semaphore, the time limit and the fallback look after. */
export class ProtectedCall {
  readonly #parts: Parts;
  readonly #args: unknown[];
  readonly #key: string | undefined;
  #startedAt = 0;
  #result: Promise<unknown> | undefined;

  /** @param key of its result, if results are kept or shared */
  constructor(parts: Parts, args: unknown[], key: string | undefined) {
    this.#parts = parts;
    this.#args = args;
    this.#key = key;
  }

  run(context: unknown): Promise<unknown> {
    const { circuit, semaphore, options, coalescing } = this.#parts;
    const admission = circuit.admit();
    if (admission === undefined) return this.#refuse();
    if (!semaphore.test()) return this.#turnAway(admission);
    this.#startedAt = time.read();
    const running = callAction(this.#parts, context, this.#args);
    const result = withTimeLimit(running, options.timeout).then((ending) =>
      this.#end(admission, ending),
    );
    this.#result = result;
    if (this.#key !== undefined) coalescing?.cache.set(this.#key, result);
    return result;
  }

  #refuse(): Promise<unknown> {
    const { circuit, counts, tell } = this.#parts;
    // A listener of `fire` may have shut it down.
    if (circuit.isShutDown) return Promise.reject(shutDown());
    const error = breakerOpen();
    counts.add('rejects');
    tell('reject', error);
    return this.#fallBack(error);
  }

  #turnAway(admission: Admission): Promise<unknown> {
    const { circuit, counts, tell } = this.#parts;
    const error = semaphoreLocked();
    const isFiltered = this.#filters(error);
    counts.add('semaphoreRejections');
    counts.add(isFiltered ? 'successes' : 'failures');
    circuit.withdraw(admission, !isFiltered);
    tell('semaphoreLocked', error, 0);
    return isFiltered ? this.#letPass(error, 0) : this.#fail(error, 0);
  }

  /** @returns the value, or what the caller is rejected with */
  #end(admission: Admission, ending: Ending): unknown {
    const latency = Math.round(time.read() - this.#startedAt);
    if (ending.status === 'fulfilled') {
      return this.#succeed(admission, ending.value, latency);
    }
    if (ending.status === 'rejected') {
      return this.#endFailed(admission, ending.error, latency, undefined);
    }
    const error = timedOut(ending.timeoutMs);
    return this.#endFailed(admission, error, latency, error);
  }

  #succeed(admission: Admission, value: unknown, latency: number): unknown {
    const { circuit, results, tell } = this.#parts;
    this.#countEnd(latency, 'successes');
    circuit.succeeded(admission);
    this.#reset('success');
    if (this.#key !== undefined && this.#result) results?.set(this.#key, this.#result);
    circuit.tellNews();
    tell('success', value, latency);
    return value;
  }

  #endFailed(
    admission: Admission,
    error: unknown,
    latency: number,
    timeout: OpossumError | undefined,
  ): unknown {
    const { circuit, counts, aborting, tell } = this.#parts;
    const isFiltered = this.#filters(error);
    this.#countEnd(latency, isFiltered ? 'successes' : 'failures');
    if (timeout !== undefined) counts.add('timeouts');
    if (isFiltered) circuit.succeeded(admission);
    else circuit.failed(admission, error);
    this.#reset(timeout === undefined ? 'error' : 'timeout');
    if (timeout !== undefined) {
      aborting.abort();
      tell('timeout', timeout, latency, this.#args);
    }
    return isFiltered ? this.#letPass(error, latency) : this.#fail(error, latency);
  }

  #countEnd(latency: number, as: 'successes' | 'failures'): void {
    const { semaphore, counts } = this.#parts;
    semaphore.release();
    counts.add(as);
    counts.addLatency(latency);
  }

  /** A filtered error: a success for the circuit, and for the caller the error it is. */
  #letPass(error: unknown, latency: number): Promise<unknown> {
    const { circuit, tell } = this.#parts;
    circuit.tellNews();
    tell('success', error, latency);
    return Promise.reject(error);
  }

  #fail(error: unknown, latency: number): Promise<unknown> {
    const { circuit, tell } = this.#parts;
    tell('failure', error, latency, this.#args);
    circuit.tellNews();
    return this.#fallBack(error);
  }

  #fallBack(error: unknown): Promise<unknown> {
    const { fallback, counts, tell } = this.#parts;
    if (fallback === undefined) return Promise.reject(error);
    let result: unknown;
    try {
      result = Reflect.apply(fallback, fallback, [...this.#args, error]);
    } catch (fallbackError) {
      return Promise.reject(fallbackError);
    }
    counts.add('fallbacks');
    tell('fallback', result, error);
    return Promise.resolve(result);
  }

  #filters(error: unknown): boolean {
    const { errorFilter } = this.#parts.options;
    if (errorFilter === undefined) return false;
    const answer = askGuarded(
      () => errorFilter(error, ...this.#args),
      () => true,
      { kind: 'callback', name: 'errorFilter', expected: 'whether to let the error pass' },
      undefined,
    );
    return Boolean(answer);
  }

  /** Calls like it get a promise of their own from now on, if that is asked for. */
  #reset(end: CoalesceReset): void {
    const { options, coalescing } = this.#parts;
    if (this.#key === undefined || !options.coalesceResetOn.includes(end)) return;
    if (coalescing?.cache.get(this.#key) === this.#result) coalescing?.memory.delete(this.#key);
  }
}
