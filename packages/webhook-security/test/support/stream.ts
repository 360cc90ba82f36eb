import type { Verdict, WebhookVerifier } from '../../src/index.js';
import { callback, notice } from '../requests.js';

/** What happened to one delivery, each time that it was sent. */
export interface Sending {
  readonly sender: number;
  readonly id: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly verdict: Verdict;
  /** Of an accepted one: whether the store noted its end. */
  readonly isConfirmed: boolean | undefined;
}

/**
 * Senders that go on until they are told to stop: each sends a delivery until it hears that it was handled,
 * then the one before again, as an attacker may, and then the next.
 */
export function startStream(verifier: WebhookVerifier, senders: number) {
  const sendings: Sending[] = [];
  let isOver = false;
  const send = async (sender: number, delivery: number): Promise<boolean> => {
    const id = `${sender}-${delivery}`;
    const sentAt = performance.now();
    const verdict = await verifier.verify(callback({ ...notice, tran_ref: id }));
    const endedAt = performance.now();
    const isAccepted = verdict.verdict === 'accepted';
    const isConfirmed = isAccepted ? await verdict.claim.confirm() : undefined;
    sendings.push({ sender, id, sentAt, endedAt, verdict, isConfirmed });
    return isConfirmed ?? ('repeat' in verdict && verdict.repeat === 'confirmed');
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  const run = async (sender: number) => {
    for (let delivery = 0; !isOver; delivery += 1) {
      while (!isOver && !(await send(sender, delivery))) await pause();
      if (delivery > 0) await send(sender, delivery - 1);
      await pause();
    }
  };
  const all = Array.from({ length: senders }, (_, sender) => run(sender));
  return {
    sendings,
    stop: async () => {
      isOver = true;
      await Promise.all(all);
    },
  };
}

/** How many senders had something handled. */
export function sendersHeard(sendings: readonly Sending[]): number {
  return new Set(sendings.filter(({ isConfirmed }) => isConfirmed).map(({ sender }) => sender))
    .size;
}

export function reasonsOf(sendings: readonly Sending[]): readonly string[] {
  const reasons = sendings.map(({ verdict }) =>
    verdict.verdict === 'refused' ? verdict.reason : verdict.verdict,
  );
  return Array.from(new Set(reasons));
}

/** Accepted once more though it was confirmed, or before the claim of the first time had run out. */
export function takenTwice(sendings: readonly Sending[], claimMs: number): readonly Sending[] {
  const before = new Map<string, Sending>();
  return sendings.filter((sending) => {
    if (sending.verdict.verdict !== 'accepted') return false;
    const first = before.get(sending.id);
    before.set(sending.id, sending);
    if (first === undefined) return false;
    return first.isConfirmed || sending.endedAt - first.sentAt < claimMs;
  });
}
