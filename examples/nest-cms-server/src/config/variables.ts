import { regions } from '@nestcms/paytabs-client';
import { z } from 'zod';
import {
  addressRange,
  flag,
  gatewayUrl,
  givenUrl,
  host,
  list,
  mongodbUri,
  origin,
  redisUrl,
  region,
  tokenKeys,
  webUrl,
  whole,
} from './readers.js';
import { milliseconds, perMinute, type Variable } from './variable.js';

/** Every variable the server reads. */
export const variables = {
  NODE_ENV: {
    read: z.enum(['development', 'test', 'production']),
    allowed: 'development, test or production',
    fallback: 'development',
    about:
      'production refuses weak secrets, plain http, demo data, and sessions and limits without Redis',
  },
  HOST: {
    read: host,
    allowed: 'an IP address or host name',
    fallback: '127.0.0.1',
    about: 'address to listen on',
  },
  PORT: {
    read: whole(0, 65_535),
    allowed: 'a whole number, 0 to 65535',
    fallback: '3000',
    about: 'port to listen on; 0 takes a free one',
  },
  PUBLIC_URL: {
    read: webUrl,
    allowed:
      'an http(s) URL without credentials, query, fragment and trailing slash; https in production',
    optional: true,
    about:
      'address that browsers and the gateway use; default http://HOST:PORT, which is of use on this machine only',
    example: 'http://127.0.0.1:3000',
  },
  TRUSTED_PROXIES: {
    read: list(addressRange),
    allowed: 'addresses or CIDR ranges without host bits, separated by commas',
    optional: true,
    about: 'proxies whose forwarded headers are believed; default none',
    example: '10.0.0.0/8',
  },
  LOG_LEVEL: {
    read: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    allowed: 'fatal, error, warn, info, debug, trace or silent',
    fallback: 'info',
    about: 'least important log line that is written',
  },
  BODY_MAX_BYTES: {
    read: whole(1_024, 16_777_216),
    allowed: 'a whole number of bytes, 1024 to 16777216',
    fallback: '1048576',
    about: 'largest request body, bytes',
  },
  MONGODB_URI: {
    read: mongodbUri,
    allowed:
      'a mongodb:// or mongodb+srv:// URI of a replica set, with options that the driver knows',
    secret: true,
    about: 'the database; must be a replica set, as transactions are used',
    example: 'mongodb://127.0.0.1:27017/?replicaSet=rs0',
  },
  MONGODB_DATABASE: {
    read: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/),
    allowed: '1 to 60 letters, digits, _ or -',
    fallback: 'nestcms',
    about: 'name of the database',
  },
  MONGODB_SERVER_SELECTION_TIMEOUT_MS: milliseconds(
    2_000,
    100,
    60_000,
    'wait for a suitable member or a free connection',
  ),
  MONGODB_SOCKET_TIMEOUT_MS: milliseconds(30_000, 100, 600_000, 'wait for the answer of a member'),
  MONGODB_MAX_POOL_SIZE: {
    read: whole(1, 1_000),
    allowed: 'a whole number, 1 to 1000',
    fallback: '20',
    about: 'connections per member',
  },
  TRANSACTION_TIMEOUT_MS: milliseconds(
    10_000,
    100,
    120_000,
    'time after which a transaction is not tried again',
  ),
  REDIS_URL: {
    read: redisUrl,
    allowed: 'a redis:// or rediss:// URL',
    optional: true,
    secret: true,
    about: 'Redis for both roles, where the next two do not name one; must not evict',
    example: 'redis://127.0.0.1:6379',
  },
  REDIS_STATE_URL: {
    read: redisUrl,
    allowed: 'a redis:// or rediss:// URL of a server with maxmemory-policy noeviction',
    optional: true,
    secret: true,
    about:
      'sessions and limits; without it they live in this process alone, which production refuses',
    example: 'redis://127.0.0.1:6379',
  },
  REDIS_CACHE_URL: {
    read: redisUrl,
    allowed: 'a redis:// or rediss:// URL; the server may evict',
    optional: true,
    secret: true,
    about:
      'second layer of the aggregation cache; without it there is only the one in this process',
    example: 'redis://127.0.0.1:6380',
  },
  REDIS_CACHE_MAX_BYTES: {
    read: whole(1_048_576, Number.MAX_SAFE_INTEGER),
    allowed: 'a whole number of bytes, at least 1048576',
    optional: true,
    about:
      'budget of the cache in Redis, bytes; default 67108864 when both roles share one server, else that of the server',
    example: '67108864',
  },
  REDIS_KEY_PREFIX: {
    read: z.string().regex(/^[\x21-\x7e]{0,64}$/),
    allowed: 'up to 64 visible ASCII characters',
    fallback: 'nestcms:',
    about: 'before every key',
  },
  REDIS_TIMEOUT_MS: milliseconds(250, 10, 10_000, 'wait for an answer of Redis'),
  JWT_KEYS: {
    read: tokenKeys,
    allowed:
      'kid:secret pairs separated by commas, the secret of 32 to 512 letters, digits or + / = _ -, at least 10 of them different, each kid once',
    secret: true,
    about:
      'signing keys of access tokens; the first signs, all verify, so put a new one first and drop the old one a token life later',
    example: 'example:example-only-example-only-example-only',
  },
  JWT_ISSUER: {
    read: z.string().min(1).max(200),
    allowed: '1 to 200 characters',
    fallback: 'nestcms',
    about: 'issuer of access tokens',
  },
  JWT_AUDIENCE: {
    read: z.string().min(1).max(200),
    allowed: '1 to 200 characters',
    fallback: 'nestcms-api',
    about: 'audience of access tokens',
  },
  JWT_TTL_SECONDS: {
    read: whole(60, 3_600),
    allowed: 'a whole number of seconds, 60 to 3600',
    fallback: '900',
    about: 'life of an access token and its session, s',
  },
  PAYTABS_PROFILE_ID: {
    read: whole(1, Number.MAX_SAFE_INTEGER),
    allowed: 'a whole number above 0',
    about: 'profile of the gateway',
    example: '12345',
  },
  PAYTABS_SERVER_KEY: {
    read: z.string().regex(/^(?=.{16,128}$)S[A-Z0-9]+(-[A-Z0-9]+){2}$/i),
    allowed: 'the server key as the gateway shows it: S…-…-…, 16 to 128 characters',
    secret: true,
    about: 'server key of that profile; signs the notices too',
    example: 'SEXAMPLE00-EXAMPLE000-EXAMPLE000',
  },
  PAYTABS_REGION: {
    read: region,
    allowed: Object.keys(regions).join(', '),
    optional: true,
    about: 'region of the profile; either this or PAYTABS_BASE_URL',
    example: 'ARE',
  },
  PAYTABS_BASE_URL: {
    read: gatewayUrl,
    allowed:
      'an https URL without credentials, query, fragment and trailing slash; http on this machine only, and not in production',
    optional: true,
    about: 'another host of the same API, or the simulator',
    example: 'http://127.0.0.1:4010',
    shown: true,
  },
  PAYTABS_CALLBACK_URL: {
    read: givenUrl,
    allowed:
      'an http(s) URL that the gateway can reach, without credentials, of at most 255 characters',
    optional: true,
    about: 'where the gateway posts its notices; default PUBLIC_URL/api/v2/payments/webhook',
    example: 'https://pay.example.com/api/v2/payments/webhook',
  },
  PAYTABS_RETURN_URL: {
    read: givenUrl,
    allowed: 'an http(s) URL without credentials, of at most 255 characters',
    optional: true,
    about: 'where the browser comes back to; default PUBLIC_URL/api/v2/payments/return',
    example: 'https://pay.example.com/api/v2/payments/return',
  },
  PAYTABS_ALLOW_LOCAL_URLS: {
    read: flag,
    allowed: 'true or false; not true in production',
    fallback: 'false',
    about:
      'lets a gateway that is not on this machine be given local addresses for the two above: for a simulator elsewhere',
  },
  PAYTABS_ALLOWED_ADDRESSES: {
    read: list(addressRange),
    allowed: 'addresses or CIDR ranges without host bits, separated by commas',
    optional: true,
    about: 'where notices may come from; default anywhere',
    example: '203.0.113.0/24',
  },
  PAYTABS_PAGE_ORIGINS: {
    read: list(origin),
    allowed: 'origins separated by commas',
    optional: true,
    about: 'further origins of the hosted page, for the content security policy',
    example: 'https://pay.example.com',
  },
  LIMIT_AUTH_PER_MINUTE: perMinute(5, 'login and registration per address (of IPv6: per /64)'),
  LIMIT_PAYMENTS_PER_MINUTE: perMinute(10, 'creating payments'),
  LIMIT_PROCESS_PER_MINUTE: perMinute(5, 'processing payments'),
  LIMIT_WEBHOOK_REFUSED_PER_MINUTE: perMinute(
    100,
    'refused notices per address (of IPv6: per /64)',
  ),
  LIMIT_GENERAL_PER_MINUTE: perMinute(100, 'everything under /api'),
  OUTBOX_POLL_MS: milliseconds(
    1_000,
    10,
    60_000,
    'pause between looks at the outbox of other instances',
  ),
  OUTBOX_LEASE_MS: milliseconds(
    30_000,
    100,
    600_000,
    'time after which the event of a dead instance is taken over',
  ),
  SHUTDOWN_DRAIN_MS: milliseconds(
    0,
    0,
    60_000,
    'time between "not ready" and the end of taking requests',
  ),
  SHUTDOWN_TIMEOUT_MS: milliseconds(10_000, 100, 120_000, 'time after which a shutdown is forced'),
  NESTCMS_DEMO: {
    read: flag,
    allowed: 'true or false; not true in production',
    fallback: 'false',
    about: 'makes demo data and logins in an empty database',
  },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;

type Value<Name extends VariableName> = z.output<(typeof variables)[Name]['read']>;
type IsOptional<Name extends VariableName> = (typeof variables)[Name] extends { optional: true }
  ? true
  : false;

/** The values of all variables; optional ones may be undefined. */
export type Values = {
  readonly [Name in VariableName]: IsOptional<Name> extends true
    ? Value<Name> | undefined
    : Value<Name>;
};
