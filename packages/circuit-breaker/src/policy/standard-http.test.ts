import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { OperationContext } from '../operation/operation.js';
import { idempotent, safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { fallback } from './fallback.js';
import { retryBudget } from './retry-budget.js';
import { STANDARD_HTTP_DEFAULTS, type StandardHedgedHttpOptions } from './standard-http/options.js';
import { standardHedgedHttp, standardHttp } from './standard-http.js';

const GET = { method: 'GET' };
const POST = { method: 'POST' };

/** An answer as fetch gives it, as far as it is looked at, and whether its body was let go of. */
const answer = (status: number, headers: Record<string, string> = {}) => {
  const cancel = vi.fn(async () => {});
  return { status, headers: new Headers(headers), body: { cancel } };
};
type Answer = ReturnType<typeof answer>;
const wasLetGo = ({ body }: Answer) => body.cancel.mock.calls.length > 0;

const setup = (options: Partial<StandardHedgedHttpOptions> = {}, isHedged = false) => {
  const clock = new ManualClock();
  const make = isHedged ? standardHedgedHttp : standardHttp;
  const http = make({ name: 'rates', clock, random: () => 0.5, ...options });
  return { clock, http };
};

/** Answers with one after the other, the last one again and again. */
const server = (clock: ManualClock, ...answers: (Answer | Error)[]) => {
  const calledAt: number[] = [];
  const call = async () => {
    calledAt.push(clock.now());
    const given = answers[Math.min(calledAt.length, answers.length) - 1];
    if (given instanceof Error || given === undefined) throw given;
    return given;
  };
  return { call, calledAt };
};

describe('a call that changes nothing', () => {
  it.each(['GET', 'get', 'HEAD', 'OPTIONS', 'TRACE'])('as %s is tried again', async (method) => {
    const { clock, http } = setup();
    const [bad, good] = [answer(503), answer(200)];
    const { call, calledAt } = server(clock, bad, good);
    const result = outcomeOf(http.execute({ method }, call));
    await clock.advanceAsync(1000);
    expect(result.value).toBe(good);
    expect(calledAt).toEqual([0, STANDARD_HTTP_DEFAULTS.retryInitialMs / 2]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets go of answers that nobody will read before it waits', async () => {
    const { clock, http } = setup();
    const answers = [answer(500), answer(502), answer(503)];
    const { call } = server(clock, ...answers);
    const result = outcomeOf(http.execute(GET, call));
    await flush();
    expect(answers.map(wasLetGo)).toEqual([true, false, false]);
    await clock.advanceAsync(10_000);
    expect(result.value).toBe(answers[2]);
    expect(answers.map(wasLetGo)).toEqual([true, true, false]);
  });

  it('ends with the last answer, not with an error', async () => {
    const { clock, http } = setup();
    const bad = answer(503);
    const { call, calledAt } = server(clock, bad);
    const result = outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(10_000);
    expect(result.value).toBe(bad);
    expect(calledAt).toHaveLength(STANDARD_HTTP_DEFAULTS.maxAttempts);
  });

  it('is tried again where the connection failed, and ends with that error', async () => {
    const { clock, http } = setup();
    const lost = new TypeError('fetch failed');
    const { call, calledAt } = server(clock, lost);
    const result = outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(10_000);
    expect(result.error).toBe(lost);
    expect(calledAt).toHaveLength(3);
  });

  it.each([
    [200, 1],
    [301, 1],
    [404, 1],
    [408, 3],
    [409, 1],
    [429, 3],
    [500, 3],
    [501, 1],
    [504, 3],
    [505, 1],
  ])('answered with %i is sent %i times', async (status, times) => {
    const { clock, http } = setup();
    const { call, calledAt } = server(clock, answer(status));
    const result = outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(10_000);
    expect(result.value?.status).toBe(status);
    expect(calledAt).toHaveLength(times);
  });

  it('is of any shape that has a status', async () => {
    const { clock, http } = setup();
    const dump = vi.fn(async () => {});
    const bad = { statusCode: 503, headers: { 'retry-after': '1' }, body: { dump } };
    const calledAt: number[] = [];
    outcomeOf(
      http.execute(GET, async () => {
        calledAt.push(clock.now());
        return bad;
      }),
    );
    await clock.advanceAsync(1500);
    expect(calledAt).toEqual([0, 1125]);
    expect(dump).toHaveBeenCalledTimes(2);
  });
});

describe('Retry-After', () => {
  it('is waited for, and a little more, so that not all come back at once', async () => {
    const { clock, http } = setup();
    const { call, calledAt } = server(clock, answer(429, { 'retry-after': '3' }), answer(200));
    const result = outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(5000);
    expect(calledAt).toEqual([0, 3125]);
    expect(result.value?.status).toBe(200);
  });

  it('may be a date', async () => {
    const { clock, http } = setup();
    const date = new Date(clock.wallTime() + 2000).toUTCString();
    const { call, calledAt } = server(clock, answer(503, { 'retry-after': date }), answer(200));
    outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(5000);
    expect(calledAt).toEqual([0, 2125]);
  });

  it('that is too long gives the caller the answer now', async () => {
    const { clock, http } = setup();
    const bad = answer(429, { 'retry-after': '16' });
    const { call } = server(clock, bad);
    await expect(http.execute(GET, call)).resolves.toBe(bad);
    expect(wasLetGo(bad)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([429, 503])('of %i opens the breaker for so long', async (status) => {
    const { clock, http } = setup();
    await http.execute(POST, server(clock, answer(status, { 'retry-after': '9' })).call);
    expect(http.breaker.state).toBe('open');
    expect(http.breaker.retryAfterMs()).toBe(9000);
    await expect(http.execute(POST, server(clock, answer(200)).call)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      breaker: 'rates',
    });
  });
});

describe('a call that may change something', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'post', 'BREW'])(
    'as %s is sent once',
    async (method) => {
      const { clock, http } = setup();
      const bad = answer(503);
      const { call, calledAt } = server(clock, bad);
      await expect(http.execute({ method }, call)).resolves.toBe(bad);
      await clock.advanceAsync(10_000);
      expect(calledAt).toEqual([0]);
      expect(wasLetGo(bad)).toBe(false);
    },
  );

  it('is tried again if it is declared that it may be', async () => {
    const { clock, http } = setup();
    const { call, calledAt } = server(clock, answer(503), answer(201));
    const result = outcomeOf(http.execute(POST, idempotent(call)));
    await clock.advanceAsync(10_000);
    expect(result.value?.status).toBe(201);
    expect(calledAt).toHaveLength(2);
  });

  it('goes through the same breaker', async () => {
    const { clock, http } = setup();
    const { call } = server(clock, answer(500));
    for (let n = 0; n < STANDARD_HTTP_DEFAULTS.minimumCalls; n += 1) {
      expect(http.breaker.state).toBe('closed');
      await http.execute(POST, call);
    }
    expect(http.breaker.state).toBe('open');
    await expect(http.execute(GET, call)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('goes through the same bulkhead', async () => {
    const { http } = setup({ bulkhead: { maxConcurrent: 1, maxQueue: 0 } });
    const late = deferred<Answer>();
    const reading = http.execute(GET, () => late.promise);
    await expect(http.execute(POST, async () => answer(200))).rejects.toMatchObject({
      code: 'BULKHEAD_FULL',
    });
    late.resolve(answer(200));
    await reading;
    await expect(http.execute(POST, async () => answer(200))).resolves.toMatchObject({
      status: 200,
    });
  });

  it('has the same limits', async () => {
    const { clock, http } = setup();
    const result = outcomeOf(http.execute(POST, () => new Promise<Answer>(() => {})));
    await clock.advanceAsync(STANDARD_HTTP_DEFAULTS.attemptTimeoutMs);
    expect(result.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 8000 });
    expect(clock.pendingTimers).toBe(1); // the place of an operation that still runs
  });
});

describe('time limits', () => {
  it('are for each attempt, and for all together', async () => {
    const { clock, http } = setup({
      totalTimeoutMs: 2500,
      attemptTimeoutMs: 1000,
      bulkhead: { abandonAfterMs: 0 },
    });
    const contexts: OperationContext[] = [];
    const result = outcomeOf(
      http.execute(GET, (context) => {
        contexts.push(context);
        return new Promise<Answer>(() => {});
      }),
    );
    await clock.advanceAsync(2500);
    expect(result.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 2500 });
    expect(contexts.map(({ signal }) => signal.reason.timeoutMs)).toEqual([1000, 1000, 2500]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('count time in the queue of the bulkhead, and the limit of a call counts as well', async () => {
    const { clock, http } = setup({ bulkhead: { maxConcurrent: 1, maxQueue: 1 } });
    outcomeOf(http.execute(GET, () => new Promise<Answer>(() => {})));
    const waiting = outcomeOf(http.execute(POST, async () => answer(200), { timeoutMs: 500 }));
    await clock.advanceAsync(500);
    expect(waiting.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 500 });
  });

  it('let go of an answer that comes too late', async () => {
    const { clock, http } = setup();
    const late = deferred<Answer>();
    const result = outcomeOf(http.execute(POST, () => late.promise));
    await clock.advanceAsync(8000);
    expect(result.error).toMatchObject({ code: 'TIMEOUT' });
    const [good] = [answer(200)];
    late.resolve(good);
    await flush();
    expect(wasLetGo(good)).toBe(true);
  });

  it('hold until the headers have come, and leave the body alone', async () => {
    const { clock, http } = setup();
    let signal: AbortSignal | undefined;
    await http.execute(GET, async (context) => {
      signal = context.signal;
      return answer(200);
    });
    await clock.advanceAsync(60_000);
    expect(signal?.aborted).toBe(false);
  });
});

describe('a caller who gives up', () => {
  it('ends the call in a wait, and keeps no answer', async () => {
    const { clock, http } = setup();
    const controller = new AbortController();
    const bad = answer(503);
    const { call, calledAt } = server(clock, bad);
    const result = outcomeOf(http.execute(GET, call, { signal: controller.signal }));
    await flush();
    controller.abort('enough');
    await flush();
    expect(result.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(wasLetGo(bad)).toBe(true);
    await clock.advanceAsync(10_000);
    expect(calledAt).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('in the moment in which the answer comes keeps none either', async () => {
    const { clock, http } = setup();
    const controller = new AbortController();
    http.breaker.events.on('failed', () => controller.abort());
    const bad = answer(503);
    const result = outcomeOf(
      http.execute(POST, server(clock, bad).call, { signal: controller.signal }),
    );
    await flush();
    expect(result.error).toMatchObject({ code: 'ABORTED' });
    expect(wasLetGo(bad)).toBe(true);
  });
});

describe('the budget', () => {
  it('bounds retries from the start', async () => {
    const { clock, http } = setup();
    const reasons: string[] = [];
    http.retry.events.on('gaveUp', ({ reason }) => reasons.push(reason));
    const bad = server(clock, answer(503));
    const calls = Array.from({ length: 10 }, () => outcomeOf(http.execute(GET, bad.call)));
    await flush();
    expect(calls.filter(({ isSettled }) => isSettled)).toHaveLength(7);
    expect(reasons).toEqual(Array.from({ length: 7 }, () => 'budget'));
  });

  it('may be shared, or left out', async () => {
    const budget = retryBudget();
    expect(setup({ budget }).http.retry.budget).toBe(budget);
    expect(setup({ budget }, true).http.hedge?.budget).toBe(budget);
    expect(setup({ budget: false }).http.retry.budget).toBeUndefined();
    const { http } = setup({}, true);
    expect(http.hedge?.budget).toBe(http.retry.budget);
  });
});

describe('standardHedgedHttp', () => {
  it('makes another attempt beside a slow one, and cancels the loser', async () => {
    const { clock, http } = setup({}, true);
    const contexts: OperationContext[] = [];
    const answers = [deferred<Answer>(), deferred<Answer>()];
    const result = outcomeOf(
      http.execute(GET, (context) => {
        contexts.push(context);
        return answers[contexts.length - 1]?.promise as Promise<Answer>;
      }),
    );
    await clock.advanceAsync(STANDARD_HTTP_DEFAULTS.hedgeInitialMs);
    expect(contexts).toHaveLength(2);
    const [good, late] = [answer(200), answer(200)];
    answers[1]?.resolve(good);
    await flush();
    expect(result.value).toBe(good);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    answers[0]?.resolve(late);
    await flush();
    expect([good, late].map(wasLetGo)).toEqual([false, true]);
    expect(http.breaker.stats().totals).toMatchObject({ succeeded: 1, ignored: 1, failed: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not let a bad answer win, and lets go of it', async () => {
    const { clock, http } = setup({ hedge: { delayMs: 100 } }, true);
    const answers = [deferred<Answer>(), deferred<Answer>()];
    let calls = 0;
    const result = outcomeOf(http.execute(GET, () => answers[calls++]?.promise as Promise<Answer>));
    await clock.advanceAsync(100);
    const [bad, good] = [answer(503), answer(200)];
    answers[1]?.resolve(bad);
    await flush();
    expect(result.isSettled).toBe(false);
    answers[0]?.resolve(good);
    await flush();
    expect(result.value).toBe(good);
    expect([bad, good].map(wasLetGo)).toEqual([true, false]);
  });

  it('sends what may change something once', async () => {
    const { clock, http } = setup({ hedge: { delayMs: 10, maxHedges: 3 } }, true);
    const operation = vi.fn(() => new Promise<Answer>(() => {}));
    outcomeOf(http.execute(POST, operation));
    await clock.advanceAsync(1000);
    expect(operation).toHaveBeenCalledTimes(1);
    outcomeOf(http.execute(GET, operation));
    await clock.advanceAsync(1000);
    expect(operation).toHaveBeenCalledTimes(5);
  });

  it('tries again where all attempts failed', async () => {
    const { clock, http } = setup({ hedge: { delayMs: 100 } }, true);
    const { call, calledAt } = server(clock, answer(503), answer(200));
    const result = outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(1000);
    expect(result.value?.status).toBe(200);
    expect(calledAt).toEqual([0, 125]);
  });
});

describe('whatever happens', () => {
  const attempt = fc.record({
    status: fc.constantFrom(200, 404, 429, 500, 503),
    endsAfter: fc.integer({ min: 1, max: 4000 }),
    kind: fc.constantFrom('answers', 'rejects', 'throws'),
    heeds: fc.boolean(),
  });
  const call = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    startsAt: fc.integer({ min: 0, max: 3000 }),
    abortsAfter: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
    attempts: fc.array(attempt, { minLength: 1, maxLength: 4 }),
  });

  it('every caller is answered, everything is given back, and no answer is left open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async (calls) => {
        const budget = retryBudget();
        const options = {
          budget,
          totalTimeoutMs: 6000,
          attemptTimeoutMs: 2000,
          bulkhead: { maxConcurrent: 4, maxQueue: 4 },
          breaker: { minimumCalls: 5 },
          hedge: { delayMs: 700 },
        };
        const { clock, http } = setup(options, true);
        const given: Answer[] = [];
        const results: ReturnType<typeof outcomeOf<Answer>>[] = [];
        for (const { method, startsAt, abortsAfter, attempts } of calls) {
          let begun = 0;
          const operation = ({ signal }: OperationContext) => {
            const plan = attempts[begun % attempts.length];
            begun += 1;
            if (plan === undefined || plan.kind === 'throws') throw new Error('at once');
            return new Promise<Answer>((resolve, reject) => {
              if (plan.heeds) signal.addEventListener('abort', () => reject(signal.reason));
              clock.setTimer(() => {
                const made = answer(plan.status, { 'retry-after': '1' });
                if (plan.kind === 'rejects') reject(new TypeError('fetch failed'));
                else if (!plan.heeds || !signal.aborted) {
                  given.push(made);
                  resolve(made);
                }
              }, plan.endsAfter);
            });
          };
          clock.setTimer(() => {
            const controller = new AbortController();
            if (abortsAfter !== undefined) {
              clock.setTimer(() => controller.abort(), abortsAfter);
            }
            const { signal } = controller;
            results.push(outcomeOf(http.execute({ method }, operation, { signal })));
          }, startsAt);
        }
        await clock.advanceAsync(40_000);
        const delivered = new Set(results.map(({ value }) => value));
        expect(results.map(({ isSettled }) => isSettled)).toEqual(calls.map(() => true));
        expect(given.map((one) => wasLetGo(one))).toEqual(given.map((one) => !delivered.has(one)));
        expect(budget).toMatchObject({ calls: 0, extras: 0 });
        expect(http.breaker.stats().inFlight).toBe(0);
        expect(http.bulkhead).toMatchObject({ running: 0, queued: 0, abandoned: 0 });
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('as a policy', () => {
  it('takes declared operations only', async () => {
    const { http } = setup();
    const unsafe = vi.fn(async () => answer(200));
    await expect(http.execute(safe(unsafe))).resolves.toMatchObject({ status: 200 });
    await expect(http.execute(unsafe as never)).rejects.toMatchObject({ code: 'NOT_REPEATABLE' });
    expect(() => http.wrap(unsafe as never)).toThrow(
      expect.objectContaining({ code: 'NOT_REPEATABLE' }),
    );
    await expect(http.wrap(safe(unsafe))()).resolves.toMatchObject({ status: 200 });
    expect(unsafe).toHaveBeenCalledTimes(2);
  });

  it('stands in a pipeline, and its order is seen there', async () => {
    const { clock, http } = setup();
    const around = pipeline([fallback(({ reason }) => reason), http]);
    http.breaker.holdOpen();
    await expect(around.execute(safe(async () => answer(200)))).resolves.toBe('open');
    expect(() => pipeline([new CircuitBreaker({ name: 'x', clock }), http])).toThrow(
      'breaker around retry',
    );
  });

  it('lets results pass that are no answers', async () => {
    const { http } = setup();
    await expect(http.execute(safe(() => 'text'))).resolves.toBe('text');
  });
});

describe('its parts', () => {
  it('tell their events', async () => {
    const { clock, http } = setup();
    const told: unknown[] = [];
    http.retry.events.on('retried', ({ error }) => told.push(error));
    outcomeOf(http.execute(GET, server(clock, answer(502), answer(200)).call));
    await clock.advanceAsync(1000);
    expect(told).toMatchObject([{ name: 'HttpStatusError', code: 'HTTP_STATUS', status: 502 }]);
  });

  it('know an answer by the mark of its error, for it may come from another copy of this package', async () => {
    const { clock, http } = setup({ retry: { maxAttempts: 1 } });
    const given = answer(503);
    const foreign = Object.assign(new Error('from elsewhere'), {
      code: 'HTTP_STATUS',
      status: 503,
      answer: given,
      [Symbol.for('@nestcms/circuit-breaker.error')]: true,
    });
    const call = outcomeOf(http.execute(GET, () => Promise.reject(foreign)));
    await clock.advanceAsync(0);
    expect(call.value).toBe(given);
  });

  it('may bring a breaker, or its options', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'mine', clock });
    expect(setup({ breaker }).http.breaker).toBe(breaker);
    const { http } = setup({ breaker: { minimumCalls: 1, failureRate: 0.1 } });
    await http.execute(POST, server(clock, answer(500)).call);
    expect(http.breaker.state).toBe('open');
    expect(http.breaker.name).toBe('rates');
  });

  it('may have other numbers; undefined is as if it were not there', async () => {
    const { clock, http } = setup({
      retry: { maxAttempts: 2, backoff: undefined },
      bulkhead: { maxConcurrent: undefined },
      breaker: undefined,
    } as never);
    const { call, calledAt } = server(clock, answer(503));
    outcomeOf(http.execute(GET, call));
    await clock.advanceAsync(10_000);
    expect(calledAt).toEqual([0, 125]);
    expect(http.bulkhead.limit).toBe(STANDARD_HTTP_DEFAULTS.maxConcurrent);
  });

  it('fit together by default', () => {
    const { totalTimeoutMs, attemptTimeoutMs, maxAttempts, retryMaxMs } = STANDARD_HTTP_DEFAULTS;
    expect(maxAttempts * attemptTimeoutMs + retryMaxMs).toBeLessThan(totalTimeoutMs);
    expect(setup().http.policies).toHaveLength(5);
    expect(setup({}, true).http.policies).toHaveLength(6);
  });
});

describe('what is no request', () => {
  it.each([undefined, null, {}, { method: '' }, { method: 5 }, 'GET'])(
    '%o is refused',
    async (request) => {
      await expect(
        setup().http.execute(request as never, async () => answer(200)),
      ).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option: 'request',
      });
    },
  );

  it.each([undefined, 'fetch'])('the operation %o is refused', async (operation) => {
    for (const request of [GET, POST]) {
      await expect(setup().http.execute(request, operation as never)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option: 'operation',
      });
    }
  });
});

describe('impossible options', () => {
  it.each([
    [{}, 'name'],
    [{ name: ' ' }, 'name'],
    [{ totalTimeoutMs: 0 }, 'totalTimeoutMs'],
    [{ attemptTimeoutMs: 0 }, 'attemptTimeoutMs'],
    [{ attemptTimeoutMs: 30_000 }, 'attemptTimeoutMs'],
    [{ totalTimeoutMs: 8000 }, 'attemptTimeoutMs'],
    [{ bulkhead: { maxConcurrent: 0 } }, 'bulkhead.maxConcurrent'],
    [{ bulkhead: { places: 1 } }, 'bulkhead.places'],
    [{ bulkhead: 5 }, 'bulkhead'],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
    [{ retry: { backoff: { kind: 'none' } } }, 'retry.backoff.kind'],
    [{ retry: { budget: retryBudget() } }, 'retry.budget'],
    [{ retry: null }, 'retry'],
    [{ breaker: { name: 'x' } }, 'breaker.name'],
    [{ breaker: { failureRate: 2 } }, 'breaker.failureRate'],
    [{ breaker: 'mine' }, 'breaker'],
    [{ breaker: { tryAcquire: () => undefined } }, 'breaker.tryAcquire'],
    [{ budget: 0.2 }, 'budget'],
    [{ random: 1 }, 'retry.random'],
    [{ clock: {} }, 'clock'],
    [{ hedge: {} }, 'hedge'],
    [{ timeoutMs: 1 }, 'timeoutMs'],
    [null, 'options'],
  ])('%o are refused', (options, option) => {
    const given = options !== null && option !== 'name' ? { name: 'x', ...options } : options;
    expect(() => standardHttp(given as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it.each([
    [{ hedge: { delayMs: -1 } }, 'hedge.delayMs'],
    [{ hedge: { delayMs: { percentile: 95 } } }, 'hedge.delayMs.percentile'],
    [{ hedge: { budget: retryBudget() } }, 'hedge.budget'],
  ])('%o are refused for the hedged one', (options, option) => {
    expect(() => standardHedgedHttp({ name: 'x', ...options } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
