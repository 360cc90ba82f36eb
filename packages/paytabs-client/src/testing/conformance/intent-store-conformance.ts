import { deepStrictEqual, ok } from 'node:assert/strict';
import { isPayTabsError, type PayTabsErrorCode } from '../../errors.js';
import {
  INTENT_VERSION,
  type Intent,
  type IntentState,
  type SeenTransaction,
} from '../../intents/intent.js';
import { money } from '../../money/money.js';
import type { IntentStore } from '../../ports/intent-store.js';

/** A named check of a store. It throws when the store does not keep the contract. */
export interface IntentStoreCheck {
  readonly name: string;
  /** `store` must be empty. `reopen`, if the store outlives its process, gives a second one on the same data. */
  run(store: IntentStore, reopen?: () => Promise<IntentStore> | IntentStore): Promise<void>;
}

const profileId = 98765;
const at = (second: number) => new Date(Date.UTC(2026, 8, 13, 8, 0, second));

const intent = (cartId: string, more: Partial<Intent> = {}): Intent => ({
  v: INTENT_VERSION,
  revision: 0,
  profileId,
  cartId,
  operation: 'createHostedPage',
  type: 'sale',
  amount: money(14950n, 'AED'),
  pageLifeMs: 1_200_000,
  begunAt: at(0),
  sendBefore: at(30),
  state: { name: 'begun' },
  checks: { count: 0, nothing: 0 },
  since: at(0),
  acknowledged: false,
  dueAt: at(40),
  ...more,
});

const seen: SeenTransaction = {
  tranRef: 'TST2625600001235',
  previousTranRef: 'TST2625600001234',
  type: 'refund',
  status: 'A',
  responseCode: 'G44735',
  total: money(9007199254740993n, 'KWD'),
};

/** One of each kind. */
const states: readonly IntentState[] = [
  { name: 'unknown', reason: 'noAnswer' },
  { name: 'unknown', reason: 'bankSilent', tranRef: 'TST2625600001234' },
  { name: 'pageOpen', tranRef: 'TST2625600001234', expiresAt: at(59) },
  { name: 'pending', seen },
  { name: 'done', seen },
  { name: 'refused', code: 'INVALID_REQUEST', gatewayCode: 206 },
  { name: 'notSent' },
  { name: 'notFound' },
  { name: 'lapsed', tranRef: 'TST2625600001234' },
  { name: 'disputed', reason: 'twice', tranRefs: ['TST2625600001234', 'TST2625600001235'] },
];

const rejects = async (work: Promise<unknown>, code: PayTabsErrorCode) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  ok(isPayTabsError(error, code), `expected ${code}, got ${String(error)}`);
};

const find = (store: IntentStore, cartId: string) => store.find({ profileId, cartId });

const listed = async (store: IntentStore, filter: { dueBefore: Date; limit?: number }) =>
  (await store.listDue({ profileId, ...filter })).map(({ cartId }) => cartId);

