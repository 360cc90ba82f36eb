import { LONGEST_MS, type NumberRange, readNumber, refuseUnknown } from '../validation.js';

/** Defaults of the outlier rule, with the reason for each. */
export const OUTLIER_DEFAULTS = Object.freeze({
  /** Standard deviations above the mean. One bad peer of five is 2 above it, and less is chance. */
  deviations: 1.9,
  /** How far above the mean at least. Where all peers are well, a deviation is nothing. */
  minimumGap: 0.1,
  /** Peers with enough calls. Of fewer, nobody can say which of them is the odd one. */
  minimumPeers: 5,
  /** Calls in a peer's window. One failed call is 5 % then. */
  minimumCalls: 20,
  /** Share of the keys that may be open. A tenth can be done without. */
  maxOpenShare: 0.1,
  /** Milliseconds between two comparisons. They look at every key. */
  intervalMs: 10_000,
} as const);

/** Opens breakers whose failure rate stands out from those of their peers, with reason `outlier`. */
export interface OutlierOptions {
  /** Standard deviations above the mean of the peers' failure rates; above 0, to 10; default 1.9. */
  readonly deviations?: number | undefined;
  /** How far above the mean at least; 0 to 1; default 0.1. */
  readonly minimumGap?: number | undefined;
  /** Closed peers with enough calls, below which nobody is compared; 3 to 1,000,000; default 5. */
  readonly minimumPeers?: number | undefined;
  /** Calls in a peer's window; 1 to 1,000,000; default 20. */
  readonly minimumCalls?: number | undefined;
  /** Share of the keys that may be open, for whatever reason, before this rule opens no more; one is always allowed. Above 0, to 1; default 0.1. */
  readonly maxOpenShare?: number | undefined;
  /** Milliseconds between two comparisons, which are made when a call fails; 1 to 30 days; default 10,000. */
  readonly intervalMs?: number | undefined;
}

export type ResolvedOutlier = { readonly [K in keyof OutlierOptions]-?: number };

const RANGES: Readonly<Record<keyof OutlierOptions, NumberRange>> = {
  deviations: { min: 0, above: true, max: 10 },
  minimumGap: { min: 0, max: 1 },
  minimumPeers: { min: 3, max: 1_000_000, integer: true, unit: 'keys' },
  minimumCalls: { min: 1, max: 1_000_000, integer: true, unit: 'calls' },
  maxOpenShare: { min: 0, above: true, max: 1 },
  intervalMs: { min: 1, max: LONGEST_MS, unit: 'ms' },
};

/** @throws InvalidOptionError for an unknown or impossible option */
export const readOutlier = (
  options: OutlierOptions | false | undefined,
): ResolvedOutlier | false => {
  if (options === undefined || options === false) return false;
  const names = Object.keys(RANGES) as (keyof OutlierOptions)[];
  refuseUnknown('outlier', options, names);
  const read = names.map((name) => [
    name,
    readNumber(`outlier.${name}`, options[name], OUTLIER_DEFAULTS[name], RANGES[name]),
  ]);
  return Object.freeze(Object.fromEntries(read)) as ResolvedOutlier;
};

export interface Peer {
  readonly key: string;
  readonly failureRate: number;
}

/** The peers that stand out, worst first. All of them have calls enough. */
export const outliersAmong = (peers: readonly Peer[], options: ResolvedOutlier): Peer[] => {
  if (peers.length < options.minimumPeers) return [];
  const meanOf = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = meanOf(peers.map(({ failureRate }) => failureRate));
  const variance = meanOf(peers.map(({ failureRate }) => (failureRate - mean) ** 2));
  const gap = Math.max(options.deviations * Math.sqrt(variance), options.minimumGap);
  return peers
    .filter(({ failureRate }) => failureRate > mean && failureRate - mean >= gap)
    .sort((one, other) => other.failureRate - one.failureRate);
};
