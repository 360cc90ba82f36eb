import type { Outcome } from '@nestcms/circuit-breaker';
import type { PayTabsError } from '../errors.js';
import type { GatewayCall } from './gateway-caller.js';

/** A try that gave no answer to the request: what the caller will get, whether another may follow, and what the breaker counts. */
export class FailedTry extends Error {
  readonly call: GatewayCall;
  readonly error: PayTabsError;
  readonly mayRepeat: boolean;
  readonly outcome: Outcome;

  constructor(
    call: GatewayCall,
    how: {
      readonly error: PayTabsError;
      readonly mayRepeat: boolean;
      readonly outcome: Outcome;
    },
  ) {
    super(how.error.message);
    this.call = call;
    this.error = how.error;
    this.mayRepeat = how.mayRepeat;
    this.outcome = how.outcome;
  }
}
