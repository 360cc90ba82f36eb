import type { VerifierSettings } from '../options.js';
import { readClock } from '../time/read-clock.js';
import { readTime } from '../time/read-time.js';
import type { Refusal, Step } from './check.js';

const MALFORMED: Refusal = { reason: 'header-malformed' };
const OLD: Refusal = { reason: 'timestamp-old' };
const FUTURE: Refusal = { reason: 'timestamp-future' };

/** A signed time outside the body: refused when it lies too far to either side of now. */
export function headerTimeStep({ scheme, toleranceMs, clock }: VerifierSettings): Step | undefined {
  if (scheme.headerTime === undefined) return undefined;
  const { unit = 's' } = scheme.headerTime;
  return (check) => {
    const sentAt = readTime(check.timeText, unit);
    if (sentAt === undefined) return MALFORMED;
    const ageMs = readClock(clock, 'wallTime') - sentAt;
    if (ageMs > toleranceMs) return OLD;
    if (-ageMs > toleranceMs) return FUTURE;
    check.sentAt = sentAt;
    return undefined;
  };
}
