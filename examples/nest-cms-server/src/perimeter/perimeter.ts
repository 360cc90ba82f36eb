import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { Environment } from '../config/environment.js';
import { installRequestLog } from '../operations/logs/request-log.js';
import type { Metrics } from '../operations/metrics.js';
import type { Logger } from '../platform/logger.js';
import { enterRequestContext } from './enter-request-context.js';
import { installLimits } from './install-limits.js';
import type { Limiter } from './limiter.js';
import { plainProblems } from './plain-problems.js';
import { installSecurityHeaders } from './security-headers.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** What stands before the first hook: the limits of the HTTP server itself. */
export function serverOptions(environment: Environment): FastifyServerOptions {
  return {
    logger: false,
    bodyLimit: environment.bodyMaxBytes,
    // Headers and body must come within this time, so that slow senders do not hold connections.
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: 'idle',
    trustProxy: environment.trustedProxies.length > 0 ? [...environment.trustedProxies] : false,
    ...plainProblems,
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    // What an id may be is for its schema to say; the headers' limit bounds the path as a whole.
    routerOptions: { maxParamLength: 16_384 },
  };
}

export interface PerimeterParts {
  readonly environment: Environment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly limiter: Limiter;
  readonly isDraining: () => boolean;
  /** Who signs the request with a valid token, if anyone does. */
  readonly userIdOf: (request: FastifyRequest) => Promise<string | undefined>;
}

interface PerimeterStep {
  readonly name: string;
  readonly install: (fastify: FastifyInstance, parts: PerimeterParts) => Promise<void> | void;
}

/**
 * Every request passes these in this order, before the router hands it to Nest, where the access guard, the schemas
 * and the handler follow.
 */
export const perimeter: readonly PerimeterStep[] = [
  { name: 'request id and context', install: (fastify) => enterRequestContext(fastify) },
  {
    name: 'request log',
    install: (fastify, { logger, metrics }) => installRequestLog(fastify, { logger, metrics }),
  },
  {
    name: 'plain headers against sniffing, framing and leaking referrers',
    install: async (fastify, { environment }) => {
      await fastify.register(helmet, {
        // The policy differs by page: see the next step.
        contentSecurityPolicy: false,
        crossOriginEmbedderPolicy: false,
        referrerPolicy: { policy: 'no-referrer' },
        // For old browsers what `frame-ancestors 'none'` says to the others.
        frameguard: { action: 'deny' },
        // On plain http the header is noise; in production the address is https.
        strictTransportSecurity: environment.publicUrl.startsWith('https://'),
      });
    },
  },
  {
    name: 'content security policy and caching',
    install: (fastify, { environment }) => installSecurityHeaders(fastify, environment),
  },
  { name: 'limits', install: (fastify, parts) => installLimits(fastify, parts) },
  {
    name: 'content types: JSON only',
    install: (fastify) => {
      fastify.removeContentTypeParser('text/plain');
    },
  },
  {
    name: 'connections closed while draining',
    install: (fastify, { isDraining }) => {
      fastify.addHook('onSend', (_request, reply, payload, done) => {
        if (isDraining()) reply.header('connection', 'close');
        done(null, payload);
      });
    },
  },
];

export async function installPerimeter(
  fastify: FastifyInstance,
  parts: PerimeterParts,
): Promise<void> {
  for (const { install } of perimeter) await install(fastify, parts);
}
