import { seededRandom } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type EndedIntent, MemoryIntentStore, money, PayTabsClient } from '../src/index.js';
import {
  type BankBehaviour,
  type CartBooks,
  compareBooks,
  type Fault,
} from '../src/testing/index.js';
import { startGateway } from './simulator-wire.js';

const faults: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'reset', when: 'before' },
  { kind: 'truncatedJson' },
  { kind: 'html' },
  { kind: 'resetMidReply' },
];

const behaviours: readonly BankBehaviour[] = [
  { kind: 'decline', code: '316', message: 'Insufficient funds' },
  { kind: 'late', afterMs: 60_000 },
  { kind: 'late', afterMs: 60_000, decision: { kind: 'decline', code: '300', message: 'No' } },
  { kind: 'stall' },
  { kind: 'challenge' },
];

/** What the ends of a merchant's intents say of money. */
function booksOf(ends: ReadonlyMap<string, EndedIntent>): Map<string, CartBooks> {
  const books = new Map<string, CartBooks>();
  for (const { cartId, state } of ends.values()) {
    if (state.name !== 'done' || state.seen.status !== 'A') continue;
    const { type, total } = state.seen;
    books.set(cartId, type === 'refund' ? { refund: total.minor } : { charge: total.minor });
  }
  return books;
}

/** Payments and refunds, with lost answers and a bank in bad shape, until nothing is open any more. */
async function run(seed: number) {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const clock = new ManualClock();
  const simulator = await startGateway({ clock, seed });
  const client = new PayTabsClient({
    profileId: simulator.profileId,
    serverKey: simulator.serverKey,
    baseUrl: simulator.baseUrl,
    intents: new MemoryIntentStore(),
    clock,
    random,
    // A bad day, not an outage: no breaker is to open.
    breakers: { read: { minimumCalls: 100 }, write: { minimumCalls: 100 } },
    maxAttempts: 1,
  });
  simulator.bank.setRule(() => (random() < 0.4 ? pick(behaviours) : undefined));
  const trouble = () => {
    if (random() < 0.3) simulator.faults.add({ ...pick(faults), route: 'request' });
  };
  for (let number = 0; number < 40; number += 1) {
    const amount = money(BigInt(100 + Math.floor(random() * 10_000)), 'AED');
    trouble();
    const page = await client.createHostedPage({ cartId: `o${number}`, amount, description: 'x' });
    simulator.faults.clear();
    if (page.kind !== 'page') continue;
    await simulator.pay(page.redirectUrl, { action: random() < 0.1 ? 'cancel' : 'pay' });
    if (random() < 0.5) continue;
    trouble();
    const refund = { cartId: `r${number}`, tranRef: page.tranRef, amount, description: 'x' };
    await client.refund(refund);
    simulator.faults.clear();
  }
  const ends = new Map<string, EndedIntent>();
  for (let round = 0; round < 60; round += 1) {
    await clock.advanceAsync(120_000);
    const onEnded = ({ intent }: { intent: EndedIntent }) => void ends.set(intent.cartId, intent);
    const { failed } = await client.reconcile({ onEnded, limit: 1000 });
    expect(failed).toEqual([]);
  }
  await client.close();
  return { simulator, ends };
}

describe('the books of a merchant and of the bank', () => {
  it.each([1, 2, 3])('agree at the end of a bad day, seed %i', async (seed) => {
    const { simulator, ends } = await run(seed);
    const bank = simulator.bank.log();
    const merchant = booksOf(ends);
    expect(compareBooks({ bank, merchant })).toEqual([]);
    expect([...merchant.values()].some(({ refund }) => refund !== undefined)).toBe(true);
    expect(bank.some(({ answer, approved }) => approved && answer === 'late')).toBe(true);
    // Lost by one fil, and it shows.
    const [[cartId, books] = ['', {}]] = [...merchant];
    merchant.set(cartId, { ...books, charge: (books.charge ?? 0n) - 1n });
    expect(compareBooks({ bank, merchant })).toHaveLength(1);
  });
});
