/** What the global set-up provides to tests through vitest's `inject`. */
export interface SharedAddresses {
  /** Every test file uses its own random database name. */
  mongodbUri: string;
  /** False when TEST_MONGODB_URI names it: do not kill or reconfigure anything there. */
  mongodbIsOurs: boolean;
  /** A Redis with `noeviction`; every test file uses its own random key prefix. */
  redisStateUrl: string;
  /** A Redis with `allkeys-lru`; the same as the other when TEST_REDIS_URL names it. */
  redisCacheUrl: string;
  /** False when TEST_REDIS_URL names it. */
  redisIsOurs: boolean;
}

declare module 'vitest' {
  export interface ProvidedContext extends SharedAddresses {}
}
