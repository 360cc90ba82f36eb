import { until } from '@nestcms/testbed';
import { onTestFinished } from 'vitest';
import {
  type ChargeOutcome,
  type HostedPageRequest,
  type Intent,
  type IntentState,
  type IntentStore,
  MemoryIntentStore,
  money,
  type OutcomeUnknown,
  type PageOpened,
  PayTabsClient,
  type PayTabsClientOptions,
  type PayTabsEvents,
  type Transaction,
} from '../src/index.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/testing/index.js';

/** An event with its name. */
export type SeenEvent = {
  [Name in keyof PayTabsEvents]: { readonly name: Name } & PayTabsEvents[Name];
}[keyof PayTabsEvents];

const eventNames: readonly (keyof PayTabsEvents)[] = [
  'requested',
  'answered',
  'failed',
  'retried',
  'outcomeUnknown',
  'intentNotSettled',
  'intentMoved',
  'ended',
  'corrected',
  'reconciled',
  'modeMismatch',
  'breakerChanged',
];

/** Keeps every event of a client, in order. */
export function recordEvents(client: PayTabsClient): SeenEvent[] {
  const seen: SeenEvent[] = [];
  for (const name of eventNames) {
    client.events.on(name, (payload) => seen.push({ name, ...payload } as SeenEvent));
  }
  return seen;
}

/** How many listen to anything of this client. */
export const listenersOf = (client: PayTabsClient): number =>
  eventNames.reduce((sum, name) => sum + client.events.listenerCount(name), 0);

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
  } as HostedPageRequest;
};

type OutcomeOf<Kind extends ChargeOutcome['kind']> = Extract<ChargeOutcome, { kind: Kind }>;

async function outcomeOf<Kind extends ChargeOutcome['kind']>(
  kind: Kind,
  work: Promise<ChargeOutcome>,
): Promise<OutcomeOf<Kind>> {
  const outcome = await work;
  if (outcome.kind === kind) return outcome as OutcomeOf<Kind>;
  const said = outcome.kind === 'unknown' ? `: ${outcome.error.message}` : '';
  throw new Error(`expected "${kind}", got "${outcome.kind}" for ${outcome.cartId}${said}`);
}

/** The page that the gateway answered with. */
export const openPage = (
  client: PayTabsClient,
  request: HostedPageRequest = pageRequest(),
): Promise<PageOpened> => outcomeOf('page', client.createHostedPage(request));

/** The transaction that the gateway answered with. */
export const completed = async (work: Promise<ChargeOutcome>): Promise<Transaction> =>
  (await outcomeOf('completed', work)).transaction;

/** The answer of the client when nobody knows how a request ended. */
export const unknownEnd = (work: Promise<ChargeOutcome>): Promise<OutcomeUnknown> =>
  outcomeOf('unknown', work);

const profileId = 98765;

/** What is remembered of a request to the simulator; undefined: it was never begun. */
export const intentOf = (store: IntentStore, cartId: string): Promise<Intent | undefined> =>
  store.find({ profileId, cartId });

/** Where it stands. */
export const stateOf = async (
  store: IntentStore,
  cartId: string,
): Promise<IntentState | undefined> => (await intentOf(store, cartId))?.state;

/** References of all that is remembered: nobody acknowledges in these tests, so everything is due some day. */
export const remembered = async (store: IntentStore): Promise<string[]> => {
  const dueBefore = new Date(8_640_000_000_000_000);
  return (await store.listDue({ profileId, dueBefore })).map(({ cartId }) => cartId);
};

/** A sale that was paid on the page. */
export async function paidSale(
  { simulator, client }: { simulator: Simulator; client: PayTabsClient },
  more: Partial<HostedPageRequest> = {},
): Promise<{ tranRef: string; cartId: string }> {
  const page = await openPage(client, pageRequest(more));
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

/** What a promise came to, kept or broken. */
export const resultOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => error);
