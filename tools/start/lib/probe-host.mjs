// @ts-check
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const PROBE_TIMEOUT_MS = 4_000;

/**
 * @typedef {{ reachable: true } | { reachable: false, reason: string }} Probe
 */

/**
 * Asks within seconds whether a host answers at all, through the proxy of the environment if
 * there is one. Any HTTP answer of the host counts.
 * @param {string} url
 * @param {NodeJS.ProcessEnv} environment
 * @param {number} [timeoutMs]
 * @returns {Promise<Probe>}
 */
export function probeHost(url, environment, timeoutMs = PROBE_TIMEOUT_MS) {
  const target = new URL(url);
  const proxy =
    environment.https_proxy ||
    environment.http_proxy ||
    environment.HTTPS_PROXY ||
    environment.HTTP_PROXY;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    /** @param {unknown} error */
    const fail = (error) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      const reason = signal.aborted
        ? `no answer within ${timeoutMs / 1000} s`
        : (code ?? (error instanceof Error ? error.message : String(error)));
      resolve({ reachable: false, reason });
    };
    try {
      const request = proxy
        ? throughProxy(new URL(proxy), target, signal)
        : (target.protocol === 'http:' ? httpRequest : httpsRequest)(target, {
            method: 'HEAD',
            signal,
          });
      request.once('error', fail);
      request.once('response', (response) => {
        response.resume();
        // An answer to CONNECT that is not 200 comes as a response: the proxy refuses.
        if (proxy) fail(new Error(`the proxy answered ${response.statusCode}`));
        else resolve({ reachable: true });
        request.destroy();
      });
      request.once('connect', (response, socket) => {
        socket.destroy();
        if (response.statusCode === 200) resolve({ reachable: true });
        else fail(new Error(`the proxy answered ${response.statusCode}`));
      });
      request.end();
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * @param {URL} proxy
 * @param {URL} target
 * @param {AbortSignal} signal
 */
function throughProxy(proxy, target, signal) {
  const port = target.port || (target.protocol === 'http:' ? '80' : '443');
  const credentials = decodeURIComponent(`${proxy.username}:${proxy.password}`);
  return (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: proxy.hostname,
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: `${target.hostname}:${port}`,
    headers: proxy.username
      ? { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
      : {},
    signal,
  });
}
