import { isPlainName } from './plain-name.js';
import { warn as warnOf } from './platform/index.js';
import { isThenable } from './promise.js';
import type { RefusalReason, Stage } from './reasons.js';
import type { Staleness } from './verdict.js';

/** What a verifier tells its observer. Each request gives exactly one of `accepted`, `refused`, `replayed` and `challenged`. */
export type WebhookEvent =
  | {
      readonly event: 'accepted';
      readonly scheme: string;
      readonly deliveryId: string;
      readonly keyIndex: number;
      readonly staleness: Staleness | undefined;
      readonly reading: string | undefined;
      readonly clientAddress: string | undefined;
    }
  | {
      readonly event: 'refused';
      readonly scheme: string;
      readonly reason: RefusalReason;
      readonly stage: Stage;
      readonly status: number;
      readonly clientAddress: string | undefined;
      readonly paths?: readonly string[];
      /** For `verifier-failed`, `keys-unavailable` and `payload-check-failed`: what kind of error the code in question threw. */
      readonly error?: ErrorKind;
    }
  | {
      readonly event: 'replayed';
      readonly scheme: string;
      readonly deliveryId: string;
      readonly repeat: 'confirmed' | 'claimedElsewhere';
      readonly status: number;
      readonly clientAddress: string | undefined;
    }
  | {
      readonly event: 'storeFailed';
      readonly scheme: string;
      readonly operation: 'claim' | 'confirm' | 'release';
      readonly deliveryId: string;
      readonly error: unknown;
    }
  /** A handshake was answered, and no handler run. */
  | {
      readonly event: 'challenged';
      readonly scheme: string;
      readonly clientAddress: string | undefined;
    }
  /** The signature held under a key that is not the first: the sender has not rotated yet. */
  | { readonly event: 'oldKeyUsed'; readonly scheme: string; readonly keyIndex: number };

/** An error without its message, which may quote the body. */
export interface ErrorKind {
  readonly name: string;
  readonly code?: string | number;
}

export type WebhookObserver = (event: WebhookEvent) => unknown;

export interface ObserverFailure<Event extends string = WebhookEvent['event']> {
  readonly event: Event;
  readonly error: unknown;
}

/** What may be told of an error: its name and code, where they are plain ones. */
export function errorKind(error: unknown): ErrorKind {
  try {
    const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
    const isPlainCode = Number.isSafeInteger(code) || isPlainName(code);
    return {
      name: isPlainName(name) ? name : 'Error',
      ...(isPlainCode && { code: code as string | number }),
    };
  } catch {
    return { name: 'Error' };
  }
}

/** Calls the observer so that neither a throw nor a rejection of it reaches what it watches. */
export function guardObserver<Event extends { readonly event: string } = WebhookEvent>(
  observer: ((event: Event) => unknown) | undefined,
  onObserverError: (failure: ObserverFailure<Event['event']>) => void = warn,
): ((event: Event) => void) | undefined {
  if (observer === undefined) return undefined;
  return (event) => {
    const told = (error: unknown): ObserverFailure<Event['event']> => ({
      event: event.event,
      error,
    });
    callGuarded(
      () => observer(event),
      (error) =>
        callGuarded(
          () => onObserverError(told(error)),
          (second) => warn(told(second)),
        ),
    );
  };
}

/** Hands what `call` throws, or what the promise it returns is rejected with, to `failed`. */
function callGuarded(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const returned = call();
    if (isThenable(returned)) returned.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

function warn({ event, error }: ObserverFailure<string>): void {
  warnOf(`observer failed on ${event}: ${inWords(error)}`);
}

function inWords(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error that cannot be turned into text';
  }
}
