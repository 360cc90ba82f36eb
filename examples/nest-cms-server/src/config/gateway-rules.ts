import type { Environment } from './environment.js';
import type { VariableProblem } from './environment-error.js';
import { LONGEST_GATEWAY_URL } from './readers.js';
import type { Values } from './variables.js';

/** Hosts that mean another machine, or none, to a gateway elsewhere. */
const LOCAL = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

const isLocal = (url: string): boolean => LOCAL.test(new URL(url).hostname);

/** The addresses made from PUBLIC_URL are given to the gateway as well. The others were checked one by one. */
function checkLengths({ paytabs, publicUrl }: Environment, values: Values): VariableProblem[] {
  const longest = Math.max(paytabs.callbackUrl.length, paytabs.returnUrl.length);
  if (longest <= LONGEST_GATEWAY_URL) return [];
  const most = LONGEST_GATEWAY_URL - (longest - publicUrl.length);
  return [
    {
      name: 'PUBLIC_URL',
      given: values.PUBLIC_URL === undefined ? 'missing' : `${publicUrl.length} characters`,
      allowed: `at most ${most} characters, or PAYTABS_CALLBACK_URL and PAYTABS_RETURN_URL beside it`,
    },
  ];
}

/** A gateway elsewhere cannot call this machine by a local name: no payment would ever be heard of. */
function checkPlaces({ paytabs }: Environment, values: Values): VariableProblem[] {
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

/** What would fail only at the first payment. */
export function checkGateway(environment: Environment, values: Values): VariableProblem[] {
  return [...checkLengths(environment, values), ...checkPlaces(environment, values)];
}
