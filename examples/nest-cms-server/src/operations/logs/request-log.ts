import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Caller } from '../../identity/caller.js';
import type { Metrics } from '../metrics.js';

const SLOW_MS = 1_000;
/** For requests that no route took: their paths are anybody's, so they are neither logged nor counted one by one. */
const NO_ROUTE = '(none)';

/** One line and one measurement per request, when its answer has been sent. */
export function installRequestLog(
  fastify: FastifyInstance,
  options: { readonly logger: Logger; readonly metrics: Metrics },
): void {
  const { logger, metrics } = options;
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE);
    const { method } = request;
    const status = reply.statusCode;
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    metrics.httpDuration.observe({ method, route, status }, reply.elapsedTime / 1_000);
    const { caller } = request as { caller?: Caller };
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    logger[level](
      {
        requestId: request.id,
        method,
        route,
        status,
        durationMs,
        ...(durationMs >= SLOW_MS ? { slow: true } : {}),
        ...(caller === undefined ? {} : { userId: caller.userId.toHexString() }),
      },
      'request',
    );
    done();
  });
}
