import { WebhookSecurityError } from '../errors.js';
import { refuseUnknown } from '../validation.js';
import type { ChallengedVerdict } from '../verdict.js';
import { fetchText } from './fetch-text.js';
import { type RemoteOptions, readRemoteOptions, remoteOptionNames } from './remote-options.js';

/**
 * Opens the address of a handshake that asks for that (SNS). The verdict has it from a signed body, and
 * only at a host of its scheme; look at what is subscribed to before.
 * @throws WebhookSecurityError REMOTE_FAILED if it could not be opened, INVALID_OPTION for a verdict with none
 */
export async function confirmSubscription(
  verdict: ChallengedVerdict,
  options: RemoteOptions = {},
): Promise<void> {
  refuseUnknown('', options, [...remoteOptionNames]);
  const { visit } = verdict;
  if (visit === undefined) {
    throw new WebhookSecurityError('INVALID_OPTION', 'verdict has no address to visit');
  }
  await fetchText({ ...readRemoteOptions(options), url: visit });
}
