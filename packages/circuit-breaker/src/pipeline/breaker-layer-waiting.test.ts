import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { Call } from '../operation/call.js';
import type { Layer } from '../operation/layer.js';
import { OPERATION_LAYER } from '../operation/operation-layer.js';
import { ENDLESS, Scope } from '../operation/scope.js';
import { timeout } from '../policy/timeout.js';
import { ManualClock } from '../testing/manual-clock.js';
import { BreakerLayer } from './breaker-layer.js';
import { pipeline } from './pipeline.js';

/** Half-open, with room for one trial and one that waits. */
const setup = (trials = 1) => {
  const clock = new ManualClock();
  const halfOpen = { trials, maxWaiting: 1 };
  const breaker = new CircuitBreaker({ name: 'x', openForMs: 1000, halfOpen, clock });
  breaker.trip();
  clock.advance(1000);
  const around = pipeline([timeout({ timeoutMs: 100, clock }), breaker]);
  const occupy = () => {
    const trial = deferred<number>();
    outcomeOf(around.execute(() => trial.promise));
    return trial;
  };
  return { clock, breaker, around, occupy };
};

describe('a call that waits for a breaker in a pipeline', () => {
  it('leaves its place to others when it is given up', async () => {
    const { around, occupy } = setup();
    const trial = occupy();
    const controller = new AbortController();
    outcomeOf(around.execute(() => 'first', { signal: controller.signal }));
    await flush();
    controller.abort();
    const second = outcomeOf(around.execute(() => 'second'));
    trial.resolve(1);
    await flush();
    expect(second.value).toBe('second');
  });

  it('is told when the breaker is shut down meanwhile', async () => {
    const { breaker, around, occupy } = setup();
    occupy();
    const call = outcomeOf(around.execute(() => 'never'));
    await flush();
    breaker.shutDown();
    await flush();
    expect(call.error).toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
  });

  it('counts as failed only if it was let in before its time was over, to the very moment', async () => {
    const ends = new Set<string>();
    for (let moment = 0; moment < 12; moment += 1) {
      const { clock, breaker, around } = setup(2);
      const operation = vi.fn(() => new Promise(() => {}));
      const call = outcomeOf(around.execute(operation));
      // There is a place; it comes by a promise.
      for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
      clock.advance(100);
      await flush();
      expect(call.error).toMatchObject({ code: 'TIMEOUT' });
      expect(breaker.stats().totals.failed).toBe(operation.mock.calls.length);
      expect(breaker.stats().inFlight).toBe(0);
      ends.add(operation.mock.calls.length > 0 ? 'let in' : 'not let in');
    }
    expect(ends).toEqual(new Set(['let in', 'not let in']));
  });
});

describe('a breaker as a layer', () => {
  const run = (breaker: CircuitBreaker, next: Layer, scope: Scope = ENDLESS) => {
    const settled = vi.fn();
    new BreakerLayer(breaker, next).run(new Call(() => 1, {}, false), scope, { settled });
    return settled.mock.calls;
  };

  it('says nothing more once a call that waits was given up', async () => {
    const { breaker, occupy } = setup();
    occupy();
    const scope = new Scope();
    const calls = run(breaker, OPERATION_LAYER, scope);
    scope.abort(new Error('given up'));
    await flush();
    expect(calls).toEqual([]);
  });

  it.each(['closed', 'halfOpen'] as const)(
    'while %s hands on how a call ended once',
    async (state) => {
      const { breaker } = setup();
      if (state === 'closed') breaker.reset();
      expect(breaker.state).toBe(state);
      const next: Layer = {
        run: (_call, _scope, sink) => {
          sink.settled(false, 'first');
          sink.settled(true, new Error('second'));
        },
      };
      const calls = run(breaker, next);
      await flush();
      expect(calls).toEqual([[false, 'first']]);
      expect(breaker.stats().totals).toMatchObject({ succeeded: 1, failed: 0 });
    },
  );
});
