import { findClientAddress } from '../address/client-address.js';
import { formatAddress } from '../address/parse-address.js';
import type { VerifierSettings } from '../options.js';
import type { Step } from './check.js';

/** Finds the client behind the trusted proxies; refuses it where a list of allowed ones is set. */
export function addressStep({ allow, trustedProxies }: VerifierSettings): Step {
  return (check) => {
    const address = findClientAddress({
      peerAddress: check.request?.peerAddress,
      forwardedFor: check.headers.get('x-forwarded-for') ?? [],
      trustedProxies,
    });
    if (address !== undefined) check.clientAddress = formatAddress(address);
    if (allow === undefined) return undefined;
    if (address === undefined) return { reason: 'address-invalid' };
    return allow.hasParsed(address) ? undefined : { reason: 'address-refused' };
  };
}
