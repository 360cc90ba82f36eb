import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../../src/adapters/opossum/index.js';
import { useFakeTime } from './setup.js';

const { pass, keep, held } = useFakeTime();

describe('a call that began before the circuit opened', () => {
  it('does not close it by a success while it is half-open', async () => {
    const { circuit, fire, end, failOnce } = held();
    fire('early');
    await failOnce();
    circuit.open();
    await pass(100);
    expect(circuit.halfOpen).toBe(true);
    await end('early', 'resolve');
    expect(circuit.halfOpen).toBe(true);
    expect(circuit.pendingClose).toBe(true);
    expect(circuit.stats.successes).toBe(1);
  });

  it('does not open it again by a failure while it is half-open', async () => {
    const { circuit, fire, end, failOnce } = held();
    fire('early');
    await failOnce();
    circuit.open();
    await pass(100);
    await end('early', 'reject');
    expect(circuit.halfOpen).toBe(true);
    expect(circuit.stats.failures).toBe(2);
  });

  it('does not open it again by a failure after it was closed', async () => {
    const { circuit, fire, end } = held({ errorThresholdPercentage: 0 });
    fire('early');
    circuit.open();
    await pass(100);
    fire('trial');
    await end('trial', 'resolve');
    expect(circuit.closed).toBe(true);
    await end('early', 'reject');
    expect(circuit.closed).toBe(true);
  });
});

describe('failures from before the circuit opened', () => {
  it('do not open it again once it was closed by a trial', async () => {
    const { circuit, fire, end, failOnce } = held({ errorThresholdPercentage: 50 });
    await failOnce();
    expect(circuit.opened).toBe(true);
    await pass(100);
    fire('trial');
    await end('trial', 'resolve');
    // One of two since it was half-open; two of three in the window.
    await failOnce();
    expect(circuit.closed).toBe(true);
    expect(circuit.stats).toMatchObject({ fires: 3, failures: 2 });
    await failOnce();
    expect(circuit.opened).toBe(true);
  });

  it('do not open it again once it was closed by hand', async () => {
    const { circuit, fire, end, failOnce } = held({ errorThresholdPercentage: 50 });
    await failOnce();
    circuit.close();
    fire('good');
    await end('good', 'resolve');
    await failOnce();
    expect(circuit.closed).toBe(true);
  });
});

describe('a trial', () => {
  it('that never ends gives way after a minute', async () => {
    const { circuit, fire, end } = held();
    circuit.open();
    await pass(100);
    fire('hangs');
    await pass(59_999);
    await expect(circuit.fire()).rejects.toMatchObject({ code: 'EOPENBREAKER' });
    await pass(101);
    expect(circuit.pendingClose).toBe(true);
    fire('next');
    await end('next', 'resolve');
    expect(circuit.closed).toBe(true);
  });

  it('may take as long as its time limit, and twice that', async () => {
    const { circuit, fire } = held({ timeout: 90_000 });
    circuit.open();
    await pass(100);
    fire('slow');
    await pass(89_999);
    expect(circuit.halfOpen).toBe(true);
    await pass(1);
    expect(circuit.opened).toBe(true);
  });

  it('that fails opens the circuit again, though it warms up', async () => {
    const { circuit, failOnce } = held({ allowWarmUp: true, rollingCountTimeout: 10_000 });
    circuit.open();
    await pass(100);
    await failOnce();
    expect(circuit.warmUp).toBe(true);
    expect(circuit.opened).toBe(true);
  });

  it('that finds the circuit full is no trial', async () => {
    const { circuit, fire, end } = held({ capacity: 1 });
    fire('early');
    circuit.open();
    await pass(100);
    await expect(circuit.fire()).rejects.toMatchObject({ code: 'ESEMLOCKED' });
    expect(circuit.pendingClose).toBe(true);
    await end('early', 'resolve');
    fire('trial');
    await end('trial', 'resolve');
    expect(circuit.closed).toBe(true);
  });
});

it('is half-open on time, though the clock lags behind its timers', async () => {
  const { circuit } = held();
  const halfOpened = vi.fn();
  circuit.on('halfOpen', halfOpened);
  circuit.open();
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() - 0.7);
  await pass(100);
  expect(halfOpened).toHaveBeenCalledTimes(1);
  expect(circuit.pendingClose).toBe(true);
});

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'is told half-open once, though its time comes after %i looks at the clock',
  async (early) => {
    const { circuit } = held();
    const heard: string[] = [];
    for (const event of ['open', 'halfOpen', 'close'] as const) {
      circuit.on(event, () => heard.push(event));
    }
    circuit.open();
    await pass(99);
    const now = performance.now.bind(performance);
    let looks = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      looks += 1;
      return now() - (looks > early ? 0 : 0.7);
    });
    await pass(1);
    expect(heard).toEqual(['open', 'halfOpen']);
  },
);

it('shares the promise of a later call on, when an earlier one ends', async () => {
  const { circuit, fire, end } = held({
    coalesce: true,
    coalesceTTL: 10,
    coalesceResetOn: ['success'],
    cacheGetKey: () => 'same',
  });
  fire('early');
  await pass(10);
  fire('later');
  await end('early', 'resolve');
  const shared = circuit.fire('joins');
  await end('later', 'resolve');
  expect(await shared).toBe('later');
});

describe('a circuit that was shut down', () => {
  it('stays so, whatever is done and however its calls end', async () => {
    const { circuit, fire, end } = held({ errorThresholdPercentage: 0 });
    fire('early');
    circuit.shutdown();
    await end('early', 'reject');
    circuit.open();
    circuit.close();
    circuit.enable();
    circuit.shutdown();
    expect(circuit).toMatchObject({
      isShutdown: true,
      enabled: false,
      opened: false,
      closed: false,
    });
    await expect(circuit.fire()).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('asks no health check any more, and hears of none', async () => {
    const checked: number[] = [];
    const circuit = keep(new CircuitBreaker(async () => {}));
    let fail: (error: Error) => void = () => {};
    circuit.healthCheck(() => {
      checked.push(Date.now());
      return new Promise((_, reject) => {
        fail = reject;
      });
    }, 100);
    await pass(100);
    circuit.shutdown();
    const heard = vi.fn();
    circuit.on('healthCheckFailed', heard);
    fail(new Error('too late'));
    await pass(1000);
    expect(heard).not.toHaveBeenCalled();
    expect(checked).toHaveLength(2);
    circuit.healthCheck(() => checked.push(0));
    expect(checked).toHaveLength(2);
  });

  it('may be so by its health check', async () => {
    const circuit = keep(new CircuitBreaker(async () => {}));
    const check = vi.fn(() => circuit.shutdown());
    circuit.healthCheck(check, 100);
    expect(vi.getTimerCount()).toBe(0);
    await pass(1000);
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('may be so by a listener of the call it refuses', async () => {
    const circuit = keep(new CircuitBreaker(async () => {}));
    circuit.on('fire', () => circuit.shutdown());
    await expect(circuit.fire()).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });
});
