import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Lets the framework write into our log. What it says at start-up is detail. */
export function createNestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]): void => {
      const context = rest.at(-1);
      logger[level](
        {
          ...(typeof context === 'string' ? { context } : {}),
          ...(message instanceof Error ? { err: message } : {}),
        },
        message instanceof Error ? message.message : String(message),
      );
    };
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}
