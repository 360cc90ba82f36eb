import type { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError } from '../../errors.js';
import { type Mode, modeOf } from '../../gateway/mode.js';
import { type Finding, failed, ok } from './check.js';

/** Tells test from live by a transaction: nothing else of the gateway's does. */
export function checkMode(tranRef: string, expected: Mode | undefined): Finding {
  const mode = modeOf(tranRef);
  if (expected === undefined || mode === expected) return ok(`It is a ${mode} profile.`);
  return failed(
    `It is a ${mode} profile, though ${expected} is expected.`,
    `Take profile and key of the ${expected} profile; both kinds have the same host and keys of the same look.`,
  );
}

/** The same by a transaction that the profile should have. */
export async function checkModeBy(
  asked: {
    readonly client: PayTabsClient;
    readonly tranRef: string;
    readonly expected: Mode | undefined;
  },
  signal: AbortSignal,
): Promise<Finding> {
  const { client, tranRef, expected } = asked;
  try {
    return checkMode((await client.query({ tranRef }, { signal })).tranRef, expected);
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
    const says = `The transaction could not be read: ${error.message}.`;
    return failed(says, 'Give a --tran-ref of this very profile, of a payment that was made.');
  }
}
