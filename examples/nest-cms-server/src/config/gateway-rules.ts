import type { Environment } from './environment.js';
import type { VariableProblem } from './environment-error.js';
import type { Values } from './variables.js';

/** Hosts that mean another machine, or none, to a gateway elsewhere. */
const LOCAL = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

const isLocal = (url: string): boolean => LOCAL.test(new URL(url).hostname);

/** A gateway elsewhere cannot call this machine by a local name: no payment would ever be heard of. */
export function checkGateway({ paytabs }: Environment, values: Values): VariableProblem[] {
  const { baseUrl, callbackUrl, returnUrl, allowLocalUrls } = paytabs;
  if (allowLocalUrls || (baseUrl !== undefined && isLocal(baseUrl))) return [];
  const names = [
    ...(isLocal(callbackUrl) ? (['PAYTABS_CALLBACK_URL'] as const) : []),
    ...(isLocal(returnUrl) ? (['PAYTABS_RETURN_URL'] as const) : []),
  ].map((name) => (values[name] === undefined ? 'PUBLIC_URL' : name));
  return [...new Set(names)].map((name) => ({
    name,
    given: values[name] === undefined ? 'missing' : 'an address of this machine alone',
    allowed: 'an address that the gateway can reach',
  }));
}
