import { until } from '@nestcms/testbed';
import { onTestFinished } from 'vitest';
import {
  type HostedPageRequest,
  MemoryIntentStore,
  money,
  PayTabsClient,
  type PayTabsClientOptions,
  type PayTabsEvents,
} from '../src/index.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/testing/index.js';

/** An event with its name. */
export type SeenEvent = {
  [Name in keyof PayTabsEvents]: { readonly name: Name } & PayTabsEvents[Name];
}[keyof PayTabsEvents];

const names: readonly (keyof PayTabsEvents)[] = [
  'requested',
  'answered',
  'failed',
  'retried',
  'outcomeUnknown',
  'intentNotSettled',
  'breakerChanged',
];

/** Keeps every event of a client, in order. */
export function recordEvents(client: PayTabsClient): SeenEvent[] {
  const seen: SeenEvent[] = [];
  for (const name of names) {
    client.events.on(name, (payload) => seen.push({ name, ...payload } as SeenEvent));
  }
  return seen;
}

/** A simulator and a client of it, both gone after the test. */
export async function startPair(
  options: {
    simulator?: SimulatorOptions;
    client?: Partial<Omit<PayTabsClientOptions, 'region' | 'baseUrl'>>;
  } = {},
): Promise<{
  simulator: Simulator;
  client: PayTabsClient;
  intents: MemoryIntentStore;
  events: SeenEvent[];
}> {
  const simulator = await startSimulator({ allowLocalCallback: true, ...options.simulator });
  const intents = new MemoryIntentStore();
  const client = new PayTabsClient({
    profileId: simulator.profileId,
    serverKey: simulator.serverKey,
    baseUrl: simulator.baseUrl,
    intents,
    retryDelayMs: 1,
    ...options.client,
  });
  onTestFinished(async () => {
    await client.close();
    await simulator.stop();
  });
  return { simulator, client, intents, events: recordEvents(client) };
}

let count = 0;

/** A page request with a reference of its own. */
export const pageRequest = (more: Partial<HostedPageRequest> = {}): HostedPageRequest => {
  count += 1;
  return {
    cartId: `order-${count}.1`,
    amount: money(14950n, 'AED'),
    description: 'Two tickets',
    ...more,
  };
};

/** A sale that was paid on the page. */
export async function paidSale(
  { simulator, client }: { simulator: Simulator; client: PayTabsClient },
  more: Partial<HostedPageRequest> = {},
): Promise<{ tranRef: string; cartId: string }> {
  const page = await client.createHostedPage(pageRequest(more));
  await simulator.pay(page.redirectUrl);
  return page;
}

/** Waits for what must come soon, on a machine that may be busy. */
export const soon = (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
  until(condition, { what: 'something that must come soon', timeoutMs: 20_000, intervalMs: 5 });

/** What a promise was rejected with. */
export const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`);
    },
    (error: unknown) => error,
  );
