import { describe, expect, it } from 'vitest';
import { succeed } from '../../test/support/breaker-setup.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

// Alone in this file, for nobody else must begin to listen in this process.
new CircuitBreaker({ name: 'heard' }).events.on('opened', () => {});

const setup = () => {
  const clock = Object.assign(new ManualClock(), { slackMs: 50 });
  const rules = { minimumCalls: 4, failureRate: 0.25, openForMs: 1000 };
  return { clock, breaker: new CircuitBreaker({ name: 'x', clock, ...rules }) };
};

describe('in a process in which a single listener has begun', () => {
  it('a success opens a breaker whose rate it makes count', async () => {
    const { breaker } = setup();
    for (let call = 0; call < 2; call += 1) await breaker.execute(succeed);
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    await breaker.execute(succeed);
    expect(breaker.state).toBe('open');
  });

  it('a breaker is half-open after its wait, however many it has refused', async () => {
    const { clock, breaker } = setup();
    breaker.trip();
    for (let call = 0; call < 3; call += 1) await breaker.execute(succeed).catch(() => {});
    clock.advance(1000);
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });
});
