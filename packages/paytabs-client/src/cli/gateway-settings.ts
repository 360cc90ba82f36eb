import type { ParseArgsConfig } from 'node:util';
import type { PayTabsClientOptions } from '../options.js';
import { redactText } from '../redact.js';
import { type Region, regions } from '../regions.js';
import { UsageError } from './usage-error.js';

/** Every command takes these; the server key comes from the environment alone, for `ps` shows what is on a command line. */
export const gatewayFlags = {
  'profile-id': { type: 'string' },
  region: { type: 'string' },
  'base-url': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const gatewayUsage = `  --profile-id N      merchant profile; default $PAYTABS_PROFILE_ID
  --region CODE       ${Object.keys(regions).join(' ')}; default $PAYTABS_REGION
  --base-url URL      in place of a region: a white label or the simulator; default $PAYTABS_BASE_URL
  The server key is read from $PAYTABS_SERVER_KEY.
`;

interface GatewayFlags {
  readonly 'profile-id'?: string | undefined;
  readonly region?: string | undefined;
  readonly 'base-url'?: string | undefined;
}

export type GatewaySettings = Pick<PayTabsClientOptions, 'profileId' | 'serverKey'> &
  ({ readonly region: Region } | { readonly baseUrl: string });

function readHost(
  flags: GatewayFlags,
  env: Readonly<Record<string, string | undefined>>,
): { region: Region } | { baseUrl: string } {
  if (flags.region !== undefined && flags['base-url'] !== undefined) {
    throw new UsageError('Give either --region or --base-url');
  }
  const fromEnv = flags.region === undefined ? env.PAYTABS_BASE_URL : undefined;
  const baseUrl = flags['base-url'] ?? fromEnv;
  if (baseUrl) return { baseUrl };
  const region = (flags.region ?? env.PAYTABS_REGION ?? '').toUpperCase();
  if (Object.hasOwn(regions, region)) return { region: region as Region };
  throw new UsageError(
    region === ''
      ? 'Say where the profile lives: --region or $PAYTABS_REGION; --base-url for another gateway'
      : `There is no region ${redactText(region, 40)}; there are ${Object.keys(regions).join(', ')}`,
  );
}

/** Whose notices and calls they are. @throws UsageError */
export function readMerchant(
  flags: Pick<GatewayFlags, 'profile-id'>,
  env: Readonly<Record<string, string | undefined>>,
): Pick<GatewaySettings, 'profileId' | 'serverKey'> {
  const profileId = flags['profile-id'] ?? env.PAYTABS_PROFILE_ID ?? '';
  if (profileId === '') {
    throw new UsageError('Say which profile: --profile-id or $PAYTABS_PROFILE_ID');
  }
  if (!/^[1-9]\d{0,9}$/.test(profileId)) {
    throw new UsageError('--profile-id must be a whole number');
  }
  const serverKey = (env.PAYTABS_SERVER_KEY ?? '').trim();
  if (serverKey === '') throw new UsageError('Put the server key into $PAYTABS_SERVER_KEY');
  return { profileId: Number(profileId), serverKey };
}

/** @throws UsageError */
export function readGatewaySettings(
  flags: GatewayFlags,
  env: Readonly<Record<string, string | undefined>>,
): GatewaySettings {
  return { ...readMerchant(flags, env), ...readHost(flags, env) };
}
