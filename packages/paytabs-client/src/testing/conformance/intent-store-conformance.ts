import { deepStrictEqual, ok } from 'node:assert/strict';
import { isPayTabsError, type PayTabsErrorCode } from '../../errors.js';
import type { NewIntent } from '../../intents/intent.js';
import { money } from '../../money/money.js';
import type { IntentStore } from '../../ports/intent-store.js';

/** A named check of a store. It throws when the store does not keep the contract. */
export interface IntentStoreCheck {
  readonly name: string;
  /** `store` must be empty. `reopen`, if the store outlives its process, gives a second one on the same data. */
  run(store: IntentStore, reopen?: () => Promise<IntentStore> | IntentStore): Promise<void>;
}

const at = (second: number) => new Date(Date.UTC(2026, 8, 13, 8, 0, second));

const intent = (cartId: string, more: Partial<NewIntent> = {}): NewIntent => ({
  cartId,
  profileId: 98765,
  operation: 'createHostedPage',
  type: 'sale',
  amount: money(14950n, 'AED'),
  begunAt: at(0),
  ...more,
});

const answered = {
  outcome: { kind: 'answered', tranRef: 'TST2625600001234', status: 'A' },
  settledAt: at(30),
} as const;
const refused = {
  outcome: { kind: 'refused', code: 'INVALID_REQUEST', gatewayCode: 206 },
  settledAt: at(40),
} as const;

const rejects = async (work: Promise<unknown>, code: PayTabsErrorCode) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  ok(isPayTabsError(error, code), `expected ${code}, got ${String(error)}`);
};

const cartIds = (intents: readonly { cartId: string }[]) => intents.map((each) => each.cartId);

/** The conformance suite of {@link IntentStore}: run each check on a fresh, empty store, under any test runner. */
export const intentStoreConformance: readonly IntentStoreCheck[] = [
  {
    name: 'keeps every field of an intent',
    async run(store) {
      const refund = intent('refund-1', {
        operation: 'refund',
        type: 'refund',
        targetTranRef: 'TST2625600001234',
      });
      await store.begin(refund);
      deepStrictEqual(await store.find('refund-1'), { v: 1, ...refund });
    },
  },
  {
    name: 'keeps amounts beyond the safe integers of JavaScript exactly',
    async run(store) {
      await store.begin(intent('large', { amount: money(9007199254740993n, 'USD') }));
      deepStrictEqual((await store.find('large'))?.amount.minor, 9007199254740993n);
    },
  },
  {
    name: 'finds nothing where nothing was begun',
    async run(store) {
      deepStrictEqual(await store.find('nobody'), undefined);
      deepStrictEqual(await store.listOpen(), []);
    },
  },
  {
    name: 'refuses a reference that was begun before, open or settled, and keeps the first',
    async run(store) {
      await store.begin(intent('twice'));
      await rejects(store.begin(intent('twice', { amount: money(1n, 'AED') })), 'REFERENCE_REUSED');
      await store.settle('twice', answered);
      await rejects(store.begin(intent('twice')), 'REFERENCE_REUSED');
      deepStrictEqual((await store.find('twice'))?.amount.minor, 14950n);
    },
  },
  {
    name: 'lets exactly one of many simultaneous begins through',
    async run(store) {
      const tries = Array.from({ length: 20 }, () => store.begin(intent('race')));
      const results = await Promise.allSettled(tries);
      deepStrictEqual(results.filter((each) => each.status === 'fulfilled').length, 1);
      for (const each of results) {
        if (each.status === 'rejected') ok(isPayTabsError(each.reason, 'REFERENCE_REUSED'));
      }
    },
  },
  {
    name: 'settles once: the first outcome stays',
    async run(store) {
      await store.begin(intent('settled'));
      await store.settle('settled', answered);
      await store.settle('settled', refused);
      const found = await store.find('settled');
      deepStrictEqual(found?.outcome, answered.outcome);
      deepStrictEqual(found?.settledAt, answered.settledAt);
    },
  },
  {
    name: 'refuses to settle what was never begun',
    async run(store) {
      await rejects(store.settle('nobody', answered), 'NOT_FOUND');
    },
  },
  {
    name: 'lists open intents only, oldest first, within the filter',
    async run(store) {
      await store.begin(intent('third', { begunAt: at(3) }));
      await store.begin(intent('first', { begunAt: at(1) }));
      await store.begin(intent('done', { begunAt: at(0) }));
      await store.begin(intent('second', { begunAt: at(2) }));
      await store.settle('done', refused);
      deepStrictEqual(cartIds(await store.listOpen()), ['first', 'second', 'third']);
      deepStrictEqual(cartIds(await store.listOpen({ limit: 2 })), ['first', 'second']);
      deepStrictEqual(cartIds(await store.listOpen({ begunBefore: at(2) })), ['first']);
    },
  },
  {
    name: 'still knows everything when it is opened again',
    async run(store, reopen) {
      if (reopen === undefined) return;
      await store.begin(intent('kept'));
      const again = await reopen();
      deepStrictEqual(cartIds(await again.listOpen()), ['kept']);
      await rejects(again.begin(intent('kept')), 'REFERENCE_REUSED');
    },
  },
];
