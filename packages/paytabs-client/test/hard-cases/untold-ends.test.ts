import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { MemoryIntentStore, type ReconcileOptions } from '../../src/index.js';
import { notSent, sampleIntent } from '../sample-intent.js';
import { doneReply, reply, talk } from '../with-dispatcher.js';
import { intentOf } from '../with-simulator.js';

/** A hundred ends, as many as a round takes, and one payment that is due later than all of them. */
async function startCrowded() {
  const clock = new ManualClock({ wallTime: Date.parse('2026-09-13T09:00:00Z') });
  const intents = new MemoryIntentStore();
  const paid = doneReply({ cart_id: 'open-1' });
  const { client } = talk([reply([paid])], { clock, intents, maxAttempts: 1 });
  for (let number = 1; number <= 100; number += 1) {
    const begun = { ...sampleIntent, cartId: `ended-${number}` };
    await intents.begin(begun);
    await intents.replace(notSent(begun));
  }
  const dueAt = new Date('2026-09-13T08:59:00Z');
  await intents.begin({ ...sampleIntent, cartId: 'open-1', dueAt });
  const rounds = async (options: ReconcileOptions) => {
    for (let round = 1; round <= 3; round += 1) await client.reconcile(options);
    return (await intentOf(intents, 'open-1'))?.state.name;
  };
  return { client, clock, intents, rounds };
}

describe('ends that nobody takes', () => {
  it('do not keep others from being asked for when the books refuse them', async () => {
    const { rounds } = await startCrowded();
    const onEnded = () => Promise.reject(new Error('the books are closed'));
    expect(await rounds({ onEnded })).toBe('done');
  });

  it('do not keep others from being asked for when there is nobody to tell', async () => {
    const { rounds } = await startCrowded();
    expect(await rounds({})).toBe('done');
  });

  it('are told again, a moment later, until they are taken', async () => {
    const { client, clock, rounds } = await startCrowded();
    await rounds({ onEnded: () => Promise.reject(new Error('the books are closed')) });
    const heard: string[] = [];
    const onEnded: ReconcileOptions['onEnded'] = ({ intent }) => {
      heard.push(intent.cartId);
    };
    await client.reconcile({ onEnded });
    expect(heard).toEqual([]);
    clock.advance(60_000);
    await client.reconcile({ onEnded, limit: 200 });
    expect(heard).toHaveLength(101);
  });
});
