import { PayTabsError, type PayTabsErrorDetails } from '../errors.js';
import type { CardField } from './paylib.js';

/** What the shopper typed was not taken; nothing was charged. `code` is `INVALID_REQUEST`. */
export class PayTabsFormError extends PayTabsError {
  /** The input to mark; absent when the script named none. */
  declare readonly field?: CardField;

  constructor(message: string, details: PayTabsErrorDetails & { readonly field?: CardField }) {
    const { field, ...rest } = details;
    super('INVALID_REQUEST', message, rest);
    if (field === undefined) return;
    Object.defineProperty(this, 'field', { value: field, enumerable: true });
  }
}
