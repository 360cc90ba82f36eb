import type { ReconcileRules } from './intents/reconcile-rules.js';

/** Every default, with the reason for its value. */
export const CLIENT_DEFAULTS = Object.freeze({
  /** What the vendor's own client allows a request in all. */
  timeoutMs: 30_000,
  /** Many times what a healthy store needs; by then the end of the call is known and should be told. */
  settleTimeoutMs: 2_000,
  /** Three tries fit into the whole. */
  readTimeoutMs: 10_000,
  /** What the vendor's own client allows a connection. */
  connectTimeoutMs: 10_000,
  /** Two more tries catch passing trouble; more multiply the load on what is down. */
  maxAttempts: 3,
  /** Long enough for a dropped connection to be replaced. */
  retryDelayMs: 200,
  /** Far more than a shop has in flight; a bound all the same. */
  maxConnections: 64,
  /** Below what servers and balancers usually keep, so that none is closed under a request. */
  keepAliveMs: 4_000,
  /** What a query of an unknown transaction was seen to say. */
  notFoundCodes: Object.freeze([113]) as readonly number[],
  /** A query by cart of dozens of tries fits many times over. */
  maxReplyBytes: 1_048_576,
  /** An invoice is a page or two; letters and logos included it is far smaller. */
  maxPdfBytes: 10_485_760,
});

/** Every default of a bulkhead but its size, with the reason for its value. */
export const BULKHEAD_DEFAULTS = Object.freeze({
  /** Calls that may wait for a place, of each kind. A burst that a gateway works off in the time they wait. */
  maxQueue: 128,
  /** What a call waits for a place at most. Longer than most answers take; beyond it there is no burst, but a jam. */
  maxQueueMs: 2_000,
});

/** Every default of {@link ReconcileRules}, with the reason for its value. */
export const RECONCILE_DEFAULTS: ReconcileRules = Object.freeze({
  /** The gateway's duplicate guard looks at two minutes, answers take up to one; the rest is for what nobody has published. */
  notFoundAfterMs: 900_000,
  /** One answer may come from a copy that lags, a second one too. */
  minimumChecks: 3,
  /** Machines that keep time differ by far less; those that do not are found out elsewhere. */
  maxClockSkewMs: 60_000,
  /** Most lost answers are about something that is done a second later. */
  firstCheckMs: 2_000,
  /** Some twenty questions in all about a request that never arrived. */
  maxCheckMs: 120_000,
  /** Notices tell of payments; this is for those that got lost. */
  pageCheckMs: 300_000,
  /** Alternative methods keep their own page for three hours. */
  pageGraceMs: 11_400_000,
  /** An agent's till or a person in the dashboard: hours or days. */
  pendingCheckMs: 3_600_000,
  /** A bank drops a hold after some 30 days, without a word. */
  pendingForMs: 35 * 86_400_000,
  /** A caller that has the answer in his hand has written it down by then. */
  tellAfterMs: 60_000,
});
