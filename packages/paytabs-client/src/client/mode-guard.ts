import type { GuardedEmitter } from '@nestcms/circuit-breaker';
import { PayTabsError } from '../errors.js';
import type { Operation, PayTabsEvents } from '../events.js';
import { type Mode, modeOf } from '../gateway/mode.js';
import { adviceFor } from './reply-error.js';
import type { Reading } from './writes.js';

/** A transaction that an answer named. */
interface Named {
  readonly operation: Operation;
  readonly tranRef: string;
  readonly cartId?: string | undefined;
}

/** Notices answers of a test profile where live is expected, and the other way round. */
export class ModeGuard {
  readonly #expected: Mode | undefined;
  readonly #events: GuardedEmitter<PayTabsEvents>;
  #isForgetful: boolean;

  constructor(parts: {
    expected: Mode | undefined;
    isForgetful: boolean;
    events: GuardedEmitter<PayTabsEvents>;
  }) {
    this.#expected = parts.expected;
    this.#isForgetful = parts.isForgetful;
    this.#events = parts.events;
  }

  /** Why the answer is not to be believed; undefined: it is. Tells it as an event. */
  refuse({ operation, tranRef, cartId }: Named): string | undefined {
    const expected = this.#expected;
    const got = modeOf(tranRef);
    if (got === 'live' && this.#isForgetful) this.#warn();
    if (expected === undefined || got === expected) return undefined;
    const about = cartId === undefined ? {} : { cartId };
    this.#events.emit('modeMismatch', { operation, tranRef, expected, got, ...about });
    return `it is of a ${got} profile though ${expected} is expected: check which key and profile are used`;
  }

  #warn(): void {
    this.#isForgetful = false;
    const message =
      'Live payments are remembered in this process alone, and a restart forgets them: give a store on a server as "intents"';
    process.emitWarning(message, 'PayTabsWarning');
  }

  /**
   * Nobody is sent to such a page, and nobody is told that such a charge is done or that it failed: money may have moved
   * that was meant to be played with, or not moved though it seems so. The intent stays open, with its reference.
   */
  read<Opened>(
    reading: Reading<Opened>,
    { operation, cartId }: { readonly operation: Operation; readonly cartId: string },
  ): Reading<Opened> {
    const tranRef = namedBy(reading);
    const why = tranRef && this.refuse({ operation, tranRef, cartId });
    return why ? { kind: 'unclear', why, reason: 'unclearAnswer', tranRef } : reading;
  }

  /** @throws PayTabsError UNEXPECTED_REPLY */
  check(named: Named): void {
    const why = this.refuse(named);
    if (why === undefined) return;
    const { tranRef, cartId } = named;
    const message = `${adviceFor('UNEXPECTED_REPLY')} (${why})`;
    throw new PayTabsError('UNEXPECTED_REPLY', message, { tranRef, cartId });
  }
}

function namedBy(reading: Reading<unknown>): string | undefined {
  switch (reading.kind) {
    case 'page':
      return reading.page.tranRef;
    case 'completed':
      return reading.transaction.tranRef;
    case 'opened':
      // An invoice has no transaction yet.
      return reading.tranRef.startsWith('invoice-') ? undefined : reading.tranRef;
    case 'unclear':
      return undefined;
  }
}
