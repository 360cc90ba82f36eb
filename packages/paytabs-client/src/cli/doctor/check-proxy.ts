import { type Finding, ok, warning } from './check.js';

const names = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

/** The client connects directly unless it is given a dispatcher, whatever the environment says. */
export function checkProxy({
  proxy,
  env,
}: {
  readonly proxy: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Finding {
  if (proxy !== undefined) return ok('The gateway is asked through the proxy.');
  const set = names.find((name) => env[name]);
  if (set === undefined) return ok('There is none: the gateway is asked directly.');
  return warning(
    `$${set} is set, and neither this command nor the client goes by it: they connect directly.`,
    'If this machine gets out through the proxy only: --proxy here, and dispatcher: new ProxyAgent(…) in the client.',
  );
}
