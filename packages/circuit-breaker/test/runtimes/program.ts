import type { Checked, ProgramExports } from '@nestcms/runtimes';
import {
  BreakerOpenError,
  bulkhead,
  CircuitBreaker,
  isCircuitBreakerError,
  type ListenerFailure,
  pipeline,
  retry,
  safe,
  systemClock,
  timeout,
} from '../../src/index.js';

const assert = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

const equal = (is: unknown, expected: unknown): void =>
  assert(Object.is(is, expected), `it is ${String(is)}, not ${String(expected)}`);

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.setTimer(resolve, ms);
  });

/** Waits until `holds`, for two seconds at most: this machine may be busy. */
const until = async (holds: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 200 && !holds(); turn += 1) await wait(10);
};

const down = (): Promise<never> => Promise.reject(new Error('down'));

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'none',
    (error: { readonly code?: unknown }) => error.code,
  );

const never = (): Promise<never> => new Promise(() => {});

interface Storage {
  run<T>(value: string, call: () => T): T;
  getStore(): string | undefined;
}

/** The runtime's `AsyncLocalStorage`, if it has one; found as the sources find theirs. */
const storageOf = (): Storage | undefined => {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (id: string) => unknown };
  };
  const hooks = process?.getBuiltinModule?.('node:async_hooks') as
    | { readonly AsyncLocalStorage?: new () => Storage }
    | undefined;
  return hooks?.AsyncLocalStorage === undefined ? undefined : new hooks.AsyncLocalStorage();
};

/** Has a call hang for `ms`, until its time is over. Gives the code of its error. */
export const answer: ProgramExports['answer'] = (query) =>
  codeOf(timeout({ timeoutMs: Number(query.get('ms')) }).execute(never));

/** What every runtime must do. A text is why there is nothing to check. */
const CHECKS: Readonly<Record<string, () => Promise<string | undefined>>> = {
  'a breaker opens, half-opens and closes': async () => {
    const breaker = new CircuitBreaker({
      name: 'rates',
      minimumCalls: 2,
      halfOpen: { trials: 2 },
    });
    for (let call = 0; call < 2; call += 1) await codeOf(breaker.execute(down));
    equal(breaker.state, 'open');
    const error = await breaker.execute(down).catch((thrown: unknown) => thrown);
    assert(error instanceof BreakerOpenError, 'no call is let through');
    assert(isCircuitBreakerError(error, 'BREAKER_OPEN'), 'the error is known by its mark');
    assert((error as BreakerOpenError).retryAfterMs > 20_000, 'it says when to try again');
    breaker.trip({ openForMs: 5 });
    await until(() => breaker.state !== 'open');
    equal(breaker.state, 'halfOpen');
    equal(await breaker.execute(() => 'up'), 'up');
    equal(await breaker.execute(async () => 'up'), 'up');
    equal(breaker.state, 'closed');
    return undefined;
  },
  'a time limit ends a call that hangs, and aborts its signal': async () => {
    let signal: AbortSignal | undefined;
    const call = timeout({ timeoutMs: 20 }).execute((context) => {
      signal = context.signal;
      return never();
    });
    equal(await codeOf(call), 'TIMEOUT');
    equal(signal?.aborted, true);
    return undefined;
  },
  'a caller gives a call up': async () => {
    const controller = new AbortController();
    const call = timeout({ timeoutMs: 5000 }).execute(never, { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    equal(await codeOf(call), 'ABORTED');
    return undefined;
  },
  'a retry tries again after a wait': async () => {
    let calls = 0;
    const flaky = safe(async () => {
      calls += 1;
      if (calls < 3) throw new Error('reset');
      return calls;
    });
    equal(await retry({ backoff: { kind: 'constant', delayMs: 5 } }).execute(flaky), 3);
    return undefined;
  },
  'a pipeline puts them around each other': async () => {
    const breaker = new CircuitBreaker({ name: 'slow', minimumCalls: 2 });
    const backoff = { kind: 'constant', delayMs: 1 } as const;
    const policies = pipeline([
      retry({ maxAttempts: 3, backoff }),
      breaker,
      bulkhead({ maxConcurrent: 2 }),
      timeout({ timeoutMs: 10 }),
    ]);
    equal(await codeOf(policies.execute(safe(never))), 'BREAKER_OPEN');
    equal(breaker.stats().totals.failed, 2);
    return undefined;
  },
  'events come, also those of a timer, and listeners can do no harm': async () => {
    const failures: ListenerFailure[] = [];
    const heard: string[] = [];
    const breaker = new CircuitBreaker({
      name: 'heard',
      minimumCalls: 1,
      openForMs: 10,
      onListenerError: (failure) => failures.push(failure),
    });
    breaker.events.on('opened', () => {
      throw new Error('a broken listener');
    });
    breaker.events.on('opened', ({ reason }) => heard.push(reason));
    breaker.events.on('halfOpened', ({ from }) => heard.push(from));
    await codeOf(breaker.execute(down));
    await until(() => heard.length > 1);
    equal(heard.join(), 'failureRate,open');
    equal(failures.length, 1);
    return undefined;
  },
  'a permit is given back by using it': async () => {
    const breaker = new CircuitBreaker({ name: 'permits' });
    const permit = breaker.tryAcquire();
    equal(breaker.stats().inFlight, 1);
    permit?.[Symbol.dispose]?.();
    permit?.ignore();
    equal(breaker.stats().inFlight, 0);
    return Symbol.dispose === undefined ? 'no Symbol.dispose' : undefined;
  },
  'the caller’s context is kept by what a timer calls': async () => {
    const storage = storageOf();
    if (storage === undefined) return 'no AsyncLocalStorage';
    const seen: (string | undefined)[] = [];
    const flaky = safe(async () => {
      seen.push(storage.getStore());
      if (seen.length < 3) throw new Error('reset');
    });
    const often = retry({
      backoff: { kind: 'constant', delayMs: 2 },
      onRetry: () => seen.push(storage.getStore()),
    });
    await Promise.all([
      storage.run('one', () => often.execute(flaky)),
      storage.run('another', () =>
        timeout({ timeoutMs: 1 })
          .execute(() => wait(5))
          .catch(() => {}),
      ),
    ]);
    equal(seen.join(), 'one,one,one');
    return undefined;
  },
};

/** Runs every check, one after the other. Never rejects. */
export const runChecks = async (): Promise<Checked[]> => {
  const checked: Checked[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      const skipped = await check();
      checked.push(skipped === undefined ? { name } : { name, skipped });
    } catch (error) {
      checked.push({ name, error: String((error as Error | undefined)?.message ?? error) });
    }
  }
  return checked;
};
