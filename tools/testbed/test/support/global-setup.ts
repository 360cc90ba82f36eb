import { binaries } from '../../src/binaries.js';

/**
 * Finds the servers before any test runs: what must be downloaded is downloaded once, outside of
 * any test's time.
 */
export async function setup(): Promise<void> {
  const [mongod] = await Promise.all([binaries.mongod(), binaries.redisServer()]);
  process.env.MONGOD_BINARY ??= mongod.path;
}
