import type { TestProject } from 'vitest/node';
import { borrowSharedServers } from './shared-servers.js';

export type { SharedAddresses } from './provided-context.js';

/**
 * Vitest calls this once for each project that names it; the servers are started once in a run and
 * stopped when the last project gives them back.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { addresses, giveBack } = await borrowSharedServers();
  project.provide('mongodbUri', addresses.mongodbUri);
  project.provide('mongodbIsOurs', addresses.mongodbIsOurs);
  project.provide('redisStateUrl', addresses.redisStateUrl);
  project.provide('redisCacheUrl', addresses.redisCacheUrl);
  project.provide('redisIsOurs', addresses.redisIsOurs);
  return giveBack;
}
