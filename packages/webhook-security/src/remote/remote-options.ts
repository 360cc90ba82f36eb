import type { Clock } from '../ports/clock.js';
import { clockOption, integer, invalid, requireFunction } from '../validation.js';
import type { FetchLike } from './fetch-text.js';

/** What all sources from elsewhere have in common. */
export interface RemoteOptions {
  /** How long one answer may take, in ms. Default 10,000; 1 to 60,000. */
  readonly timeoutMs?: number;
  /** The longest answer, in bytes. Default 4,194,304; 1 to 67,108,864. */
  readonly maxBytes?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike;
  readonly clock?: Clock;
}

export interface RemoteSettings {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly fetch: FetchLike;
  readonly clock: Clock;
}

export const remoteOptionNames = ['timeoutMs', 'maxBytes', 'fetch', 'clock'] as const;

/** @throws WebhookSecurityError INVALID_OPTION */
export function readRemoteOptions(options: RemoteOptions): RemoteSettings {
  const { fetch = globalThis.fetch } = options;
  requireFunction('fetch', fetch);
  return {
    timeoutMs: integer('timeoutMs', options.timeoutMs ?? 10_000, 1, 60_000),
    maxBytes: integer('maxBytes', options.maxBytes ?? 4_194_304, 1, 67_108_864),
    fetch,
    clock: clockOption(options.clock),
  };
}

/** @throws WebhookSecurityError INVALID_OPTION unless it is an address that begins with https:// */
export function requireHttps(name: string, url: unknown): string {
  if (typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'https:')
    return url;
  throw invalid(name, url, 'an address that begins with https://');
}
