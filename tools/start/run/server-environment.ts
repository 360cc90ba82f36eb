import type { Secrets } from './data-directory.ts';

/** Settings of a real gateway or of other servers, which a demo must not use. */
const REPLACED = /^(PAYTABS_|REDIS_|MONGODB_URI$|JWT_|NESTCMS_|npm_)/;

export interface ServerEnvironmentParts {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly mongodbUri: string;
  readonly database: string;
  /** Whether the server makes demo data where there is none. */
  readonly demo: boolean;
  readonly redisVariables: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly gateway: { readonly baseUrl: string; readonly profileId: number };
}

/** Environment of the server process: the user's own, but for what the start decides. */
export function serverEnvironment(
  inherited: NodeJS.ProcessEnv,
  parts: ServerEnvironmentParts,
): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(([name]) => !REPLACED.test(name));
  return {
    ...Object.fromEntries(kept),
    ...parts.redisVariables,
    ...keptCacheBudget(inherited),
    NODE_ENV: 'development',
    HOST: parts.host,
    PORT: String(parts.port),
    PUBLIC_URL: parts.publicUrl,
    MONGODB_URI: parts.mongodbUri,
    MONGODB_DATABASE: parts.database,
    JWT_KEYS: `start:${parts.secrets.jwtKey}`,
    PAYTABS_PROFILE_ID: String(parts.gateway.profileId),
    PAYTABS_SERVER_KEY: parts.secrets.payTabsServerKey,
    PAYTABS_BASE_URL: parts.gateway.baseUrl,
    PAYTABS_ALLOW_LOCAL_URLS: 'true',
    NESTCMS_DEMO: String(parts.demo),
    SHUTDOWN_TIMEOUT_MS: '1500',
  };
}

function keptCacheBudget({ REDIS_CACHE_MAX_BYTES }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return REDIS_CACHE_MAX_BYTES ? { REDIS_CACHE_MAX_BYTES } : {};
}
