import { createBackoff, guardRandom } from '../backoff/backoff.js';
import { askGuarded } from '../events/guard.js';
import { BREAKER_DEFAULTS, type Settings } from '../options.js';
import { LONGEST_MS } from '../validation.js';

/** A backoff may give no wait at all; an open breaker is open for a moment at least. */
const SHORTEST_MS = 1;

/** Milliseconds to stay open the `attempt`th time since it was last closed. */
export const openWait = (
  settings: Settings,
  attempt: number,
  previousMs: number | undefined,
): number => {
  const { openForMs, random, onListenerError } = settings;
  if (typeof openForMs === 'number') return openForMs;
  if (typeof openForMs === 'function') {
    const answer = askGuarded(
      () => openForMs({ attempt }),
      (ms) => typeof ms === 'number' && ms > 0 && ms <= LONGEST_MS,
      { kind: 'callback', name: 'openForMs', expected: 'milliseconds above 0, to 30 days' },
      onListenerError,
    );
    return answer ?? BREAKER_DEFAULTS.openForMs;
  }
  const backoff = createBackoff(
    'openForMs',
    openForMs,
    guardRandom(random, onListenerError),
    BREAKER_DEFAULTS.openJitter,
  );
  return Math.max(SHORTEST_MS, backoff({ attempt, previousMs }));
};

/** What to propose to those refused by a breaker that is held open: nobody knows how long, so nobody is asked. */
export const heldWait = ({ openForMs }: Settings): number => {
  if (typeof openForMs === 'number') return openForMs;
  if (typeof openForMs === 'function') return BREAKER_DEFAULTS.openForMs;
  const backoff = createBackoff('openForMs', openForMs, () => 1, BREAKER_DEFAULTS.openJitter);
  return Math.max(SHORTEST_MS, backoff({ attempt: 1, previousMs: undefined }));
};
