import { bundled } from '@nestcms/bench/bundle';

const PACKAGE = new URL('../../', import.meta.url);

/** What is measured, as modules that share their parts: what users import, and the parts that rows look at alone. */
interface Entries {
  readonly index: typeof import('../../src/index.js');
  readonly 'stores/redis/index': typeof import('../../src/stores/redis/index.js');
  readonly 'adapters/diagnostics/index': typeof import('../../src/adapters/diagnostics/index.js');
  readonly 'testing/index': typeof import('../../src/testing/index.js');
  readonly 'cache/cache-engine': typeof import('../../src/cache/cache-engine.js');
  readonly 'memory/memory-tier': typeof import('../../src/memory/memory-tier.js');
  readonly 'memory/memory-key': typeof import('../../src/memory/memory-key.js');
  readonly 'memory/eviction/eviction-policy': typeof import('../../src/memory/eviction/eviction-policy.js');
  readonly 'memory/eviction/segmented-policy': typeof import('../../src/memory/eviction/segmented-policy.js');
  readonly 'rows/decode-rows': typeof import('../../src/rows/decode-rows.js');
  readonly 'validity/generation-table': typeof import('../../src/validity/generation-table.js');
}

const ENTRIES: readonly (keyof Entries)[] = [
  'index',
  'stores/redis/index',
  'adapters/diagnostics/index',
  'testing/index',
  'cache/cache-engine',
  'memory/memory-tier',
  'memory/memory-key',
  'memory/eviction/eviction-policy',
  'memory/eviction/segmented-policy',
  'rows/decode-rows',
  'validity/generation-table',
];

const BREAKER = '@nestcms/circuit-breaker';

const ours = bundled(PACKAGE, ENTRIES, { inlined: [BREAKER], external: ['mongodb', 'ioredis'] });

/** Bundles the package as its build does, with the breaker from the workspace's sources. */
export const buildOurs = ours.build;

export const loadBuilt = <Entry extends keyof Entries>(entry: Entry): Promise<Entries[Entry]> =>
  ours.load<Entries[Entry]>(entry);

export const loadBreaker = (): Promise<typeof import('@nestcms/circuit-breaker')> =>
  ours.load(BREAKER);
