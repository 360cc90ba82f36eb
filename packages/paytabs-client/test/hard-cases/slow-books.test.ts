import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { expect, it } from 'vitest';
import { MemoryIntentStore } from '../../src/index.js';
import { notSent, sampleIntent } from '../sample-intent.js';
import { doneReply, talk } from '../with-dispatcher.js';
import { soon } from '../with-simulator.js';

it('books that never answer hold up neither a round nor closing, and are told again', async () => {
  const clock = new ManualClock({ wallTime: Date.parse('2026-09-13T09:00:00Z') });
  const intents = new MemoryIntentStore();
  const { client } = talk(doneReply(), { clock, intents });
  await intents.begin(sampleIntent);
  await intents.replace(notSent(sampleIntent));
  const never = client.reconcile({ onEnded: () => new Promise(() => undefined) });
  await soon(() => clock.pendingTimers > 0);
  clock.advance(30_000);
  const { cartId } = sampleIntent;
  expect(await never).toMatchObject({ told: 0, failed: [{ cartId, error: { code: 'TIMEOUT' } }] });
  clock.advance(60_000);
  expect(await client.reconcile({ onEnded: () => undefined })).toMatchObject({ told: 1 });
  await client.close();
});
