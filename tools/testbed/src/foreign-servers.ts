/**
 * Whether the run was pointed at servers that are not its own (TEST_MONGODB_URI, TEST_REDIS_URL).
 * Tests that kill or freeze servers are then skipped: `describe.skipIf(usesForeignServers)`.
 */
export const usesForeignServers: boolean = Boolean(
  process.env.TEST_MONGODB_URI || process.env.TEST_REDIS_URL,
);

/** To be put into the name of what is skipped, so that the output says why. */
export const FOREIGN_SERVERS_REASON =
  'kills servers; skipped when TEST_MONGODB_URI or TEST_REDIS_URL names servers that are not ours';