const withoutDue = (each: Intent): Intent => {
  const { dueAt: _, ...rest } = each;
  return rest;
};

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
      deepStrictEqual(await find(store, 'refund-1'), refund);
    },
  },
  {
    name: 'keeps every state with all that is in it',
    async run(store) {
      let current = intent('moving');
      await store.begin(current);
      for (const state of states) {
        const { revision } = current;
        current = intent('moving', { revision: revision + 1, state, acknowledged: true });
        if (state.name === 'notFound') current = withoutDue(current);
        deepStrictEqual(await store.replace(current), true);
        deepStrictEqual(await find(store, 'moving'), current);
      }
    },
  },
  {
    name: 'keeps amounts beyond the safe integers of JavaScript exactly',
    async run(store) {
      await store.begin(intent('large', { amount: money(9007199254740993n, 'USD') }));
      deepStrictEqual((await find(store, 'large'))?.amount.minor, 9007199254740993n);
    },
  },
  {
    name: 'finds nothing where nothing was begun',
    async run(store) {
      deepStrictEqual(await find(store, 'nobody'), undefined);
      deepStrictEqual(await listed(store, { dueBefore: at(59) }), []);
      deepStrictEqual(await store.replace(intent('nobody', { revision: 1 })), false);
      deepStrictEqual(await find(store, 'nobody'), undefined);
    },
  },
  {
    name: 'refuses a reference that was begun before, open or ended, and keeps the first',
    async run(store) {
      await store.begin(intent('twice'));
      await rejects(store.begin(intent('twice', { amount: money(1n, 'AED') })), 'REFERENCE_REUSED');
      const ended = intent('twice', {
        revision: 1,
        state: { name: 'notFound' },
        acknowledged: true,
      });
      await store.replace(withoutDue(ended));
      await rejects(store.begin(intent('twice')), 'REFERENCE_REUSED');
      deepStrictEqual((await find(store, 'twice'))?.amount.minor, 14950n);
    },
  },
  {
    name: 'keeps the references of two profiles apart',
    async run(store) {
      await store.begin(intent('shared'));
      await store.begin(intent('shared', { profileId: 98766, amount: money(1n, 'AED') }));
      deepStrictEqual((await find(store, 'shared'))?.amount.minor, 14950n);
      const other = await store.find({ profileId: 98766, cartId: 'shared' });
      deepStrictEqual(other?.amount.minor, 1n);
      deepStrictEqual(await listed(store, { dueBefore: at(59) }), ['shared']);
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
    name: 'replaces only the revision before, and exactly once',
    async run(store) {
      await store.begin(intent('moved'));
      deepStrictEqual(await store.replace(intent('moved', { revision: 2 })), false);
      const tries = Array.from({ length: 20 }, (_, index) =>
        store.replace(
          intent('moved', { revision: 1, state: { name: 'notSent' }, since: at(index) }),
        ),
      );
      const winners = (await Promise.all(tries)).filter(Boolean);
      deepStrictEqual(winners.length, 1);
      deepStrictEqual(await store.replace(intent('moved', { revision: 1 })), false);
      deepStrictEqual(await store.replace(intent('moved', { revision: 2 })), true);
      deepStrictEqual((await find(store, 'moved'))?.revision, 2);
    },
  },
  {
    name: 'lists what is due, the longest due first, within the limit',
    async run(store) {
      await store.begin(intent('third', { dueAt: at(3) }));
      await store.begin(intent('first', { dueAt: at(1) }));
      await store.begin(intent('second', { dueAt: at(2) }));
      await store.begin(intent('later', { dueAt: at(9) }));
      deepStrictEqual(await listed(store, { dueBefore: at(3) }), ['first', 'second', 'third']);
      deepStrictEqual(await listed(store, { dueBefore: at(3), limit: 2 }), ['first', 'second']);
      deepStrictEqual(await listed(store, { dueBefore: at(0) }), []);
    },
  },
  {
    name: 'lists by the time that was stored last, and not at all where there is none',
    async run(store) {
      await store.begin(intent('again', { dueAt: at(1) }));
      await store.begin(intent('never', { dueAt: at(1) }));
      await store.replace(intent('again', { revision: 1, dueAt: at(50) }));
      await store.replace(
        withoutDue(
          intent('never', { revision: 1, state: { name: 'notSent' }, acknowledged: true }),
        ),
      );
      deepStrictEqual(await listed(store, { dueBefore: at(49) }), []);
      deepStrictEqual(await listed(store, { dueBefore: at(50) }), ['again']);
      await store.replace(
        intent('never', { revision: 2, state: { name: 'done', seen }, dueAt: at(20) }),
      );
      deepStrictEqual(await listed(store, { dueBefore: at(50) }), ['never', 'again']);
    },
  },
  {
    name: 'still knows everything when it is opened again',
    async run(store, reopen) {
      if (reopen === undefined) return;
      await store.begin(intent('kept'));
      await store.replace(intent('kept', { revision: 1, state: { name: 'done', seen } }));
      const again = await reopen();
      deepStrictEqual(await listed(again, { dueBefore: at(59) }), ['kept']);
      deepStrictEqual((await find(again, 'kept'))?.state, { name: 'done', seen });
      await rejects(again.begin(intent('kept')), 'REFERENCE_REUSED');
    },
  },
];
