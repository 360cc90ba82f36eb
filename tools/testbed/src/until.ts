import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as it should read after "Waited … for". */
  readonly what: string;
  /** Milliseconds until an error is thrown. */
  readonly timeoutMs: number;
  /** Milliseconds between two looks. Default 25. */
  readonly intervalMs?: number;
}

/**
 * Looks again and again until the condition gives something other than undefined or false.
 * An error of the condition counts as "not yet" and is told when the time is over.
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { what, timeoutMs, intervalMs = 25 }: UntilOptions,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    let lastError: unknown;
    try {
      const result = await condition();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() - startedAt > timeoutMs) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}.`, { cause: lastError });
    }
    await sleep(intervalMs);
  }
}
