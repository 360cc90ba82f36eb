import { resolveClientAddress } from '../address/client-address.js';
import type { VerifierSettings } from '../options.js';
import { linesOf } from '../request/headers.js';
import type { Refusal, Step } from './check.js';
import type { HeaderPlan } from './header-plan.js';

const INVALID: Refusal = { reason: 'address-invalid' };
const REFUSED: Refusal = { reason: 'address-refused' };

/** Finds the client behind the trusted proxies; refuses it where a list of allowed ones is set. */
export function addressStep(settings: VerifierSettings, plan: HeaderPlan): Step {
  const { allow, trustedProxies } = settings;
  return (check) => {
    const peerAddress = check.request?.peerAddress;
    if (peerAddress === undefined && allow === undefined) return undefined;
    const forwardedFor = linesOf(check.headers[plan.forwardedFor]);
    const address = resolveClientAddress({ peerAddress, forwardedFor, trustedProxies });
    check.clientAddress = address;
    if (allow === undefined) return undefined;
    if (address === undefined) return INVALID;
    // A set of the user's own may answer with a promise, which is no yes.
    return allow.has(address) === true ? undefined : REFUSED;
  };
}
