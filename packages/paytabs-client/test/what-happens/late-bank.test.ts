import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { money, RECONCILE_DEFAULTS } from '../../src/index.js';
import type { BankBehaviour } from '../../src/testing/index.js';
import { pageRequest, paidSale, startPair, stateOf, unknownEnd } from '../with-simulator.js';

/** A refund to which the bank gives no answer in time: the gateway says E/401. */
async function startSilent(behaviour: BankBehaviour) {
  const clock = new ManualClock();
  const { simulator, client, intents } = await startPair({
    simulator: { clock },
    client: { clock },
  });
  const { tranRef } = await paidSale({ simulator, client });
  simulator.bank.next(behaviour, ['refund']);
  const refund = { ...pageRequest({ amount: money(4950n, 'AED') }), tranRef };
  expect(await unknownEnd(client.refund(refund))).toMatchObject({ reason: 'bankSilent' });
  const stateAfter = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += RECONCILE_DEFAULTS.maxCheckMs) {
      clock.advance(RECONCILE_DEFAULTS.maxCheckMs);
      await client.reconcile();
    }
    return stateOf(intents, refund.cartId);
  };
  const refunds = () => simulator.issuerLog().filter(({ action }) => action === 'refund').length;
  return { stateAfter, refunds };
}

describe('a refund of which the gateway says that the bank was silent', () => {
  it.each([
    ['has taken it, and says so later', undefined, 'A'],
    [
      'has declined it, and says so later',
      { kind: 'decline', code: '300', message: 'Declined' },
      'D',
    ],
  ] as const)('ends as the bank says, where that %s', async (_, decision, status) => {
    const late = { kind: 'late', afterMs: 300_000 } as const;
    const { stateAfter, refunds } = await startSilent(
      decision === undefined ? late : { ...late, decision },
    );
    expect(await stateAfter(120_000)).toMatchObject({ name: 'unknown', reason: 'bankSilent' });
    expect(await stateAfter(300_000)).toMatchObject({ name: 'done', seen: { status } });
    expect(refunds()).toBe(1);
  });

  it.each([true, false])(
    'goes to a person where it never says whether it moved money (it did: %s)',
    async (carriesOut) => {
      const { stateAfter } = await startSilent({ kind: 'stall', carriesOut });
      const state = await stateAfter(2 * RECONCILE_DEFAULTS.notFoundAfterMs);
      expect(state).toMatchObject({ name: 'disputed', reason: 'neverDecided' });
    },
  );
});
