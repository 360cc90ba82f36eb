import { isIP } from 'node:net';

/** Ranges that no gateway on the internet reaches. */
const privateAddress =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

const privateName = /^localhost$|\.(?:localhost|local|internal|lan|test)$/;

/**
 * Why the gateway would never deliver to this address; undefined: it may. It takes public hosts without a port number,
 * and sends an empty body over plain HTTP.
 */
export function whyUnreachable(callbackUrl: string): string | undefined {
  const { protocol, port, hostname } = new URL(callbackUrl);
  const host = hostname.toLowerCase();
  if (protocol !== 'https:')
    return 'must be https: over plain HTTP the gateway sends an empty body';
  if (port !== '') return 'must have no port: the gateway takes none';
  const isLocal =
    isIP(host) === 4
      ? privateAddress.test(host)
      : host.startsWith('[')
        ? /^\[(?:::1?|f[cd]|fe[89ab])/.test(host)
        : privateName.test(host) || !host.includes('.');
  return isLocal ? 'must be a public host: the gateway reaches no other' : undefined;
}
