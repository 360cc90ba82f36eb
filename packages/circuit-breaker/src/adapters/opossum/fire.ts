import { askGuarded } from '../../events/guard.js';
import { shutDown } from './errors.js';
import type { Parts } from './parts.js';
import { callAction, ProtectedCall } from './protected-call.js';

/** One call: the kept result, the promise of a call like it, or the action. */
export const fire = (parts: Parts, context: unknown, args: unknown[]): Promise<unknown> => {
  const { circuit, counts, tell } = parts;
  // To look at its state makes it half-open if it is time, so that the trial counts for what follows.
  if (circuit.state === 'shutDown') return Promise.reject(shutDown());
  counts.add('fires');
  counts.addEvidence('fires');
  tell('fire', args);
  if (!parts.isEnabled) {
    // Unless a listener has shut it down just now.
    return circuit.isShutDown ? Promise.reject(shutDown()) : callAction(parts, context, args);
  }
  const key = keyOf(parts, args);
  if (key === undefined) return new ProtectedCall(parts, args, undefined).run(context);
  return keptResult(parts, key) ?? sharedResult(parts, key, context, args);
};

/** The key by which results are kept and shared, if they are; undefined too if the user's function fails. */
const keyOf = ({ options, results, coalescing }: Parts, args: unknown[]): string | undefined => {
  if (results === undefined && coalescing === undefined) return undefined;
  return askGuarded(
    () => options.cacheGetKey(...args),
    () => true,
    { kind: 'callback', name: 'cacheGetKey', expected: 'a text' },
    undefined,
  );
};

const keptResult = (
  { results, counts, tell }: Parts,
  key: string,
): Promise<unknown> | undefined => {
  if (results === undefined) return undefined;
  const kept = results.get(key);
  if (kept === undefined) {
    counts.add('cacheMisses');
    tell('cacheMiss');
    return undefined;
  }
  counts.add('cacheHits');
  tell('cacheHit');
  return Promise.resolve(kept);
};

const sharedResult = (
  parts: Parts,
  key: string,
  context: unknown,
  args: unknown[],
): Promise<unknown> => {
  const { coalescing, counts, tell } = parts;
  const call = new ProtectedCall(parts, args, key);
  if (coalescing === undefined) return call.run(context);
  const shared = coalescing.cache.get(key);
  if (shared !== undefined) {
    counts.add('coalesceCacheHits');
    tell('coalesceCacheHit');
    return shared as Promise<unknown>;
  }
  counts.add('coalesceCacheMisses');
  tell('coalesceCacheMiss');
  return call.run(context);
};
