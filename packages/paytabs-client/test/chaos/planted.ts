import type { Intent, IntentStore } from '../../src/index.js';
import { standingOf } from '../../src/intents/judge-rows.js';
import type { Entry, Planted } from './messages.js';

/** The store as it is, or one that says that it has stored what it stores later. */
export function plantedStore(store: IntentStore, planted: Planted | undefined): IntentStore {
  if (planted !== 'storesAfterSending') return store;
  return {
    begin: async (intent) => {
      setTimeout(() => {
        store.begin(intent).catch(() => undefined);
      }, 500);
    },
    replace: (intent) => store.replace(intent),
    find: (key) => store.find(key),
    listDue: (filter) => store.listDue(filter),
  };
}

/** What the books make of an intent. */
export function entryOf({ cartId, revision, state, amount }: Intent, planted?: Planted): Entry {
  const common = { cartId, revision, state: state.name };
  if (state.name === 'disputed') {
    if (planted !== 'ignoresAmounts') return { ...common, says: 'person' };
    const [tranRef = ''] = state.tranRefs;
    return { ...common, says: 'paid', tranRef, minor: String(amount.minor) };
  }
  if (state.name !== 'done' || standingOf(state.seen) !== 'money') {
    const named = state.name === 'done' ? { tranRef: state.seen.tranRef } : {};
    return { ...common, says: 'unpaid', ...named };
  }
  const { tranRef, total } = state.seen;
  return { ...common, says: 'paid', tranRef, minor: String(total.minor) };
}
