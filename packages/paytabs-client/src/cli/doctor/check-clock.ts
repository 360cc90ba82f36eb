import { RECONCILE_DEFAULTS } from '../../defaults.js';
import { type Finding, failed, ok, warning } from './check.js';

/** The header has whole seconds, and an answer takes a while. */
const unseenMs = 5_000;

/** Compares the machine's time with the gateway's. */
export function checkClock(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return { status: 'skipped', says: 'No answer told the time.' };
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= unseenMs) return ok('It goes with that of the gateway.');
  const says = `The clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the gateway.`;
  const todo =
    'Have it set by NTP: by it notices are called stale, and open payments are given time.';
  const verdict = Math.abs(aheadMs) > RECONCILE_DEFAULTS.maxClockSkewMs ? failed : warning;
  return verdict(says, todo);
}
