import { WebhookSecurityError } from '../errors.js';
import type { WebhookEvent } from '../observer.js';
import { randomId } from '../platform/index.js';
import type { Clock } from '../ports/clock.js';
import type { ClaimResult, MaybePromise, ReplayStore } from '../ports/replay-store.js';
import { isThenable } from '../promise.js';
import { withDeadline } from '../time/deadline.js';
import type { DeliveryClaim, WebhookAnswer } from '../verdict.js';
import { readAnswer, writeAnswer } from './kept-answer.js';

/** The replay options with every default filled in. */
export interface ReplaySettings {
  readonly store: ReplayStore;
  readonly claimMs: number;
  readonly keepMs: number;
  readonly timeoutMs: number;
  readonly repeatStatus: 200 | 409;
  readonly keepAnswers: boolean;
}

const YES = Promise.resolve(true);

/** The claim of a verifier without a replay store: nothing to keep, nothing to fail. */
export const noClaim: DeliveryClaim = Object.freeze({ confirm: () => YES, release: () => YES });

export type ClaimOutcome =
  | { readonly result: 'claimed'; readonly claim: DeliveryClaim }
  | { readonly result: 'claimedElsewhere' | 'failed' }
  | { readonly result: 'confirmed'; readonly answer: WebhookAnswer | undefined };

const FAILED: ClaimOutcome = Object.freeze({ result: 'failed' });

/** What the claims of one verifier have in common. */
export interface ClaimPlace {
  readonly scheme: string;
  readonly settings: ReplaySettings;
  readonly clock: Clock;
  readonly emit: ((event: WebhookEvent) => void) | undefined;
}

/**
 * Claims a delivery; a store that fails or stays silent gives `failed` and is told to `emit`. A store
 * that answers at once is answered for at once.
 */
export function claimDelivery(
  place: ClaimPlace,
  key: string,
  deliveryId: string,
): MaybePromise<ClaimOutcome> {
  const claim = new Claim(place, key, deliveryId);
  try {
    const answer = claim.ask();
    if (!isThenable(answer)) return claim.outcomeOf(answer);
    return claim.wait(answer).then(
      (result) => claim.outcomeOf(result),
      (error: unknown) => claim.failed('claim', error),
    );
  } catch (error) {
    return claim.failed('claim', error);
  }
}

class Claim implements DeliveryClaim {
  readonly #place: ClaimPlace;
  readonly #key: string;
  readonly #deliveryId: string;
  readonly #token = randomId();
  #ended: Promise<boolean> | undefined;

  constructor(place: ClaimPlace, key: string, deliveryId: string) {
    this.#place = place;
    this.#key = key;
    this.#deliveryId = deliveryId;
  }

  ask(): MaybePromise<ClaimResult> {
    const { store, claimMs } = this.#place.settings;
    return store.claim(this.#key, { claimMs, token: this.#token });
  }

  wait(answer: PromiseLike<ClaimResult>): Promise<ClaimResult> {
    return withDeadline(() => answer, {
      ...this.#deadline(),
      // The request was refused by then: free the delivery for the sender's retry.
      late: (value) => {
        if (value === 'claimed') void this.release();
      },
    });
  }

  outcomeOf(result: ClaimResult): ClaimOutcome {
    if (result === 'claimed') return { result, claim: this };
    if (result === 'confirmed') return { result, answer: undefined };
    if (result === 'claimedElsewhere') return { result };
    if (result?.result === 'confirmed')
      return { result: 'confirmed', answer: readAnswer(result.answer) };
    return this.failed('claim', new TypeError('the store answered with none of the three results'));
  }

  failed(operation: 'claim' | 'confirm' | 'release', error: unknown): ClaimOutcome {
    const { scheme, emit } = this.#place;
    emit?.({ event: 'storeFailed', scheme, operation, deliveryId: this.#deliveryId, error });
    return FAILED;
  }

  confirm(given?: WebhookAnswer): Promise<boolean> {
    const { store, keepMs, keepAnswers } = this.#place.settings;
    const answer = keepAnswers ? writeAnswer(given) : undefined;
    this.#ended ??= this.#end('confirm', () => store.confirm(this.#key, { keepMs, answer }));
    return this.#ended;
  }

  release(): Promise<boolean> {
    const { store } = this.#place.settings;
    this.#ended ??= this.#end('release', () => store.release(this.#key, { token: this.#token }));
    return this.#ended;
  }

  #end(operation: 'confirm' | 'release', act: () => MaybePromise<void>): Promise<boolean> {
    const failed = (error: unknown) => {
      this.failed(operation, error);
      return false;
    };
    try {
      const answer = act();
      if (!isThenable(answer)) return YES;
      return withDeadline(() => answer, this.#deadline()).then(() => true, failed);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
  }

  #deadline() {
    const { clock, settings } = this.#place;
    const { timeoutMs } = settings;
    const expired = () =>
      new WebhookSecurityError(
        'STORE_TIMEOUT',
        `the replay store gave no answer within ${timeoutMs} ms`,
      );
    return { clock, timeoutMs, expired };
  }
}
