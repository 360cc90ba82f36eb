import {
  createInbox,
  type InboxEvent,
  type InboxStore,
  type InboxWork,
} from '../../src/inbox/index.js';
import { errorKind } from '../../src/observer.js';
import { accepted } from './accepted.js';

const leaseMs = 1_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Ends early when the work is no longer this worker's. */
const workFor = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

/**
 * Deliveries without end, and a started inbox over each of these stores, which are one and the same behind
 * connections of their own.
 */
export function startTraffic(stores: readonly InboxStore[]) {
  const answered: string[] = [];
  const refused: string[] = [];
  const processed = new Set<string>();
  const active = new Set<string>();
  const metAnother: string[] = [];
  const events: InboxEvent[] = [];
  let isOver = false;

  const process = async ({ deliveryId, signal }: InboxWork) => {
    if (active.has(deliveryId)) metAnother.push(deliveryId);
    active.add(deliveryId);
    try {
      // Most end at once, some outlast a lease.
      await workFor(/-0:|[05]0:/.test(deliveryId) ? 1.5 * leaseMs : 5, signal);
      processed.add(deliveryId);
    } finally {
      active.delete(deliveryId);
    }
  };
  const inboxes = stores.map((store) =>
    createInbox({
      store,
      process,
      leaseMs,
      pollMs: 20,
      concurrency: 8,
      maxAttempts: 100,
      storeTimeoutMs: 500,
      backoff: { firstDelayMs: 10, maxDelayMs: 50 },
      observer: (event) => events.push(event),
    }),
  );
  for (const inbox of inboxes) inbox.start();

  const send = async (sender: number) => {
    const inbox = inboxes[sender % inboxes.length];
    for (let number = 0; !isOver; number += 1) {
      const verdict = await accepted(`${sender}-${number}`);
      const isKept = await inbox?.receive(verdict).then(
        () => true,
        () => false,
      );
      (isKept ? answered : refused).push(verdict.deliveryId);
      await sleep(20);
    }
  };
  const senders = [0, 1, 2, 3].map(send);
  return {
    answered,
    refused,
    processed,
    metAnother,
    /** How often a worker gave an entry up because its lease was over. */
    leasesLost: () =>
      events.filter(
        (one) => one.event === 'storeFailed' && errorKind(one.error).code === 'LEASE_LOST',
      ).length,
    missing: () => answered.filter((id) => !processed.has(id)),
    /** Takes no more deliveries; those that are kept are still worked off. */
    stopSending: async () => {
      isOver = true;
      await Promise.all(senders);
    },
    stop: async () => {
      isOver = true;
      await Promise.all([...senders, ...inboxes.map((inbox) => inbox.stop())]);
    },
  };
}
