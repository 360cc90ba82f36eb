import { regions } from '@nestcms/paytabs-client';
import type { Environment } from './environment.js';
import { EnvironmentError, type VariableProblem } from './environment-error.js';
import { checkGateway } from './gateway-rules.js';
import { hideSecrets } from './hide-secrets.js';
import { checkProduction } from './production-rules.js';
import type { Variable } from './variable.js';
import { type Values, type VariableName, variables } from './variables.js';

const SHARED_CACHE_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the environment. An empty variable counts as absent.
 * @throws EnvironmentError naming every missing or impossible variable
 */
export function parseEnvironment(given: Readonly<Record<string, string | undefined>>): Environment {
  const problems: VariableProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(variables) as VariableName[]) {
    const variable: Variable = variables[name];
    const text = given[name] || variable.fallback;
    if (text === undefined) {
      if (!variable.optional) problems.push({ name, given: 'missing', allowed: variable.allowed });
      continue;
    }
    const parsed = variable.read.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ name, given: describe(variable, text), allowed: variable.allowed });
  }
  if (given.PAYTABS_REGION && given.PAYTABS_BASE_URL) {
    problems.push({
      name: 'PAYTABS_REGION',
      given: 'set beside PAYTABS_BASE_URL',
      allowed: 'one of the two',
    });
  }
  if (!given.PAYTABS_REGION && !given.PAYTABS_BASE_URL) {
    problems.push({
      name: 'PAYTABS_REGION',
      given: 'missing',
      allowed: `${variables.PAYTABS_REGION.allowed}; or PAYTABS_BASE_URL`,
    });
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  const environment = assemble(values as Values);
  const refused = [
    ...checkProduction(environment, values as Values),
    ...checkGateway(environment, values as Values),
  ].filter((problem, index, all) => all.findIndex(({ name }) => name === problem.name) === index);
  if (refused.length > 0) throw new EnvironmentError(refused);
  return environment;
}

/** A word or a number. Too short for a key of ours, and without credentials. */
const PLAIN = /^[\w.:/,+ -]{1,15}$/;

/** Anything may have been pasted into any variable, a secret too: only what cannot be one is repeated. */
function describe(variable: Variable, text: string): string {
  return !variable.secret && PLAIN.test(text)
    ? JSON.stringify(text)
    : `given, ${text.length} characters, not shown`;
}

function assemble(values: Values): Environment {
  const publicUrl = values.PUBLIC_URL ?? `http://${bracketed(values.HOST)}:${values.PORT}`;
  return hideSecrets({
    nodeEnv: values.NODE_ENV,
    host: values.HOST,
    port: values.PORT,
    publicUrl,
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    logLevel: values.LOG_LEVEL,
    bodyMaxBytes: values.BODY_MAX_BYTES,
    mongodbUri: values.MONGODB_URI,
    mongodbDatabase: values.MONGODB_DATABASE,
    mongodbServerSelectionTimeoutMs: values.MONGODB_SERVER_SELECTION_TIMEOUT_MS,
    mongodbSocketTimeoutMs: values.MONGODB_SOCKET_TIMEOUT_MS,
    mongodbMaxPoolSize: values.MONGODB_MAX_POOL_SIZE,
    transactionTimeoutMs: values.TRANSACTION_TIMEOUT_MS,
    ...redisOf(values),
    redisKeyPrefix: values.REDIS_KEY_PREFIX,
    redisTimeoutMs: values.REDIS_TIMEOUT_MS,
    jwt: hideSecrets({
      keys: values.JWT_KEYS.map(hideSecrets),
      issuer: values.JWT_ISSUER,
      audience: values.JWT_AUDIENCE,
      ttlSeconds: values.JWT_TTL_SECONDS,
    }),
    paytabs: hideSecrets(payTabsOf(values, publicUrl)),
    limits: {
      authPerMinute: values.LIMIT_AUTH_PER_MINUTE,
      paymentsPerMinute: values.LIMIT_PAYMENTS_PER_MINUTE,
      processPerMinute: values.LIMIT_PROCESS_PER_MINUTE,
      webhookRefusedPerMinute: values.LIMIT_WEBHOOK_REFUSED_PER_MINUTE,
      generalPerMinute: values.LIMIT_GENERAL_PER_MINUTE,
    },
    outbox: { pollMs: values.OUTBOX_POLL_MS, leaseMs: values.OUTBOX_LEASE_MS },
    shutdown: { drainMs: values.SHUTDOWN_DRAIN_MS, timeoutMs: values.SHUTDOWN_TIMEOUT_MS },
    demo: values.NESTCMS_DEMO,
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function redisOf(
  values: Values,
): Pick<Environment, 'redisStateUrl' | 'redisCacheUrl' | 'redisCacheMaxBytes' | 'redisShared'> {
  const state = values.REDIS_STATE_URL ?? values.REDIS_URL;
  const cache = values.REDIS_CACHE_URL ?? values.REDIS_URL;
  const redisShared = state !== undefined && state === cache;
  const maxBytes =
    values.REDIS_CACHE_MAX_BYTES ?? (redisShared ? SHARED_CACHE_MAX_BYTES : undefined);
  return {
    ...(state === undefined ? {} : { redisStateUrl: state }),
    ...(cache === undefined ? {} : { redisCacheUrl: cache }),
    ...(maxBytes === undefined ? {} : { redisCacheMaxBytes: maxBytes }),
    redisShared,
  };
}

function payTabsOf(values: Values, publicUrl: string): Environment['paytabs'] {
  const region = values.PAYTABS_REGION;
  const baseUrl = values.PAYTABS_BASE_URL;
  const host = region === undefined ? baseUrl : regions[region];
  return {
    profileId: values.PAYTABS_PROFILE_ID,
    serverKey: values.PAYTABS_SERVER_KEY,
    ...(region === undefined ? {} : { region }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    callbackUrl: values.PAYTABS_CALLBACK_URL ?? `${publicUrl}/api/v2/payments/webhook`,
    returnUrl: values.PAYTABS_RETURN_URL ?? `${publicUrl}/api/v2/payments/return`,
    allowLocalUrls: values.PAYTABS_ALLOW_LOCAL_URLS,
    allowedAddresses: values.PAYTABS_ALLOWED_ADDRESSES ?? [],
    pageOrigins: [
      ...(host === undefined ? [] : [new URL(host).origin]),
      ...(values.PAYTABS_PAGE_ORIGINS ?? []),
    ],
  };
}
