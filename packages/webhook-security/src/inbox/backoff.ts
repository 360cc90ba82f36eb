import { type Random, systemRandom } from '../ports/random.js';
import { integer, invalid, invalidChoice, refuseUnknown, requireFunction } from '../validation.js';

export interface BackoffOptions {
  /** The wait after the first failure, in ms. Default 5,000; 1 to 86,400,000. */
  readonly firstDelayMs?: number;
  /** The longest wait, in ms. Default 3,600,000; `firstDelayMs` to 604,800,000. */
  readonly maxDelayMs?: number;
  /** Each wait is so many times the one before. Default 3; 1 to 10. */
  readonly factor?: number;
  /** Spreads waits: `full` from 0 to the wait, `equal` its upper half, `none`. Default `equal`. */
  readonly jitter?: 'full' | 'equal' | 'none';
  /** A number from 0 (included) to 1 (excluded). Default `Math.random`. */
  readonly random?: Random;
}

/** How long to wait after so many attempts, in ms. */
export type Backoff = (attempts: number) => number;

/** How much of a wait is by chance. */
const shares = { full: 1, equal: 0.5, none: 0 } as const;

/** @throws WebhookSecurityError INVALID_OPTION */
export function backoffOf(options: BackoffOptions = {}): Backoff {
  refuseUnknown('backoff.', options, ['firstDelayMs', 'maxDelayMs', 'factor', 'jitter', 'random']);
  const { factor = 3, jitter = 'equal', random = systemRandom } = options;
  const first = integer('backoff.firstDelayMs', options.firstDelayMs ?? 5_000, 1, 86_400_000);
  const longest = Math.max(first, 3_600_000);
  const max = integer('backoff.maxDelayMs', options.maxDelayMs ?? longest, first, 604_800_000);
  if (typeof factor !== 'number' || !(factor >= 1 && factor <= 10)) {
    throw invalid('backoff.factor', factor, 'a number from 1 to 10');
  }
  if (!Object.hasOwn(shares, jitter)) {
    throw invalidChoice('backoff.jitter', jitter, Object.keys(shares).join(', '));
  }
  requireFunction('backoff.random', random);
  return (attempts) => {
    const wait = Math.min(max, first * factor ** (attempts - 1));
    const chance = random();
    // A source that gives no such number must not make an entry wait for ever, or not at all.
    const drawn = chance >= 0 && chance < 1 ? chance : 1;
    return Math.round(wait * (1 - shares[jitter] * (1 - drawn)));
  };
}
