import { Aborting } from './aborting.js';
import { Circuit, type Transition } from './circuit.js';
import { MemoryCache } from './memory-cache.js';
import type { ResolvedOptions } from './options.js';
import type { AnyFunction, Coalescing, Parts, Tell } from './parts.js';
import { ResultCache } from './result-cache.js';
import type { RollingCounts } from './rolling-counts.js';
import { Semaphore } from './semaphore.js';
import { CircuitStatus, counted } from './status.js';

/** Makes what a circuit consists of. @throws TypeError, InvalidOptionError */
export const assemble = (options: ResolvedOptions, action: AnyFunction, tell: Tell): Parts => {
  const aborting = new Aborting(options);
  const status = statusOf(options);
  const counts = status[counted] as RollingCounts;
  const circuit = new Circuit({
    options,
    counts,
    changed: (transition) => {
      counts.setOpen(transition === 'open');
      if (transition !== 'open') aborting.renew();
    },
    tell: (transition: Transition) => {
      if (transition === 'halfOpen') tell('halfOpen', options.resetTimeout);
      else tell(transition);
    },
  });
  const { cache, cacheTransport, cacheTTL, capacity, enabled, state } = options;
  const isEnabled = !circuit.isShutDown && (state?.enabled ?? enabled) !== false;
  if (!isEnabled) status.stopRotating();
  return {
    options,
    action,
    circuit,
    counts,
    status,
    aborting,
    tell,
    semaphore: Semaphore(capacity),
    results: cache && cacheTransport ? new ResultCache(cacheTransport, cacheTTL) : undefined,
    coalescing: coalescingOf(options),
    fallback: undefined,
    isEnabled,
  };
};

const coalescingOf = (options: ResolvedOptions): Coalescing | undefined => {
  if (!options.coalesce) return undefined;
  const memory = new MemoryCache(options.coalesceSize);
  return { memory, cache: new ResultCache(memory, options.coalesceTTL) };
};

const statusOf = (options: ResolvedOptions): CircuitStatus => {
  const { status: given } = options;
  if (given !== undefined && counted in given) return given;
  const {
    rollingCountBuckets,
    rollingCountTimeout,
    rollingPercentilesEnabled,
    enableSnapshots,
    rotateBucketController,
  } = options;
  return new CircuitStatus({
    rollingCountBuckets,
    rollingCountTimeout,
    rollingPercentilesEnabled,
    enableSnapshots,
    rotateBucketController,
    stats: given,
  });
};
