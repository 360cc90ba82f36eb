import type { RemoteStore } from '../ports/remote-store.js';
import { LEASE_CHECKS } from './conformance/lease-checks.js';
import { VALIDITY_CHECKS } from './conformance/validity-checks.js';

/** Two stores on the same server, as two processes have them. */
export interface RemoteStoreFixture {
  readonly one: RemoteStore;
  readonly other: RemoteStore;
  /** Lets time pass for the server. */
  readonly elapse: (ms: number) => Promise<void>;
  /** Makes the server lose everything, as a flush does. */
  readonly wipe: () => Promise<void>;
  /** Makes the server lose the generation of one dependency, as an eviction does. */
  readonly evict: (dependency: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ConformanceCheck {
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
}

/**
 * What every remote store owes, as named checks for any test runner.
 * @example
 * for (const { name, run } of remoteStoreConformance(open)) it(name, run);
 */
export const remoteStoreConformance = (
  open: () => Promise<RemoteStoreFixture>,
): readonly ConformanceCheck[] =>
  Object.entries({ ...VALIDITY_CHECKS, ...LEASE_CHECKS }).map(([name, check]) => ({
    name,
    run: async () => {
      const fixture = await open();
      try {
        await check(fixture);
      } finally {
        await fixture.close();
      }
    },
  }));
