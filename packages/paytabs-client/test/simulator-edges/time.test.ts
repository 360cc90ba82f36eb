import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { ask, direct, query, refOf, sale, startGateway } from '../simulator-wire.js';

const start = Date.UTC(2026, 8, 13, 8);
const minute = 60_000;

describe('time moved forward in one step', () => {
  it('ends what falls due at its own time, not at the end of the step', async () => {
    const clock = new ManualClock({ wallTime: start });
    const simulator = await startGateway({ clock, unusedPages: 'expire' });
    const tranRef = refOf(await ask(simulator, sale()));
    simulator.advance(24 * 60 * minute);
    expect((await query(simulator, tranRef)).payment_result).toMatchObject({
      response_status: 'X',
      transaction_time: '2026-09-13T08:20:00Z',
    });
  });

  it('also brings what only came up on the way', async () => {
    const clock = new ManualClock({ wallTime: start });
    const simulator = await startGateway({ clock });
    simulator.faults.add({ kind: 'drip', everyMs: minute, pieces: 5 });
    let isAnswered = false;
    const answer = ask(simulator, sale()).then((reply) => {
      isAnswered = true;
      return reply;
    });
    while (simulator.requests().length === 0) await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    simulator.advance(5 * minute);
    expect(await answer).toHaveProperty('tran_ref');
  });

  it('leaves the rest of the wait to the clock beneath', async () => {
    const clock = new ManualClock({ wallTime: start });
    const simulator = await startGateway({ clock });
    simulator.bank.next({ kind: 'late', afterMs: 10 * minute });
    const tranRef = refOf(await ask(simulator, direct()));
    simulator.advance(9 * minute);
    expect(simulator.legs({ tranRef })[0]?.gateway.status).toBe('E');
    clock.advance(minute);
    expect(simulator.legs({ tranRef })[0]?.gateway.status).toBe('A');
  });

  it.each([Number.POSITIVE_INFINITY, 1e300, Number.NaN, -1])('is never %d long', async (ms) => {
    const simulator = await startGateway({ clock: new ManualClock({ wallTime: start }) });
    expect(() => simulator.advance(ms)).toThrow(RangeError);
    expect(refOf(await ask(simulator, sale()))).toMatch(/^TST26256\d{8}$/);
  });
});
