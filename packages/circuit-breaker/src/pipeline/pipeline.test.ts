import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { failing, hanging, outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { guardLayer } from '../operation/guard-layer.js';
import type { Layer } from '../operation/layer.js';
import { Policy, type PolicyKind } from '../operation/policy.js';
import { safe } from '../operation/repeatable.js';
import { bulkhead } from '../policy/bulkhead.js';
import { cache } from '../policy/cache.js';
import { coalesce } from '../policy/coalesce.js';
import { fallback } from '../policy/fallback.js';
import { faultInjection } from '../policy/fault-injection.js';
import { hedge } from '../policy/hedge.js';
import { rateLimit } from '../policy/rate-limit.js';
import { retry } from '../policy/retry.js';
import { standardHttp } from '../policy/standard-http.js';
import { timeout } from '../policy/timeout.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type PipelineOptions, type PipelinePart, pipeline } from './pipeline.js';

/** Notes when a call comes by, on its way in and out. */
class Noting extends Policy {
  readonly kind: PolicyKind;
  readonly repeats = false;
  readonly runsLater = false;
  readonly #name: string;
  readonly #notes: string[];

  constructor(name: string, notes: string[], kind: PolicyKind = 'bulkhead') {
    super({});
    this.#name = name;
    this.#notes = notes;
    this.kind = kind;
  }

  layer(next: Layer): Layer {
    return {
      run: (call, scope, sink) => {
        this.#notes.push(`${this.#name} in`);
        next.run(call, scope, {
          settled: (failed, value) => {
            this.#notes.push(`${this.#name} out`);
            sink.settled(failed, value);
          },
        });
      },
    };
  }
}

const clock = new ManualClock();
const limit = (timeoutMs: number) => timeout({ timeoutMs, clock });
const again = () => retry({ clock, backoff: { kind: 'constant', delayMs: 100, jitter: 'none' } });

describe('pipeline', () => {
  it('puts its policies around the call, outermost first', async () => {
    const notes: string[] = [];
    const both = pipeline([new Noting('outer', notes), new Noting('inner', notes)]);
    await both.execute(() => notes.push('call'));
    expect(notes).toEqual(['outer in', 'inner in', 'call', 'inner out', 'outer out']);
  });

  it('stands in another pipeline as if its parts stood there', async () => {
    const notes: string[] = [];
    const inner = pipeline([new Noting('b', notes), new Noting('c', notes)]);
    const nested = pipeline([new Noting('a', notes), pipeline([inner]), new Noting('d', notes)]);
    await nested.execute(() => notes.push('call'));
    expect(notes.slice(0, 5)).toEqual(['a in', 'b in', 'c in', 'd in', 'call']);
  });

  it('makes no promise of its own for a further policy', async () => {
    let made = 0;
    const hook = createHook({
      init: (_id, type) => {
        if (type === 'PROMISE') made += 1;
      },
    });
    const answer = Promise.resolve(1);
    const operation = safe(() => answer);
    const count = async (one: { execute(op: typeof operation): Promise<number> }) => {
      await one.execute(operation);
      made = 0;
      hook.enable();
      const call = one.execute(operation);
      hook.disable();
      await call;
      return made;
    };
    const breaker = new CircuitBreaker({ name: 'x', clock });
    // The caller's, and the one that the platform makes for looking at the operation's.
    expect(await count(pipeline([limit(300)]))).toBe(2);
    expect(await count(pipeline([limit(300), again(), breaker, limit(100)]))).toBe(2);
  });

  it('may be used in two pipelines at once, and alone', async () => {
    const shared = limit(50);
    const { operation } = hanging();
    const calls = [
      pipeline([limit(200), shared]).execute(operation),
      pipeline([again(), shared]).execute(operation, { timeoutMs: 40 }),
      shared.execute(operation),
    ].map(outcomeOf);
    await clock.advanceAsync(60);
    expect(calls.map(({ error }) => (error as { timeoutMs: number }).timeoutMs)).toEqual([
      50, 50, 50,
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks for a repeatable operation if one of its parts, at any depth, repeats', async () => {
    const unsafe = (async () => 1) as never;
    const nested = pipeline([limit(1000), pipeline([pipeline([again()])])]);
    expect(nested.repeats).toBe(true);
    await expect(nested.execute(unsafe)).rejects.toMatchObject({
      code: 'NOT_REPEATABLE',
      policy: 'pipeline',
    });
    const plain = pipeline([limit(1000), new CircuitBreaker({ name: 'x', clock })]);
    expect(plain.repeats).toBe(false);
    await expect(plain.execute(unsafe)).resolves.toBe(1);
  });

  it('keeps the caller’s async context if one of its parts runs code later', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { operation, calledAt } = failing(1, clock);
    const seen: unknown[] = [];
    const nested = pipeline([new CircuitBreaker({ name: 'x', clock }), pipeline([again()])], {
      order: 'unchecked',
    });
    expect(nested.runsLater).toBe(true);
    storage.run('caller', () =>
      outcomeOf(
        nested.execute(
          safe((context) => {
            seen.push(storage.getStore());
            return operation(context);
          }),
        ),
      ),
    );
    await clock.advanceAsync(100);
    expect(calledAt).toHaveLength(2);
    expect(seen).toEqual(['caller', 'caller']);
    expect(pipeline([new CircuitBreaker({ name: 'y', clock })]).runsLater).toBe(false);
  });

  it('wraps functions', async () => {
    const add = pipeline([limit(100)]).wrap(async (one: number, two: number) => one + two);
    await expect(add(1, 2)).resolves.toBe(3);
  });

  it('keeps its own list of parts', async () => {
    const parts = [limit(100)];
    const made = pipeline(parts);
    parts.pop();
    expect(made.policies).toHaveLength(1);
    expect(Object.isFrozen(made.policies)).toBe(true);
  });
});

const nothing = (): void => {};

describe('what a pipeline is made of', () => {
  it.each([
    [[]],
    [undefined],
    [null],
    [{}],
    [[undefined]],
    [[null]],
    [[limit(1), 'retry']],
    [[() => 1]],
    [[{ kind: 'retry' }]],
    [[{ tryAcquire: nothing }]],
    [[{ tryAcquire: nothing, acquire: nothing, openError: nothing }]],
    [[{ [Symbol.for('@nestcms/circuit-breaker.inner')]: {} }]],
    [[{ [Symbol.for('@nestcms/circuit-breaker.inner')]: {}, tryAcquire: nothing }]],
  ])('%o is refused', (policies) => {
    expect(() => pipeline(policies as unknown as PipelinePart[])).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        option: 'policies',
        allowed: 'a list of at least one policy or circuit breaker',
      }),
    );
  });

  it.each([
    [{ order: 'loose' }, 'order'],
    [{ order: null }, 'order'],
    [{ clock: {} }, 'clock'],
    [{ name: 'x' }, 'name'],
  ])('options %o are refused', (options, option) => {
    expect(() => pipeline([limit(1)], options as PipelineOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it('may come from another copy of this package', async () => {
    const made = pipeline([again(), limit(100)]);
    const { repeats, runsLater, policies, order } = made;
    const foreign = {
      kind: 'pipeline' as const,
      repeats,
      runsLater,
      policies,
      order,
      layer: (next: Layer) => made.layer(next),
    };
    expect(pipeline([limit(200), foreign]).repeats).toBe(true);
    expect(() => pipeline([new CircuitBreaker({ name: 'x', clock }), foreign])).toThrow(
      'breaker around retry',
    );
  });
});

describe('the order in a pipeline', () => {
  const breaker = new CircuitBreaker({ name: 'x', clock });

  it('is judged at construction, and not where it is said to be unchecked', () => {
    expect(() => pipeline([breaker, again()])).toThrow('put the breaker inside');
    expect(pipeline([breaker, again()], { order: 'unchecked' }).order).toBe('unchecked');
    expect(pipeline([again(), breaker]).order).toBe('checked');
  });

  it('is judged through nested pipelines', () => {
    const inner = pipeline([again(), limit(100)]);
    expect(() => pipeline([breaker, inner])).toThrow('breaker around retry');
    expect(() => pipeline([limit(100), pipeline([inner])])).toThrow('make the outer one longer');
    expect(() => pipeline([inner, pipeline([inner])])).toThrow(
      'the same retry stands in two places',
    );
  });

  it('says no again to the mistakes of a part only where they are new', () => {
    const odd = pipeline([breaker, again()], { order: 'unchecked' });
    expect(pipeline([limit(100), odd, limit(50)]).order).toBe('checked');
    expect(() => pipeline([odd, breaker])).toThrow('the same breaker stands in two places');
    expect(() => pipeline([new CircuitBreaker({ name: 'y', clock }), odd])).toThrow(
      'breaker around retry',
    );
  });

  it('takes a limit as one only from a timeout', () => {
    const named = Object.assign(new Noting('x', []), { timeoutMs: 10_000 });
    expect(pipeline([limit(100), named]).policies).toHaveLength(2);
  });

  it('does not compare limits that are found for each attempt', () => {
    const found = timeout({ timeoutMs: () => 10_000, clock });
    expect(pipeline([limit(100), found]).policies).toHaveLength(2);
  });
});

/** Breaks its promise never to throw, before or after it has started what is inside. */
class Throwing extends Policy {
  readonly kind = 'bulkhead';
  readonly repeats = false;
  readonly runsLater = false;
  readonly #when: 'compiled' | 'before' | 'after';

  constructor(when: 'compiled' | 'before' | 'after') {
    super({});
    this.#when = when;
  }

  layer(next: Layer): Layer {
    if (this.#when === 'compiled') throw new Error('layer is broken');
    return {
      run: (call, scope, sink) => {
        if (this.#when === 'after') next.run(call, scope, sink);
        throw new Error('run is broken');
      },
    };
  }
}

describe('a layer whose run throws', () => {
  it.each(['before', 'after'] as const)(
    'ends the call once, and what is around gives back what it holds (%s)',
    async (when) => {
      const breaker = new CircuitBreaker({ name: 'x', clock });
      const places = bulkhead({ maxConcurrent: 1, clock });
      const broken = pipeline([limit(100), places, breaker, new Throwing(when)]);
      const operation = async () => 'late';
      await expect(broken.execute(operation)).rejects.toThrow('run is broken');
      await expect(broken.wrap(operation)()).rejects.toThrow('run is broken');
      await Promise.resolve();
      expect(places.running).toBe(0);
      expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { failed: 2, succeeded: 0 } });
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('rejects alone as in a pipeline, and with a time limit for the call', async () => {
    const alone = new Throwing('before');
    await expect(alone.execute(() => 1)).rejects.toThrow('run is broken');
    await expect(alone.execute(() => 1, { timeoutMs: 50 })).rejects.toThrow('run is broken');
  });

  it('rejects too where there is no layer to be had', async () => {
    const operation = () => 1;
    await expect(new Throwing('compiled').execute(operation)).rejects.toThrow('layer is broken');
    const inside = pipeline([limit(100), new Throwing('compiled')]);
    await expect(inside.execute(operation)).rejects.toThrow('layer is broken');
    const none = Object.assign(new Throwing('before'), { layer: () => undefined });
    await expect(pipeline([none as never]).execute(operation)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'layer',
    });
  });

  it('settles nothing that was given up before', async () => {
    const controller = new AbortController();
    const throwing = new Throwing('before');
    const aborting = timeout({
      clock,
      timeoutMs: () => {
        controller.abort('enough');
        return 100;
      },
    });
    const call = pipeline([aborting, throwing]).execute(() => 1, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('costs layers of this package no guard', () => {
    const next: Layer = { run: () => {} };
    const parts = [
      limit(1),
      again(),
      hedge({ clock }),
      fallback(() => 1),
      bulkhead({ maxConcurrent: 1, clock }),
      rateLimit({ limit: 1, clock }),
      cache({ ttlMs: 1, clock }),
      coalesce({ clock }),
      faultInjection({ rate: 1, fault: { kind: 'error' }, clock, enabled: false }),
      pipeline([limit(1)]),
      pipeline([new CircuitBreaker({ name: 'x', clock })]),
      standardHttp({ name: 'x', clock }),
    ];
    for (const part of parts) {
      const layer = part.layer(next);
      expect(guardLayer(layer)).toBe(layer);
    }
    expect(guardLayer(next)).not.toBe(next);
  });
});
