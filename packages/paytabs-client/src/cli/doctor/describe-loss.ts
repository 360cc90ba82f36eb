/** A way in which no answer came. */
interface Loss {
  readonly says: string;
  readonly todo: string;
}

const cannotResolve = /^(?:ENOTFOUND|EAI_|EDNS|ENODATA)/;
const noRoute = /^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/;
const badTls = /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_(?:TLS|SSL)|^EPROTO$|HOSTNAME_MISMATCH/;
const noConnection = /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/;
const noAnswer = /^(?:TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/;

/** Why a host gave no answer, by the code of the system, of TLS or of undici. `error` is what was thrown, or its cause. */
export function describeLoss(
  error: unknown,
  { host, proxied = false }: { readonly host: string; readonly proxied?: boolean },
): Loss {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  const proxyStatus = /Proxy response \((\d{3})\)/.exec(message ?? '')?.[1];
  if (proxyStatus !== undefined) return refusedByProxy(proxyStatus);
  return lossOf(code ?? 'no code', proxied ? 'the proxy' : host);
}

const refusedByProxy = (status: string): Loss => ({
  says: `The proxy answered ${status} when it was asked for a connection.`,
  todo:
    status === '407'
      ? 'It wants a name and a password: --proxy http://NAME:PASSWORD@HOST:PORT, best by $PAYTABS_PROXY.'
      : "Have the proxy permit the gateway's host on port 443.",
});

function lossOf(code: string, whom: string): Loss {
  if (cannotResolve.test(code)) {
    return {
      says: `DNS does not know ${whom} (${code}).`,
      todo: 'Check its name, and the DNS of this machine.',
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      says: `The connection to ${whom} was refused (${code}): nothing listens there, or a firewall says no.`,
      todo: 'Check host and port, and what this machine may connect to.',
    };
  }
  if (noRoute.test(code)) {
    return {
      says: `There is no way to ${whom} (${code}).`,
      todo: 'Check the network and the firewall of this machine.',
    };
  }
  if (badTls.test(code)) {
    return {
      says: `TLS with ${whom} failed (${code}): its certificate or its protocol is not to be trusted.`,
      todo: 'Look for a proxy that opens TLS (give its authority by NODE_EXTRA_CA_CERTS), or for an expired or incomplete certificate chain.',
    };
  }
  if (noConnection.test(code)) {
    return {
      says: `No connection to ${whom} came about in time (${code}).`,
      todo: 'Look for a firewall that drops packets; then try a longer --timeout.',
    };
  }
  if (noAnswer.test(code)) {
    return {
      says: `${whom} took the connection and gave no answer in time (${code}).`,
      todo: 'Try again, with a longer --timeout; if it stays so, something on the way swallows answers.',
    };
  }
  return {
    says: `The connection to ${whom} broke off (${code}).`,
    todo: 'Try again; if it stays so, look for a firewall or proxy that cuts it.',
  };
}
