import type { VerifierSettings } from '../options.js';
import { readClock } from '../time/read-clock.js';
import { readSeconds } from '../time/read-time.js';
import type { Step } from './check.js';

/** A signed time outside the body: refused when it lies too far to either side of now. */
export function headerTimeStep({ scheme, toleranceMs, clock }: VerifierSettings): Step {
  if (scheme.headerTime === undefined) return () => undefined;
  return (check) => {
    const sentAt = readSeconds(check.timeText);
    if (sentAt === undefined) return { reason: 'header-malformed' };
    const ageMs = readClock(clock, 'wallTime') - sentAt;
    if (ageMs > toleranceMs) return { reason: 'timestamp-old' };
    if (-ageMs > toleranceMs) return { reason: 'timestamp-future' };
    check.sentAt = sentAt;
    return undefined;
  };
}
