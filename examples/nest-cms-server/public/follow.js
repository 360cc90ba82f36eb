const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 10_000;
const GROWTH = 1.5;
const FOLLOW_FOR_MS = 60_000;

/** What may be otherwise in a moment: no connection, a busy or a broken server, too many requests. */
export const mayPass = ({ status }) =>
  status === 0 || status === 408 || status === 429 || status >= 500;

/**
 * Asks until the answer is settled: first after two seconds, then less and less often, and after an error no earlier
 * than its `Retry-After`. Resolves to `settled`, `left` (nobody looks any more) or `timeUp`.
 * @throws what `ask` throws, when asking again would not help
 */
export async function follow({ ask, isSettled, isHere, onTrouble, wait, now }) {
  const end = now() + FOLLOW_FOR_MS;
  let pauseMs = FIRST_PAUSE_MS;
  let notBeforeMs = 0;
  for (;;) {
    const leftMs = end - now();
    const nextMs = Math.max(pauseMs, notBeforeMs);
    await wait(Math.min(nextMs, leftMs));
    if (!isHere()) return 'left';
    if (nextMs > leftMs) return 'timeUp';
    notBeforeMs = 0;
    try {
      if (isSettled(await ask())) return 'settled';
      onTrouble(undefined);
    } catch (error) {
      if (!mayPass(error)) throw error;
      notBeforeMs = error.retryAfterMs ?? 0;
      onTrouble(error);
    }
    pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS);
  }
}
