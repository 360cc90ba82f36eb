import { WebhookSecurityError } from '../errors.js';

/** For what a store finds and did not write itself: left as it is, and never a free delivery. */
export function unknownFormat(): WebhookSecurityError {
  const text = 'the stored delivery has a format that this version does not know';
  return new WebhookSecurityError('STORE_FORMAT', text);
}
