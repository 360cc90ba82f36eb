import type { InboxDelivery, InboxStore } from '../ports/inbox-store.js';

export interface InboxStoreHarness {
  /** An empty one: what is due in it must be of this check alone. */
  readonly store: InboxStore;
  /** Lets `ms` pass for the store: moves its clock on, or waits. */
  readonly passTime: (ms: number) => Promise<void>;
  /**
   * How short a lease may be so that the suite stays quick, in ms. Default 150; a store that really
   * waits needs more, for a few calls in a row must fit into it.
   */
  readonly shortMs?: number;
}

/** What the checks work with. */
export interface InboxContext extends Required<InboxStoreHarness> {
  /** Short, and what clocks and timers may be off by. */
  readonly passShort: () => Promise<void>;
}

export type InboxCheck = readonly [name: string, body: (context: InboxContext) => Promise<void>];

export const long = 60_000;
export const failure = { name: 'TypeError', code: 'E_GONE' };

export function deliveryOf(id: string, more: Partial<InboxDelivery> = {}): InboxDelivery {
  return {
    scheme: 'paytabs',
    tenant: undefined,
    deliveryId: id,
    payload: `{"id":${JSON.stringify(id)}}`,
    stale: false,
    staleness: undefined,
    sentAt: 1_790_000_000_000,
    receivedAt: 1_790_000_000_250,
    ...more,
  };
}

/** Takes, and gives the keys. */
export async function takeKeys(store: InboxStore, token: string, limit = 10, leaseMs = long) {
  const { entries } = await store.take({ token, leaseMs, limit });
  return entries.map(({ key }) => key);
}
