import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { MemoryIntentStore, RECONCILE_DEFAULTS } from '../../src/index.js';
import { pageRequest, rejection, startPair, stateOf, unknownEnd } from '../with-simulator.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('a calendar clock that jumps', () => {
  it('forward between storing and sending keeps the request at home', async () => {
    const clock = new ManualClock();
    const intents = new MemoryIntentStore();
    const begin = intents.begin.bind(intents);
    intents.begin = async (intent) => {
      await begin(intent);
      clock.setWallTime(clock.wallTime() + dayMs);
    };
    const { simulator, client } = await startPair({ client: { clock, intents, maxAttempts: 1 } });
    const request = pageRequest();
    expect(await rejection(client.createHostedPage(request))).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    expect(simulator.requests()).toEqual([]);
    expect(await stateOf(intents, request.cartId)).toEqual({ name: 'notSent' });
  });

  const startLost = async () => {
    const clock = new ManualClock();
    const { simulator, client, intents } = await startPair({ client: { clock } });
    simulator.faults.add({ kind: 'reset', when: 'before' });
    const { cartId } = await unknownEnd(client.createHostedPage(pageRequest()));
    const roundsUntilEnded = async (most: number) => {
      for (let round = 1; round <= most; round += 1) {
        clock.advance(RECONCILE_DEFAULTS.maxCheckMs);
        await client.reconcile();
        if ((await stateOf(intents, cartId))?.name === 'notFound') return round;
      }
      return most + 1;
    };
    return { clock, client, intents, cartId, roundsUntilEnded };
  };

  it('back after an answer was lost only makes absence count later', async () => {
    const { clock, roundsUntilEnded } = await startLost();
    clock.setWallTime(clock.wallTime() - hourMs);
    const rounds = await roundsUntilEnded(60);
    expect(rounds).toBeGreaterThan((hourMs + RECONCILE_DEFAULTS.notFoundAfterMs) / 120_000);
    expect(rounds).toBeLessThan(60);
  });

  it('forward after that still needs as many answers, one after the other', async () => {
    const { clock, roundsUntilEnded } = await startLost();
    clock.setWallTime(clock.wallTime() + dayMs);
    expect(await roundsUntilEnded(10)).toBe(RECONCILE_DEFAULTS.minimumChecks);
  });
});
