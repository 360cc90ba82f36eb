import type { ErrorKind } from '../observer.js';
import type { InboxStore } from '../ports/inbox-store.js';

/**
 * What an inbox tells its observer. Nothing of a payload: of errors in your processor only name and code are
 * told, of your store all.
 */
export type InboxEvent =
  /** A delivery is kept; the sender is answered after this. */
  | {
      readonly event: 'stored';
      readonly key: string;
      readonly scheme: string;
      readonly deliveryId: string;
      readonly stale: boolean;
    }
  /** A delivery was kept before, and is not kept twice. */
  | {
      readonly event: 'known';
      readonly key: string;
      readonly scheme: string;
      readonly deliveryId: string;
    }
  | {
      readonly event: 'processed';
      readonly key: string;
      readonly attempt: number;
      readonly durationMs: number;
    }
  | {
      readonly event: 'retried';
      readonly key: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: ErrorKind;
    }
  | {
      readonly event: 'buried';
      readonly key: string;
      readonly attempt: number;
      readonly error: ErrorKind;
    }
  | { readonly event: 'replayed'; readonly key: string }
  /** The store failed, was silent or full, has an entry that cannot be read, or a lease was lost. */
  | {
      readonly event: 'storeFailed';
      readonly operation: keyof InboxStore;
      readonly key: string | undefined;
      readonly error: unknown;
    };

export type InboxObserver = (event: InboxEvent) => unknown;
