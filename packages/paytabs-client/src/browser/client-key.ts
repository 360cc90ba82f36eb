import { PayTabsError } from '../errors.js';

const refuse = (message: string) => new PayTabsError('INVALID_OPTION', message);

/**
 * The key for browsers, without space around it.
 * @throws PayTabsError INVALID_OPTION, without the key in it
 */
export function checkClientKey(given: unknown): string {
  const key = typeof given === 'string' ? given.trim() : '';
  if (/^S[A-Z0-9]{2,}-/i.test(key)) {
    throw refuse(
      'key: this is a SERVER key. It must never reach a browser: whoever has opened this page can take money with it. Replace it in the dashboard now, and give the client key, which begins with C',
    );
  }
  if (/^C[A-Z0-9]{2,}(?:-[A-Z0-9]{2,}){1,5}$/i.test(key)) return key;
  throw refuse('key: must be a client key: groups joined by dashes, the first beginning with C');
}
