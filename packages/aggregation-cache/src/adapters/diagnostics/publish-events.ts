import { publishEvents as publish } from '@nestcms/circuit-breaker/diagnostics';
import type { AggregationCache } from '../../cache/aggregation-cache.js';
import { readText, refuseUnknown, requireMethods } from '../../validation.js';

export interface DiagnosticsOptions {
  /** What the channels' names begin with; not blank; default `nestcms.aggregation-cache`. */
  readonly prefix?: string | undefined;
}

/**
 * Publishes every event of the cache to `node:diagnostics_channel`, each on a channel of its own, such as
 * `nestcms.aggregation-cache.hit`. A channel without subscribers costs one look.
 * @returns a function that ends it
 * @throws INVALID_OPTION
 */
export const publishEvents = (
  cache: Pick<AggregationCache, 'events'>,
  options: DiagnosticsOptions = {},
): (() => void) => {
  refuseUnknown('', options, ['prefix']);
  requireMethods('cache.events', cache?.events, ['connect']);
  return publish(cache, {
    prefix: readText('prefix', options.prefix, 'nestcms.aggregation-cache'),
  });
};
