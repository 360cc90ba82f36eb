import { describe, expect, it, vi } from 'vitest';
import { down, setup, setupHalfOpen } from '../../test/support/breaker-setup.js';

const throwing = () => {
  throw down;
};

describe('executeSync', () => {
  it('gives back what the operation gives, or throws what it throws', () => {
    const { breaker, heard } = setup({ minimumCalls: 10 });
    expect(breaker.executeSync(() => 5)).toBe(5);
    expect(breaker.executeSync(() => undefined)).toBeUndefined();
    expect(() => breaker.executeSync(throwing)).toThrow(down);
    expect(heard.map(([name]) => name)).toEqual(['succeeded', 'succeeded', 'failed']);
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      window: { calls: 3, failures: 1 },
      totals: { succeeded: 2, failed: 1 },
    });
  });

  it('throws the refusal, and calls nothing', () => {
    const { breaker } = setup();
    breaker.trip();
    const operation = vi.fn();
    const attempt = () => breaker.executeSync(operation);
    expect(attempt).toThrow(expect.objectContaining({ code: 'BREAKER_OPEN', reason: 'open' }));
    breaker.shutDown();
    expect(attempt).toThrow(expect.objectContaining({ code: 'BREAKER_SHUT_DOWN' }));
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().totals.rejected).toBe(2);
  });

  it('is a trial while half-open', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 2 } });
    breaker.executeSync(() => 1);
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', trials: { succeeded: 1 } });
    expect(() => breaker.executeSync(throwing)).toThrow(down);
    expect(breaker.state).toBe('open');
  });

  it('asks classify', () => {
    const { breaker } = setup({
      classify: (settled) => (settled.status === 'fulfilled' ? 'failure' : 'ignored'),
    });
    breaker.executeSync(() => 503);
    expect(() => breaker.executeSync(throwing)).toThrow(down);
    expect(breaker.stats().totals).toMatchObject({ failed: 1, ignored: 1 });
  });

  it('nests: a call within a call holds a permit of its own', () => {
    const { breaker } = setup();
    const inFlight = breaker.executeSync(() => breaker.executeSync(() => breaker.stats().inFlight));
    expect(inFlight).toBe(2);
    expect(breaker.stats().inFlight).toBe(0);
  });

  it.each<[string, () => unknown]>([
    ['resolves', async () => 1],
    ['rejects', async () => throwing()],
  ])(
    'refuses an operation whose promise %s: its end would be counted too early',
    async (_how, operation) => {
      const { breaker } = setup();
      expect(() => breaker.executeSync(operation)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' }),
      );
      expect(breaker.stats()).toMatchObject({
        inFlight: 0,
        window: { calls: 0 },
        totals: { ignored: 1, succeeded: 0, failed: 0 },
      });
      await new Promise((resolve) => setImmediate(resolve));
    },
  );

  it('gives back a value that throws when it is looked at, and keeps no permit', () => {
    const { breaker } = setup();
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    const given = breaker.executeSync(() => trap);
    expect(Object.is(given, trap)).toBe(true);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 1 } });
  });

  it.each([undefined, null, 5, 'x'])(
    'refuses %o for an operation, and takes no permit',
    (operation) => {
      const { breaker } = setup();
      expect(() => breaker.executeSync(operation as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' }),
      );
      expect(breaker.stats().inFlight).toBe(0);
    },
  );
});

describe('wrapSync', () => {
  it('keeps this, the arguments and what is given back', () => {
    const { breaker } = setup();
    const adder = {
      base: 10,
      add(this: { base: number }, ...numbers: number[]) {
        return this.base + numbers.reduce((sum, number) => sum + number, 0);
      },
    };
    // oxlint-disable-next-line typescript/unbound-method -- `this` is what the test is about
    const wrapped = { base: 20, add: breaker.wrapSync(adder.add) };
    expect(wrapped.add()).toBe(20);
    expect(wrapped.add(1, 2)).toBe(23);
    expect(breaker.stats().totals.succeeded).toBe(2);
  });

  it('throws what the function throws, and the refusal', () => {
    const { breaker } = setup({ minimumCalls: 1 });
    const wrapped = breaker.wrapSync(throwing);
    expect(wrapped).toThrow(down);
    expect(wrapped).toThrow(expect.objectContaining({ code: 'BREAKER_OPEN' }));
  });

  it('refuses what is no function', () => {
    expect(() => setup().breaker.wrapSync(5 as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' }),
    );
  });
});
