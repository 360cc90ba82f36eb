import { hasEnded, type Intent } from './intent.js';
import type { ReconcileRules } from './reconcile-rules.js';

/** When an intent has to be looked at next; undefined: never. */
export function dueAtOf(intent: Intent, at: Date, rules: ReconcileRules): Date | undefined {
  const after = (ms: number) => new Date(at.getTime() + ms);
  if (hasEnded(intent)) {
    // Where it was told in vain, after all that is due by now.
    const waitMs = at > intent.since ? rules.firstCheckMs : rules.tellAfterMs;
    return intent.acknowledged ? undefined : after(waitMs);
  }
  const { state, checks, sendBefore } = intent;
  switch (state.name) {
    case 'begun':
      // Until then it is its sender's.
      return new Date(sendBefore.getTime() + rules.maxClockSkewMs);
    case 'pageOpen': {
      const isDead = at >= state.expiresAt;
      // What says nothing, such as a gateway that is down, is no reason to ask more often.
      const isEnding = isDead && checks.nothing > 0;
      const next = after(isEnding ? waitOf(checks.nothing, rules) : pageWaitOf(intent, at, rules));
      return !isDead && next > state.expiresAt ? state.expiresAt : next;
    }
    case 'pending':
      return after(rules.pendingCheckMs);
    default:
      return after(waitOf(checks.count, rules));
  }
}

/** A page lives for minutes, a bill or an invoice for weeks: the longer it has been open, the more seldom it is asked for. */
function pageWaitOf(
  { since }: Intent,
  at: Date,
  { pageCheckMs, pendingCheckMs }: ReconcileRules,
): number {
  const openForMs = at.getTime() - since.getTime();
  return Math.max(pageCheckMs, Math.min(pendingCheckMs, openForMs / 4));
}

/** Doubled each time, up to the longest. */
const waitOf = (count: number, { firstCheckMs, maxCheckMs }: ReconcileRules): number =>
  Math.min(maxCheckMs, firstCheckMs * 2 ** Math.min(count, 30));
