import { isPayTabsError } from '../errors.js';
import { UsageError } from './usage-error.js';

/** How the command line calls what the client calls by the name of an option. */
const names = {
  baseUrl: '--base-url',
  reconcile: '--rule',
  serverKey: '$PAYTABS_SERVER_KEY',
  profileId: '--profile-id',
} as const;

/** An option that the client refuses is a wrong command line; whatever else is thrown stays as it is. */
export function refusedOption(error: unknown): unknown {
  if (!isPayTabsError(error, 'INVALID_OPTION')) return error;
  const said = error.message.replace(/^[a-z]+/i, (name) =>
    Object.hasOwn(names, name) ? names[name as keyof typeof names] : name,
  );
  return new UsageError(said.replace(/^--rule\./, '--rule '));
}
