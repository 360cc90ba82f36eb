import { describe, expect, it } from 'vitest';
import { CircuitBreaker, OPOSSUM_DEFAULTS } from '../../src/adapters/opossum/index.js';
import { InvalidOptionError } from '../../src/index.js';
import { useFakeTime } from './setup.js';

const { pass, keep, held } = useFakeTime();
const action = async () => 'value';

describe('a state', () => {
  it('tells when the circuit opened, and undefined before', async () => {
    const { circuit, failOnce } = held();
    expect(circuit.toJSON().state.lastTimerAt).toBeUndefined();
    await pass(500);
    await failOnce();
    await pass(20);
    expect(circuit.toJSON().state.lastTimerAt).toBe(Date.now() - 20);
  });

  it.each([
    [40, 60],
    // Another machine's clock is ahead: it is open for no longer than it would be here.
    [-5000, 100],
    // No number: it opened now.
    [Number.NaN, 100],
  ])('opened %i ms ago leaves it open for %i ms', async (agoMs, leftMs) => {
    const { circuit } = held({ state: { closed: false, lastTimerAt: Date.now() - agoMs } });
    await pass(leftMs - 1);
    expect(circuit.opened).toBe(true);
    await pass(1);
    expect(circuit.halfOpen).toBe(true);
  });

  it('that says no more than that it is open is believed', () => {
    expect(held({ state: { open: true } }).circuit.opened).toBe(true);
    expect(held({ state: {} }).circuit.closed).toBe(true);
  });

  it('leaves enabled what the options say, unless it says so itself', () => {
    expect(held({ enabled: false, state: { enabled: true } }).circuit.enabled).toBe(true);
    expect(held({ enabled: true, state: { enabled: false } }).circuit.enabled).toBe(false);
    expect(held({ enabled: false, state: { closed: true } }).circuit.enabled).toBe(false);
  });

  it('survives JSON, with all that was counted', async () => {
    const { circuit, failOnce } = held();
    await failOnce();
    await pass(30);
    const { state, status } = JSON.parse(JSON.stringify(circuit));
    const { circuit: copy } = held({ state, status });
    expect(copy.toJSON()).toEqual(circuit.toJSON());
    await pass(70);
    expect(copy.halfOpen).toBe(true);
  });
});

describe('counts', () => {
  it('are 0 where they are no numbers', () => {
    const status = { failures: '7', fires: Number.NaN, successes: 3, latencyTimes: [5, 'x'] };
    const circuit = keep(new CircuitBreaker(action, { status: status as never }));
    expect(circuit.stats).toMatchObject({
      failures: 0,
      fires: 0,
      successes: 3,
      latencyTimes: [0, 5],
    });
  });

  it('of a status count for the rate', async () => {
    const status = CircuitBreaker.newStatus({ stats: { fires: 99, failures: 0 } });
    const { circuit, failOnce } = held({ status });
    await failOnce();
    expect(circuit.status).toBe(status);
    expect(circuit.closed).toBe(true);
  });

  it('hold one latency for each call that was made, timed out or not', async () => {
    const { circuit, fire } = held({ timeout: 40, capacity: 1 });
    fire('slow');
    fire('turned away');
    await pass(40);
    expect(circuit.stats).toMatchObject({ failures: 2, timeouts: 1, latencyTimes: [40] });
  });
});

describe('options', () => {
  it('are copied, filled in and frozen', () => {
    const given = { timeout: 5, unheardOf: true };
    const { options } = keep(new CircuitBreaker(action, given));
    expect(given).toEqual({ timeout: 5, unheardOf: true });
    expect(options).toMatchObject({ ...OPOSSUM_DEFAULTS_IN_OPTIONS, ...given });
    expect(Object.isFrozen(options)).toBe(true);
  });

  it('may be numbers as a text, as an environment has them', () => {
    const given = { timeout: '250', errorThresholdPercentage: '12.5' } as never;
    const { options } = keep(new CircuitBreaker(action, given));
    expect(options).toMatchObject({ timeout: 250, errorThresholdPercentage: 12.5 });
  });

  it.each([
    { timeout: 'soon' },
    { timeout: true },
    { resetTimeout: -1 },
    { capacity: Number.NaN },
    { rollingCountTimeout: '' },
    { coalesceTTL: {} },
    { errorFilter: 'yes' },
  ])('are refused as %o', (given) => {
    const [option] = Object.keys(given);
    const make = () => new CircuitBreaker(action, given as never);
    expect(make).toThrow(`Option '${option}' must be`);
    expect(make).toThrow(InvalidOptionError);
  });

  it('of a window may be 0, which is taken for the default', async () => {
    const options = { rollingCountBuckets: 0, rollingCountTimeout: 0 };
    const circuit = keep(new CircuitBreaker(action, options));
    expect(circuit.status.window).toHaveLength(10);
    await circuit.fire();
    await pass(9999);
    expect(circuit.stats.fires).toBe(1);
    await pass(1);
    expect(circuit.stats.fires).toBe(0);
  });

  it('may leave the circuit open for no time', async () => {
    const circuit = keep(new CircuitBreaker(action, { resetTimeout: 0 }));
    circuit.open();
    await pass(1);
    expect(circuit.halfOpen).toBe(true);
  });

  it('may ask for longer than a timer takes', async () => {
    const circuit = keep(new CircuitBreaker(action, { resetTimeout: Number.POSITIVE_INFINITY }));
    circuit.open();
    await pass(24 * 3600 * 1000);
    expect(circuit.opened).toBe(true);
  });
});

const { healthCheckInterval: _, ...OPOSSUM_DEFAULTS_IN_OPTIONS } = OPOSSUM_DEFAULTS;

describe('a fallback', () => {
  it.each([undefined, null, 'text', {}])('is refused as %o', (fallback) => {
    const circuit = keep(new CircuitBreaker(action));
    expect(() => circuit.fallback(fallback as never)).toThrow(TypeError);
  });
});

describe('isOurError', () => {
  it('knows a circuit’s errors, also those of another copy, and nothing else', async () => {
    const circuit = keep(new CircuitBreaker(action));
    circuit.open();
    const error = await circuit.fire().catch((reason: unknown) => reason);
    expect(CircuitBreaker.isOurError(error)).toBe(true);
    const copy = { [Symbol.for('@nestcms/circuit-breaker.opossum.error')]: true };
    expect(CircuitBreaker.isOurError(copy)).toBe(true);
    for (const other of [undefined, null, 'EOPENBREAKER', { code: 'EOPENBREAKER' }, new Error()]) {
      expect(CircuitBreaker.isOurError(other)).toBe(false);
    }
  });
});
