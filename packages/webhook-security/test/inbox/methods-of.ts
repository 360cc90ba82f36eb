import type { InboxStore } from '../../src/inbox/index.js';

/** The store's methods as own properties, to be replaced one by one. */
export function methodsOf(store: InboxStore): InboxStore {
  return {
    add: (...args) => store.add(...args),
    take: (...args) => store.take(...args),
    renew: (...args) => store.renew(...args),
    complete: (...args) => store.complete(...args),
    retry: (...args) => store.retry(...args),
    bury: (...args) => store.bury(...args),
    deadLetters: (...args) => store.deadLetters(...args),
    replay: (...args) => store.replay(...args),
    counts: () => store.counts(),
  };
}
