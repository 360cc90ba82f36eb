import { WebhookSecurityError } from '../errors.js';
import type { InboxStore } from '../ports/inbox-store.js';
import type { MaybePromise } from '../ports/replay-store.js';
import { withDeadline } from '../time/deadline.js';
import type { InboxSettings } from './inbox-options.js';

/** Asks the store with a deadline, and tells of every failure. */
export class AskedStore {
  readonly #settings: InboxSettings;

  constructor(settings: InboxSettings) {
    this.#settings = settings;
  }

  /** @throws what the store throws, or WebhookSecurityError STORE_TIMEOUT */
  async ask<Answer>(
    operation: keyof InboxStore,
    key: string | undefined,
    call: (store: InboxStore) => MaybePromise<Answer>,
    timeoutMs = this.#settings.storeTimeoutMs,
  ): Promise<Answer> {
    const { store, clock } = this.#settings;
    const expired = () =>
      new WebhookSecurityError(
        'STORE_TIMEOUT',
        `the inbox store gave no answer within ${timeoutMs} ms`,
      );
    try {
      return await withDeadline(async () => call(store), { clock, timeoutMs, expired });
    } catch (error) {
      this.failed(operation, key, error);
      throw error;
    }
  }

  /** A step of the lease holder. False when it failed or the lease is lost; both have been told. */
  async end(
    operation: 'complete' | 'retry' | 'bury',
    key: string,
    call: (store: InboxStore) => MaybePromise<boolean>,
  ): Promise<boolean> {
    try {
      const isDone = await this.ask(operation, key, call);
      if (!isDone) this.failed(operation, key, leaseLost());
      return isDone;
    } catch {
      // The entry is taken again when its lease runs out.
      return false;
    }
  }

  failed(operation: keyof InboxStore, key: string | undefined, error: unknown): void {
    this.#settings.emit({ event: 'storeFailed', operation, key, error });
  }
}

export function leaseLost(): WebhookSecurityError {
  return new WebhookSecurityError(
    'LEASE_LOST',
    'the lease of the entry ran out before it was done',
  );
}
