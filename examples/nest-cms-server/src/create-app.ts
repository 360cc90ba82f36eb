import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { type ModuleMetadata, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import type { Environment } from './config/environment.js';
import { RequestToken } from './identity/request-token.js';
import { checkRoutes } from './identity/route-check.js';
import { Health } from './operations/health.js';
import { createLogger } from './operations/logs/logger.js';
import { createNestLogger } from './operations/logs/nest-logger.js';
import { Metrics } from './operations/metrics.js';
import { serveOpenApi } from './operations/open-api.js';
import { Limiter } from './perimeter/limiter.js';
import { installPerimeter, serverOptions } from './perimeter/perimeter.js';
import { type Clock, type Random, systemClock, systemRandom } from './platform/clock.js';
import { createBcryptHasher, type PasswordHasher } from './protection/password-hasher.js';

/** Files of the page, beside `src/` and `dist/` alike. */
const PUBLIC_FOLDER = fileURLToPath(new URL('../public/', import.meta.url));
/** Routes that stand outside `/api/v1` and `/api/v2`. */
const UNPREFIXED = ['health/live', 'health/ready', 'metrics'];

/** Replacements for tests; the server itself uses none of them. */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly passwordHasher?: PasswordHasher;
  readonly logDestination?: DestinationStream;
  readonly modules?: NonNullable<ModuleMetadata['imports']>;
  /** Told of every route as it is added. */
  readonly onRoute?: (route: RouteOptions) => void;
}

/**
 * Puts the server together. Nothing is connected before `listen()` (or `init()`), which connects to MongoDB and Redis
 * and makes the collections.
 * @throws Error when a route says nothing of who may call it
 */
export async function createApp(
  environment: Environment,
  overrides: AppOverrides = {},
): Promise<NestFastifyApplication> {
  const logger = createLogger(environment, overrides.logDestination);
  const module = AppModule.with({
    environment,
    logger,
    clock: overrides.clock ?? systemClock,
    random: overrides.random ?? systemRandom,
    passwordHasher: overrides.passwordHasher ?? createBcryptHasher(),
    modules: overrides.modules ?? [],
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter(serverOptions(environment)),
    // Fastify's own parser of JSON is the only one; the gateway's two routes read their bytes themselves.
    { bodyParser: false, abortOnError: false, logger: createNestLogger(logger) },
  );
  checkRoutes(app);
  app.setGlobalPrefix('api', { exclude: UNPREFIXED });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });

  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  if (overrides.onRoute !== undefined) fastify.addHook('onRoute', overrides.onRoute);
  const token = app.get(RequestToken);
  const health = app.get(Health);
  await installPerimeter(fastify, {
    environment,
    logger,
    metrics: app.get(Metrics),
    limiter: app.get(Limiter),
    isDraining: () => health.draining,
    userIdOf: async (request) => (await token.of(request))?.userId,
  });
  await fastify.register(fastifyStatic, { root: PUBLIC_FOLDER, prefix: '/', wildcard: false });
  serveOpenApi(app);
  return app;
}
