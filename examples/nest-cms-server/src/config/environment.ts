import type { Region } from '@nestcms/paytabs-client';

/** Nest token of the parsed {@link Environment}. Nothing but `config/` reads `process.env`. */
export const ENVIRONMENT = Symbol('Environment');

/** One signing key of access tokens. */
export interface TokenKey {
  readonly kid: string;
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
}

/** Requests a minute, per signed-in user or else per client address. */
export interface Limits {
  readonly authPerMinute: number;
  readonly paymentsPerMinute: number;
  readonly processPerMinute: number;
  readonly webhookRefusedPerMinute: number;
  readonly generalPerMinute: number;
}

export interface PayTabsSettings {
  readonly profileId: number;
  readonly serverKey: string;
  /** Exactly one of `region` and `baseUrl` is set. */
  readonly region?: Region;
  readonly baseUrl?: string;
  /** Where the gateway posts its notices. */
  readonly callbackUrl: string;
  /** Where the gateway sends the browser back to. */
  readonly returnUrl: string;
  /** Lets the two addresses above be local ones: for the simulator, never in production. */
  readonly allowLocalUrls: boolean;
  /** Address ranges that notices may come from (CIDR); empty means any. */
  readonly allowedAddresses: readonly string[];
  /** Origins of the hosted page, for the browser's content security policy. */
  readonly pageOrigins: readonly string[];
}

/** The environment, parsed once at start. See `.env.example` for every variable. */
export interface Environment {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly bodyMaxBytes: number;

  readonly mongodbUri: string;
  readonly mongodbDatabase: string;
  readonly mongodbServerSelectionTimeoutMs: number;
  readonly mongodbSocketTimeoutMs: number;
  readonly mongodbMaxPoolSize: number;
  readonly transactionTimeoutMs: number;

  readonly redisStateUrl?: string;
  readonly redisCacheUrl?: string;
  /** Set when the cache must hold itself to a budget, always so when both roles share one server. */
  readonly redisCacheMaxBytes?: number;
  /** State and cache are the same server: accepted only when it evicts nothing. */
  readonly redisShared: boolean;
  readonly redisKeyPrefix: string;
  readonly redisTimeoutMs: number;

  readonly jwt: {
    /** The first one signs, all of them verify. */
    readonly keys: readonly TokenKey[];
    readonly issuer: string;
    readonly audience: string;
    readonly ttlSeconds: number;
  };
  readonly paytabs: PayTabsSettings;
  readonly limits: Limits;
  readonly outbox: { readonly pollMs: number; readonly leaseMs: number };
  readonly shutdown: { readonly drainMs: number; readonly timeoutMs: number };
  /** Demo data and logins may be made. Refused in production. */
  readonly demo: boolean;
}
