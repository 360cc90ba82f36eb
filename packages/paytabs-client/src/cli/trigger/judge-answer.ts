import type { Answer } from '../notices/send-request.js';
import { forgeries } from './forgeries.js';
import type { TriggerSettings } from './read-trigger-flags.js';

/** What is wrong with the shop's answer; undefined: nothing. */
export function problemOf(
  { status }: Pick<Answer, 'status'>,
  { form, forgery }: Pick<TriggerSettings, 'form' | 'forgery'>,
): string | undefined {
  if (status === undefined) return 'No answer came.';
  const isReturn = form === 'return' || form === 'return-get';
  if (forgery !== undefined) {
    // A return only shows a page, and that page may say what is wrong.
    if (isReturn || !forgeries[forgery].refused || status < 200 || status >= 300) return undefined;
    return `It is ${forgeries[forgery].about}, and was taken all the same.`;
  }
  if (isReturn) return status < 400 ? undefined : 'The shopper would see an error.';
  return status === 200 ? undefined : 'Only 200 counts: the gateway would send it again.';
}
