import type { PayTabsClient } from '../client/paytabs-client.js';
import { PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import type { EndedIntent } from '../intents/intent.js';
import { describeTransaction } from '../notifications/meaning.js';

/** What tells apart the numbers of one metric. Each has few values; no reference and no text of the gateway is among them. */
export type Labels = Readonly<Record<string, string>>;

type Add = (value: number, labels: Labels) => void;

/** Adds what events of a client say, until the returned function is called. */
type Feed = (client: PayTabsClient, add: Add) => () => void;

/** A metric that events add to. */
export interface FedMetric {
  /** In the words of OpenTelemetry; exporters turn it into theirs. */
  readonly name: string;
  readonly kind: 'counter' | 'histogram';
  readonly help: string;
  /** In the notation of UCUM. */
  readonly unit: string;
  /** Besides `profile`, the id of the merchant profile. */
  readonly labels: readonly string[];
  readonly feeds: readonly Feed[];
}

const on =
  <Name extends keyof PayTabsEvents>(
    name: Name,
    labelsOf: (event: PayTabsEvents[Name]) => Labels,
    amountOf: (event: PayTabsEvents[Name]) => number = () => 1,
  ): Feed =>
  (client, add) =>
    client.events.on(name, (event) => {
      const value = amountOf(event);
      if (!Number.isNaN(value)) add(value, labelsOf(event));
    });

const none = (): Labels => ({});

const call = ({ operation, kind }: { readonly operation: string; readonly kind: string }) => ({
  operation,
  kind,
});

/** Upper bounds in seconds: a whole operation has 30 by default. */
export const DURATION_BOUNDS_S: readonly number[] = Object.freeze([
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60,
]);

const reconciled = (what: 'checked' | 'ended' | 'told' | 'failed', help: string): FedMetric => ({
  name: `paytabs.reconcile.${what}`,
  kind: 'counter',
  help,
  unit: '{intent}',
  labels: [],
  feeds: [on('reconciled', none, (counts) => counts[what])],
});

/** What both metric adapters tell of a client. */
export const CLIENT_METRICS: readonly FedMetric[] = Object.freeze([
  {
    name: 'paytabs.requests',
    kind: 'counter',
    help: 'Tries by how they ended: the shape of the answer, or the code of the error.',
    unit: '{request}',
    labels: ['operation', 'kind', 'ending'],
    feeds: [
      on('answered', (event) => ({ ...call(event), ending: event.shape })),
      on('failed', (event) => ({ ...call(event), ending: event.code })),
    ],
  },
  {
    name: 'paytabs.request.duration',
    kind: 'histogram',
    help: 'How long tries took of which a byte was sent, answered or not.',
    unit: 's',
    labels: ['operation', 'kind'],
    feeds: [
      on('answered', call, ({ tookMs }) => tookMs / 1000),
      // What was refused here took no time, and would hide how long the gateway takes.
      on('failed', call, ({ tookMs, sent }) => (sent ? tookMs / 1000 : Number.NaN)),
    ],
  },
  {
    name: 'paytabs.retries',
    kind: 'counter',
    help: 'Further tries, by the error that made for them.',
    unit: '{request}',
    labels: ['operation', 'kind', 'code'],
    feeds: [on('retried', (event) => ({ ...call(event), code: event.code }))],
  },
  {
    name: 'paytabs.outcomes.unknown',
    kind: 'counter',
    help: 'Writes that were sent and whose end is not known yet.',
    unit: '{request}',
    labels: ['operation'],
    feeds: [on('outcomeUnknown', ({ operation }) => ({ operation }))],
  },
  {
    name: 'paytabs.intents.ended',
    kind: 'counter',
    help: 'Intents that ended, by end and by what their transaction means, if there is one.',
    unit: '{intent}',
    labels: ['operation', 'state', 'meaning'],
    feeds: [on('ended', ({ intent }) => endOf(intent))],
  },
  {
    name: 'paytabs.intents.corrected',
    kind: 'counter',
    help: 'Intents that had ended without money and turned out to have moved some: a person must look.',
    unit: '{intent}',
    labels: [],
    feeds: [on('corrected', none)],
  },
  {
    name: 'paytabs.intents.not_settled',
    kind: 'counter',
    help: 'Intents of which could not be stored what was seen.',
    unit: '{intent}',
    labels: [],
    feeds: [on('intentNotSettled', none)],
  },
  {
    name: 'paytabs.reconcile.rounds',
    kind: 'counter',
    help: 'Rounds of reconciling that came to their end.',
    unit: '{round}',
    labels: [],
    feeds: [on('reconciled', none)],
  },
  reconciled('checked', 'Intents that reconciling asked the gateway about.'),
  reconciled('ended', 'Intents whose end reconciling found.'),
  reconciled('told', 'Ends that onEnded took.'),
  reconciled('failed', 'Intents for which asking, storing or telling failed; they stay due.'),
  {
    name: 'paytabs.mode.mismatches',
    kind: 'counter',
    help: 'Answers of a test profile where live is expected, or the other way round: a person must look.',
    unit: '{answer}',
    labels: [],
    feeds: [on('modeMismatch', none)],
  },
] satisfies FedMetric[]);

const endOf = ({ operation, state }: EndedIntent): Labels => ({
  operation,
  state: state.name,
  meaning: state.name === 'done' ? describeTransaction(state.seen).kind : '',
});

/** Read when metrics are collected. */
export const BREAKER_STATE = Object.freeze({
  name: 'paytabs.breaker.state',
  help: 'The state of the breaker: 1 for the one it is in, 0 for the others.',
  unit: '1',
  labels: ['kind', 'state'] as readonly string[],
});

const kinds = ['read', 'write'] as const;
const states = ['closed', 'open', 'halfOpen'] as const;

/** What {@link BREAKER_STATE} says now. */
export const breakerStates = (clients: readonly PayTabsClient[]) =>
  clients.flatMap((client) =>
    kinds.flatMap((kind) => {
      const now = client.breakers[kind].state;
      return states.map((state) => ({
        value: Number(state === now),
        labels: { ...profileOf(client), kind, state },
      }));
    }),
  );

const profileOf = ({ profileId }: PayTabsClient): Labels => ({ profile: String(profileId) });

/** Adds to `metric` what these clients tell, from now until the returned function is called. */
export function feed(metric: FedMetric, clients: readonly PayTabsClient[], add: Add): () => void {
  const ends = clients.flatMap((client) => {
    const profile = profileOf(client);
    // An alert on a rise sees the first of them only if there was a zero before.
    if (metric.kind === 'counter' && metric.labels.length === 0) add(0, profile);
    return metric.feeds.map((each) =>
      each(client, (value, labels) => add(value, { ...profile, ...labels })),
    );
  });
  return () => {
    for (const end of ends) end();
  };
}

/** One client or several, each once. @throws PayTabsError INVALID_OPTION */
export function clientsOf(
  clients: PayTabsClient | readonly PayTabsClient[],
): readonly PayTabsClient[] {
  const all: readonly PayTabsClient[] = Array.isArray(clients) ? clients : [clients];
  for (const client of all as readonly Partial<PayTabsClient>[]) {
    if (typeof client?.events?.on === 'function' && client.breakers !== undefined) continue;
    throw new PayTabsError('INVALID_OPTION', 'clients: must be a PayTabsClient or a list of them');
  }
  return [...new Set(all)];
}

/** @throws PayTabsError INVALID_OPTION */
export function refuseUnknown(options: object, known: string): void {
  const unknown = Object.keys(options).find((name) => name !== known);
  if (unknown === undefined) return;
  throw new PayTabsError('INVALID_OPTION', `${unknown}: is unknown (known: ${known})`);
}
