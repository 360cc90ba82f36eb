const duplicateKey = 11_000;

/** Runs an upsert again where two first writes met: one inserted, so this one now finds a document. */
export async function afterInsertRace<T>(upsert: () => Promise<T>): Promise<T> {
  return upsert().catch((error: unknown) => {
    if ((error as { code?: unknown } | null)?.code !== duplicateKey) throw error;
    return upsert();
  });
}
