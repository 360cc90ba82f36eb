import type { Cache } from './world/simulated-process.js';
import type { Parts } from './world/world.js';

/** Milliseconds. */
const KEPT_FOR_MS = 900;

/**
 * Keeps answers in a map of its own, as simple caches do: an invalidation, by this process or heard of,
 * empties the map, and whatever is answered afterwards is put into it, whenever it was asked for.
 */
export const remembering = (cache: Cache, { link, host }: Parts): Cache => {
  const kept = new Map<string, { readonly answer: unknown; readonly until: number }>();
  link.subscribe({ moved: () => kept.clear(), stateChanged: () => kept.clear() });
  return {
    invalidate: async (invalidation) => {
      const result = await cache.invalidate(invalidation);
      kept.clear();
      return result;
    },
    read: (async (pipelineClass, id, options) => {
      if (pipelineClass.name.endsWith('strict') || options.after !== undefined) {
        return cache.read(pipelineClass, id, options);
      }
      const key = `${pipelineClass.name} ${String(id)}`;
      const known = kept.get(key);
      if (known !== undefined && known.until > host.clock.now()) return known.answer;
      const answer = await cache.read(pipelineClass, id, options);
      kept.set(key, { answer, until: host.clock.now() + KEPT_FOR_MS });
      return answer;
    }) as Cache['read'],
  };
};
