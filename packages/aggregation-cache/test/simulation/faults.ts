import { dependenciesMovedBy } from '../../src/cache/invalidation.js';
import type { Generation, RemoteStore } from '../../src/ports/remote-store.js';
import type { Source } from '../../src/ports/source.js';
import { EVERYTHING } from '../../src/validity/dependencies.js';
import { DATABASE } from './classes.js';
import { remembering } from './remembering-cache.js';
import type { Cache } from './world/simulated-process.js';
import { tokenOf } from './world/times.js';
import type { Parts, Planted } from './world/world.js';

/** A mistake that caches of this kind make. The simulation must find each. */
export interface Fault {
  readonly name: string;
  /** It shows soon after this one. */
  readonly seed: number;
  readonly planted: Planted;
}

/** `target` with some of its methods in other hands. */
const replacing = <T extends object>(target: T, own: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => {
      const found: unknown = Reflect.get(name in own ? own : target, name);
      return typeof found === 'function' ? found.bind(name in own ? own : target) : found;
    },
  });

const overStore = (
  change: (store: RemoteStore, parts: Parts) => Partial<RemoteStore>,
): Planted => ({
  process: (parts, start) =>
    start({ ...parts, link: replacing<RemoteStore>(parts.link, change(parts.link, parts)) }),
});

const overSource = (change: (source: Source) => Partial<Source>): Planted => ({
  process: (parts, start) =>
    start({ ...parts, database: replacing<Source>(parts.database, change(parts.database)) }),
});

const overCache = (change: (cache: Cache, parts: Parts) => Cache): Planted => ({
  process: (parts, start) => change(start(parts), parts),
});

/** Hears no message, so that what it loads is not known here to be void by the time it is stored. */
const deaf = overStore(() => ({ subscribe: () => () => {} }));

/** Knows of the store what it was told, and does not ask again. */
const hearingOnly = (store: RemoteStore): Partial<RemoteStore> => {
  const heard = new Map<string, Generation>();
  const keep = (generations: readonly Generation[]) => {
    for (const one of generations) heard.set(one.dependency, one);
  };
  let known: ReturnType<RemoteStore['position']> | undefined;
  return {
    subscribe: (listener) =>
      store.subscribe({
        ...listener,
        moved: (generations, position) => {
          keep(generations);
          known = Promise.resolve(position);
          listener.moved(generations, position);
        },
      }),
    position: () => (known ??= store.position()),
    generations: async (names) => {
      const missing = names.filter((name) => !heard.has(name));
      if (missing.length > 0) keep(await store.generations(missing));
      return names.map((name) => heard.get(name) as Generation);
    },
  };
};

/** Takes an epoch of which nobody knows when it began for one that began long ago. */
const anchored = (generations: readonly Generation[]): readonly Generation[] =>
  generations.map((one) =>
    one.dependency === EVERYTHING && one.after === undefined ? { ...one, after: tokenOf(0) } : one,
  );

export const faults: readonly Fault[] = [
  {
    name: 'stores in Redis what was loaded before an invalidation',
    seed: 80,
    planted: { ...deaf, server: () => ({ trusts: 'everybody' }) },
  },
  {
    name: 'keeps in memory what was loaded before an invalidation',
    seed: 30,
    planted: overCache((cache, parts) => remembering(cache, parts)),
  },
  {
    name: 'does not make up for messages that were lost',
    seed: 240,
    planted: overStore(hearingOnly),
  },
  {
    name: 'counts generations from zero, also those that were evicted',
    seed: 245,
    planted: { server: () => ({ countsGenerations: true }) },
  },
  {
    name: 'refills from a member that lags behind the write',
    seed: 8,
    planted: overSource((source) => ({
      fetch: (request) => source.fetch({ ...request, after: undefined }),
    })),
  },
  {
    name: 'lets a reader join a load from before an invalidation',
    seed: 65,
    planted: overCache((cache) => {
      const loads = new Map<string, ReturnType<Cache['read']>>();
      return {
        ...invalidating(cache),
        read: ((pipelineClass, id, options) => {
          const key = `${pipelineClass.name} ${String(id)} ${String(options.after?.operationTime.toBigInt())}`;
          const load = loads.get(key) ?? cache.read(pipelineClass, id, options);
          loads.set(key, load);
          return load.finally(() => loads.delete(key));
        }) as Cache['read'],
      };
    }),
  },
  {
    name: 'waits for its own invalidation to come back as a message',
    seed: 105,
    planted: overCache((cache, { link, database }) => ({
      read: cache.read.bind(cache) as Cache['read'],
      invalidate: async (invalidation) => {
        const dependencies = dependenciesMovedBy(invalidation, DATABASE);
        const after = invalidation.after ?? (await database.currentPoint());
        await link.invalidate(dependencies.map((dependency) => ({ dependency, after })));
        return { published: true };
      },
    })),
  },
  {
    name: 'announces first and deletes later',
    seed: 58,
    planted: {
      server: (scheduler) => ({ movesLater: (move) => void scheduler.after(20, move) }),
    },
  },
  {
    name: 'does not ask the primary how far it is when Redis lost everything',
    seed: 3405,
    planted: overStore((store) => ({
      look: async (key, dependencies) => {
        const { generations, ...rest } = await store.look(key, dependencies);
        return { ...rest, generations: anchored(generations) };
      },
      generations: async (names) => anchored(await store.generations(names)),
    })),
  },
  {
    name: 'takes what Redis came back with for what it had',
    seed: 5_870,
    planted: { server: () => ({ keepsEpoch: true }) },
  },
  {
    name: 'lets a process store whose lease has ended',
    seed: 80,
    planted: { ...deaf, server: () => ({ trusts: 'leases' }) },
  },
  {
    name: 'does not look at what the reader has seen',
    seed: 15,
    planted: overCache((cache) => ({
      ...invalidating(cache),
      read: ((pipelineClass, id, options) =>
        cache.read(pipelineClass, id, { ...options, after: undefined })) as Cache['read'],
    })),
  },
];

function invalidating(cache: Cache): Pick<Cache, 'invalidate'> {
  return { invalidate: (invalidation) => cache.invalidate(invalidation) };
}
