import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { recordPolicyEvents } from '../../test/support/record-policy-events.js';
import {
  bulkhead,
  type CallOptions,
  coalesce,
  InvalidOptionError,
  type OperationContext,
  type PolicyOptions,
  pipeline,
  retry,
  safe,
  timeout,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

const setup = () => {
  const clock = new ManualClock();
  const policy = coalesce({ clock });
  const runs: (ReturnType<typeof deferred<object>> & { readonly context: OperationContext })[] = [];
  const operation = (context: OperationContext) => {
    const run = { ...deferred<object>(), context };
    runs.push(run);
    return run.promise;
  };
  const call = (options: CallOptions = { key: 'rates' }) => {
    const answer = policy.execute(operation, options);
    answer.catch(() => {});
    return answer;
  };
  return { clock, policy, runs, call };
};

describe('coalesce', () => {
  it('runs once for calls with the same key, and gives all of them the same object', async () => {
    const { policy, runs, call } = setup();
    const answers = [call(), call(), call()];
    expect([runs.length, policy.running]).toEqual([1, 1]);
    const rates = { aed: 3.67 };
    runs[0]?.resolve(rates);
    for (const answer of answers) expect(await answer).toBe(rates);
    expect(policy.running).toBe(0);
  });

  it('gives all of them the same error', async () => {
    const { runs, call } = setup();
    const answers = [call(), call()];
    const down = new Error('down');
    runs[0]?.reject(down);
    for (const answer of answers) await expect(answer).rejects.toBe(down);
  });

  it('runs again for a call that comes when the last has ended, even within its answer', async () => {
    const { runs, call } = setup();
    const again = call().then(() => call());
    runs[0]?.resolve({});
    await flush();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve({ second: true });
    await expect(again).resolves.toEqual({ second: true });
  });

  it('runs for each key, and for each call without one', () => {
    const { policy, runs, call } = setup();
    for (const options of [{ key: 'a' }, { key: 'b' }, {}, {}]) void call(options);
    expect([runs.length, policy.running]).toEqual([4, 2]);
  });

  it('shares an operation that ends or throws at once with nobody', async () => {
    const { policy } = setup();
    const broken = vi.fn<() => never>(() => {
      throw new Error('at once');
    });
    await expect(policy.execute(broken, { key: 'a' })).rejects.toThrow('at once');
    await expect(policy.execute(broken, { key: 'a' })).rejects.toThrow('at once');
    expect([broken.mock.calls.length, policy.running]).toEqual([2, 0]);
  });

  it('goes on for those that wait when one gives up, be it the first', async () => {
    const { runs, call } = setup();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const [first, second, third] = controllers.map(({ signal }) => call({ key: 'a', signal }));
    controllers[0]?.abort('no longer');
    await expect(first).rejects.toMatchObject({ code: 'ABORTED', cause: 'no longer' });
    controllers[2]?.abort();
    await expect(third).rejects.toMatchObject({ code: 'ABORTED' });
    expect(runs[0]?.context.signal.aborted).toBe(false);
    runs[0]?.resolve({ ok: true });
    await expect(second).resolves.toEqual({ ok: true });
  });

  it('has as much time as those have who are left', () => {
    const { runs, call } = setup();
    const controller = new AbortController();
    void call({ key: 'a', timeoutMs: 500, signal: controller.signal });
    void call({ key: 'a', timeoutMs: 300 });
    expect(runs[0]?.context.remainingMs).toBe(500);
    controller.abort();
    expect(runs[0]?.context.remainingMs).toBe(300);
  });

  it('that has ended is not given up any more', async () => {
    const { clock, policy } = setup();
    const signals: AbortSignal[] = [];
    const controller = new AbortController();
    const backoff = { kind: 'constant', jitter: 'none' } as const;
    const tries = pipeline([retry({ backoff, clock }), policy], { order: 'unchecked' });
    const failing = safe(({ signal }: OperationContext) => {
      signals.push(signal);
      return Promise.reject(new Error('down'));
    });
    const answer = tries.execute(failing, { key: 'a', signal: controller.signal });
    await flush();
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('is given up when all have, with the reason of the last', async () => {
    const { policy, runs, call } = setup();
    const controllers = [new AbortController(), new AbortController()];
    for (const { signal } of controllers) void call({ key: 'a', signal });
    const signal = runs[0]?.context.signal;
    controllers[0]?.abort('first');
    controllers[1]?.abort('second');
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe('second');
    expect(policy.running).toBe(0);
    const next = call({ key: 'a' });
    runs[0]?.resolve({ late: true });
    runs[1]?.resolve({ late: false });
    await expect(next).resolves.toEqual({ late: false });
  });

  it('lets each caller have a deadline of its own', async () => {
    const { clock, runs, call } = setup();
    const patient = call({ key: 'a', timeoutMs: 500 });
    expect(runs[0]?.context.remainingMs).toBe(500);
    const hasty = call({ key: 'a', timeoutMs: 100 });
    expect(runs[0]?.context.remainingMs).toBe(500);
    clock.advance(100);
    await expect(hasty).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(runs[0]?.context.signal.aborted).toBe(false);
    const endless = call({ key: 'a' });
    expect(runs[0]?.context.remainingMs).toBe(Number.POSITIVE_INFINITY);
    clock.advance(400);
    await expect(patient).rejects.toMatchObject({ code: 'TIMEOUT' });
    runs[0]?.resolve({ ok: true });
    await expect(endless).resolves.toEqual({ ok: true });
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up what lies inside when all have, so that it holds nothing any more', async () => {
    const { clock, policy } = setup();
    const places = bulkhead({ maxConcurrent: 1, clock });
    const limited = pipeline([policy, places, timeout({ timeoutMs: 1000, clock })]);
    const controller = new AbortController();
    const heeding = ({ signal }: OperationContext) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const options = { key: 'a', signal: controller.signal };
    const answers = [limited.execute(heeding, options), limited.execute(heeding, options)];
    expect([places.running, clock.pendingTimers]).toEqual([1, 1]);
    controller.abort();
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    expect([places.running, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('keeps the place that its first caller has further out while the run lasts, and no other', async () => {
    const { clock, policy } = setup();
    const places = bulkhead({ maxConcurrent: 5, clock });
    const shared = pipeline([places, policy]);
    const operation = deferred<object>();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const [first, second, third] = controllers.map(({ signal }) =>
      shared.execute(() => operation.promise, { key: 'a', signal }),
    );
    controllers[0]?.abort();
    controllers[1]?.abort();
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' });
    expect([places.running, places.abandoned]).toEqual([2, 1]);
    operation.resolve({});
    await third;
    expect(places.running).toBe(0);
  });

  it('tells each in its own async context, and runs in that of the first', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy } = setup();
    const seen: unknown[] = [];
    // Asked by the policy further out how it ended, before any caller is answered.
    const outer = retry({
      clock,
      shouldRetry: () => {
        seen.push(storage.getStore());
        return false;
      },
    });
    const asked = pipeline([outer, policy], { order: 'unchecked' });
    const operation = deferred<never>();
    const run = safe(async () => {
      await operation.promise.catch(() => {});
      seen.push(`runs for ${storage.getStore()}`);
      throw new Error('down');
    });
    const answers = ['one', 'two', 'three'].map((name) =>
      storage.run(name, () => asked.execute(run, { key: 'a' })),
    );
    storage.run('somebody', () => operation.reject(new Error('down')));
    for (const answer of answers) await expect(answer).rejects.toThrow('down');
    expect(seen).toEqual(['runs for one', 'one', 'two', 'three']);
  });

  it('tells who joins', () => {
    const { policy, call } = setup();
    const heard = recordPolicyEvents(policy.events, ['joined']);
    for (let caller = 0; caller < 3; caller += 1) void call();
    void call({});
    expect(heard).toEqual([
      ['joined', { key: 'rates', callers: 2 }],
      ['joined', { key: 'rates', callers: 3 }],
    ]);
  });

  it('forgets callers that left, however long the run takes', async () => {
    const { policy, runs, call } = setup();
    const counts: number[] = [];
    policy.events.on('joined', ({ callers }) => counts.push(callers));
    void call();
    for (let caller = 0; caller < 100; caller += 1) {
      const controller = new AbortController();
      void call({ key: 'rates', signal: controller.signal });
      controller.abort();
    }
    expect(new Set(counts)).toEqual(new Set([2]));
    expect(runs).toHaveLength(1);
  });

  it('refuses unknown options', () => {
    expect(() => coalesce({ keys: 5 } as PolicyOptions)).toThrow(InvalidOptionError);
    expect(() => coalesce({ keys: 5 } as PolicyOptions)).toThrow("Option 'keys'");
  });
});

describe('whatever joins, leaves and ends in between', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('call' as const), key: fc.constantFrom('a', 'b') }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('abort' as const), at: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(10) }) },
  );

  it('each caller is answered once, by a run that was not given up, and no key runs twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const policy = coalesce();
        const running = new Map<string, number>();
        let mostAtOnce = 0;
        const callers: { readonly controller: AbortController; answers: unknown[] }[] = [];
        const runs: { readonly end: () => void; readonly signal: AbortSignal }[] = [];
        const call = (key: string) => {
          const caller = { controller: new AbortController(), answers: [] as unknown[] };
          callers.push(caller);
          const run = ({ signal }: OperationContext) => {
            const count = (running.get(key) ?? 0) + 1;
            running.set(key, count);
            mostAtOnce = Math.max(mostAtOnce, count);
            const ended = deferred<{ readonly wasGivenUp: boolean }>();
            let isOver = false;
            const over = () => {
              if (isOver) return;
              isOver = true;
              running.set(key, (running.get(key) ?? 0) - 1);
              ended.resolve({ wasGivenUp: signal.aborted });
            };
            signal.addEventListener('abort', over);
            runs.push({ end: over, signal });
            return ended.promise;
          };
          policy.execute(run, { key, signal: caller.controller.signal }).then(
            (value) => caller.answers.push(value),
            (error: unknown) => caller.answers.push(error),
          );
        };
        for (const taken of steps) {
          if (taken.kind === 'call') call(taken.key);
          else if (taken.kind === 'abort') callers[taken.at]?.controller.abort();
          else runs[taken.at]?.end();
          await flush();
        }
        for (const { end } of runs) end();
        await flush();
        const answers = callers.map(({ answers: [answer, ...more] }) => ({ answer, more }));
        const isGood = ({ answer, more }: { answer: unknown; more: unknown[] }) =>
          more.length === 0 &&
          ((answer as { code?: string }).code === 'ABORTED' ||
            (answer as { wasGivenUp?: boolean }).wasGivenUp === false);
        expect(answers.every(isGood)).toBe(true);
        expect([mostAtOnce <= 1, policy.running]).toEqual([true, 0]);
      }),
      { numRuns: 100 },
    );
  });
});
