import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '../config/environment.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { Health } from './health.js';

export interface ShutdownOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly exit: (code: number) => void;
}

/**
 * On SIGTERM or SIGINT: not ready any more, a pause so that load balancers notice, then (in Nest's order of hooks)
 * - `beforeApplicationShutdown`: what works on its own takes no more and finishes what it has in hand,
 * - no new requests, and the running ones finished; their events wait for the next instance,
 * - `onApplicationShutdown`: caches and connections closed, which nobody needs any more.
 * A second signal, or the time limit, ends it at once.
 */
export function shutDownOnSignals(app: NestFastifyApplication, options: ShutdownOptions): void {
  const { environment, clock, logger, exit } = options;
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) {
      exit(1);
      return;
    }
    stopping = true;
    logger.info({ signal }, 'stopping');
    clock.setTimer(() => {
      logger.error('the shutdown took too long');
      exit(1);
    }, environment.shutdown.drainMs + environment.shutdown.timeoutMs);
    app.get(Health).drain();
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, environment.shutdown.drainMs);
    });
    try {
      await app.close();
      logger.info('stopped');
      exit(0);
    } catch (error) {
      logger.error({ err: error }, 'the shutdown failed');
      exit(1);
    }
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
}
