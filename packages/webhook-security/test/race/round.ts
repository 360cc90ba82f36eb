import type { AcceptedVerdict, Verdict, WebhookVerifier } from '../../src/index.js';
import { callback, notice } from '../requests.js';

/** What became of the copies of one delivery. */
export interface RoundCounts {
  readonly accepted: number;
  /** Refused as repeats. */
  readonly repeated: number;
  /** Refused for another reason, which nothing gives cause for. */
  readonly other: number;
}

export interface Round {
  readonly id: string;
  /** Of the delivery, for this verifier. */
  readonly copies: number;
  /** Whether what is accepted is confirmed only when all copies have their verdicts. */
  readonly isSlow: boolean;
}

/**
 * Sends one verifier copies of one delivery, all at the same time, and confirms what it accepts.
 * @param isSync every other copy asks for its verdict at once
 */
export async function sendCopies(
  verifier: WebhookVerifier,
  { id, copies, isSlow }: Round,
  isSync: boolean,
): Promise<RoundCounts> {
  const request = callback({ ...notice, tran_ref: id });
  const counts = { accepted: 0, repeated: 0, other: 0 };
  const accepted: AcceptedVerdict[] = [];
  const confirm = async ({ claim }: AcceptedVerdict) => {
    if (!(await claim.confirm())) counts.other += 1;
  };
  const count = (verdict: Verdict): Promise<void> => {
    if (verdict.verdict === 'accepted') {
      counts.accepted += 1;
      if (!isSlow) return confirm(verdict);
      accepted.push(verdict);
    } else if (verdict.verdict === 'refused' && verdict.reason === 'replay') {
      counts.repeated += 1;
    } else {
      counts.other += 1;
    }
    return Promise.resolve();
  };
  const all = Array.from({ length: copies }, (_, copy) =>
    isSync && copy % 2 === 0
      ? count(verifier.verifySync(request))
      : verifier.verify(request).then(count),
  );
  await Promise.all(all);
  await Promise.all(accepted.map(confirm));
  return counts;
}

/** Half of the rounds are of each kind. */
export function roundOf(round: number, copies: number): Round {
  return { id: `race ${round}`, copies, isSlow: round % 2 === 0 };
}

/** Undefined where one was accepted and all the others refused as repeats. */
export function faultOf(round: number, copies: number, parts: readonly RoundCounts[]) {
  const sum = (field: keyof RoundCounts) => parts.reduce((all, part) => all + part[field], 0);
  if (sum('accepted') === 1 && sum('repeated') === copies - 1) return undefined;
  return `round ${round}: ${sum('accepted')} accepted, ${sum('repeated')} refused as repeats, ${sum('other')} otherwise`;
}
