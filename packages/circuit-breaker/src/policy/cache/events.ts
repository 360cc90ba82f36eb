export interface CacheEvents {
  /** A call was answered with a result that was kept. */
  hit: { readonly key: string; readonly ageMs: number };
  /** No result was kept that is fresh. */
  missed: {
    readonly key: string;
    /** The call waits for the result of one that runs already. */
    readonly joined: boolean;
  };
  /** A call failed, and its callers were given an older result instead. */
  servedStale: { readonly key: string; readonly ageMs: number; readonly error: unknown };
}
