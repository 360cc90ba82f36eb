import { describe, expect, it } from 'vitest';
import { setup, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import type { BreakerOpenError } from '../errors.js';
import { exportState, importState } from './snapshot.js';

const ROOMY = { minimumCalls: 10 };

const closedWithCalls = () => {
  const { breaker, report } = setup(ROOMY);
  report('failure', 3);
  return exportState(breaker);
};

const open = () => {
  const { breaker } = setup();
  breaker.trip();
  return exportState(breaker);
};

describe('a breaker that takes in a state', () => {
  it('closes by it, and says so', () => {
    const { breaker, heard } = setup(ROOMY);
    breaker.trip();
    heard.length = 0;
    importState(breaker, closedWithCalls());
    expect(heard[0]).toMatchObject(['closed', { from: 'open', reason: 'restored' }]);
    expect(breaker.stats().window.calls).toBe(3);
  });

  it('takes in no calls in mode disabled, and makes none late', async () => {
    const { breaker } = setup({ ...ROOMY, mode: 'disabled' });
    const gate = deferred<string>();
    const call = breaker.execute(() => gate.promise);
    importState(breaker, closedWithCalls());
    gate.resolve('ok');
    await call;
    expect(breaker.stats()).toMatchObject({ window: { calls: 0 }, totals: { late: 0 } });
  });

  it('takes in the calls of a closed one in mode shadow, and of an open one none', () => {
    const { breaker } = setup({ ...ROOMY, mode: 'shadow' });
    importState(breaker, closedWithCalls());
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 3 } });
    importState(breaker, open());
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0 } });
  });
});

describe('why a breaker refuses', () => {
  it('is that it is held open, or ramps up', async () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 1 }, rampUp: { durationMs: 5000 } });
    breaker.holdOpen();
    expect(breaker.openError()).toMatchObject({ reason: 'heldOpen' });
    breaker.reset();
    breaker.trip();
    clock.advance(1000);
    await breaker.execute(succeed);
    expect(breaker.openError()).toMatchObject({ reason: 'rampingUp' });
  });
});

describe('when a caller who was refused may try again', () => {
  const refusal = (breaker: ReturnType<typeof setup>['breaker']) =>
    breaker.execute(succeed).catch((error: BreakerOpenError) => error) as Promise<BreakerOpenError>;

  it('is at once, as soon as a hold has ended', async () => {
    const { breaker } = setup();
    breaker.holdOpen();
    const error = await refusal(breaker);
    expect(error.retryAfterMs).toBe(1000);
    breaker.reset();
    expect(error.retryAfterMs).toBe(0);
  });

  it('is at once, as soon as a ramp-up has ended, whatever came after it', async () => {
    const { breaker, clock } = setup({
      halfOpen: { trials: 1 },
      rampUp: { initialShare: 0.01, durationMs: 100_000 },
    });
    breaker.trip();
    clock.advance(1000);
    await breaker.execute(succeed);
    await breaker.execute(succeed);
    const error = await refusal(breaker);
    expect(error).toMatchObject({ reason: 'rampingUp', retryAfterMs: 1000 });
    breaker.trip();
    expect(error.retryAfterMs).toBe(0);
  });

  it('is said by the trials that kept it out, also after them', async () => {
    const { breaker, clock } = setup({ halfOpen: { trials: 1, maxDurationMs: 500 } });
    breaker.trip();
    clock.advance(1000);
    breaker.tryAcquire();
    const error = await refusal(breaker);
    clock.advance(100);
    breaker.trip();
    expect(error.retryAfterMs).toBe(400);
  });
});
