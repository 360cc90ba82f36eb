import { randomUUID } from 'node:crypto';
import { WebhookSecurityError } from '../errors.js';
import type { WebhookEvent } from '../observer.js';
import type { Clock } from '../ports/clock.js';
import type { ClaimResult, ReplayStore } from '../ports/replay-store.js';
import { withDeadline } from '../time/deadline.js';
import type { DeliveryClaim } from '../verdict.js';

/** The replay options with every default filled in. */
export interface ReplaySettings {
  readonly store: ReplayStore;
  readonly claimMs: number;
  readonly keepMs: number;
  readonly timeoutMs: number;
  readonly repeatStatus: 200 | 409;
}

/** The claim of a verifier without a replay store: nothing to keep, nothing to fail. */
export const noClaim: DeliveryClaim = Object.freeze({
  confirm: () => Promise.resolve(true),
  release: () => Promise.resolve(true),
});

export type ClaimOutcome =
  | { readonly result: 'claimed'; readonly claim: DeliveryClaim }
  | { readonly result: Exclude<ClaimResult, 'claimed'> | 'failed' };

/** Claims a delivery; a store that fails or stays silent gives `failed` and is told to `emit`. */
export async function claimDelivery(delivery: {
  readonly key: string;
  readonly deliveryId: string;
  readonly scheme: string;
  readonly settings: ReplaySettings;
  readonly clock: Clock;
  readonly emit: (event: WebhookEvent) => void;
}): Promise<ClaimOutcome> {
  const { key, settings, clock, emit } = delivery;
  const { store, claimMs, keepMs, timeoutMs } = settings;
  const token = randomUUID();
  const failed = (operation: 'claim' | 'confirm' | 'release', error: unknown) => {
    const { scheme, deliveryId } = delivery;
    emit({ event: 'storeFailed', scheme, operation, deliveryId, error });
    return false;
  };
  const expired = () =>
    new WebhookSecurityError(
      'STORE_TIMEOUT',
      `the replay store gave no answer within ${timeoutMs} ms`,
    );
  const deadline = { clock, timeoutMs, expired };
  const end = (operation: 'confirm' | 'release', act: () => Promise<void>) =>
    withDeadline(act, deadline).then(
      () => true,
      (error: unknown) => failed(operation, error),
    );

  let result: ClaimResult;
  try {
    result = await withDeadline(() => store.claim(key, { claimMs, token }), {
      ...deadline,
      // The request was refused by then: free the delivery for the sender's retry.
      late: (value) => {
        if (value === 'claimed') void end('release', () => store.release(key, { token }));
      },
    });
  } catch (error) {
    failed('claim', error);
    return { result: 'failed' };
  }
  if (result === 'confirmed' || result === 'claimedElsewhere') return { result };
  if (result !== 'claimed') {
    failed('claim', new TypeError('the store answered with none of the three results'));
    return { result: 'failed' };
  }

  let ended: Promise<boolean> | undefined;
  return {
    result,
    claim: Object.freeze({
      confirm: () => (ended ??= end('confirm', () => store.confirm(key, { keepMs }))),
      release: () => (ended ??= end('release', () => store.release(key, { token }))),
    }),
  };
}
