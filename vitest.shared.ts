import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';

/**
 * Lets tests import the workspace packages from their sources, without a build.
 * The source condition comes first; the defaults must stay, or CommonJS packages break.
 */
const conditions = ['@nestcms/source', ...defaultServerConditions];

export const sourceConditions = {
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/**
 * Two at least: vitest leaves a core to itself, so on two cores one file would run at a time, and
 * both would idle while it waits for a server. Projects of one group must agree on it.
 */
export const maxWorkers = Math.max(2, availableParallelism() - 1);

/** The type tests of a package, checked with what they reach: the types of everything else are a check of their own. */
export const typeTests = {
  enabled: true,
  include: ['src/**/*.test-d.ts', 'test/**/*.test-d.ts'],
  tsconfig: './tsconfig.types.json',
};
