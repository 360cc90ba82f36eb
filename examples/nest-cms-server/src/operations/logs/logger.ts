import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Environment } from '../../config/environment.js';
import { currentRequestId } from '../../platform/request-context.js';
import { redact, redactText } from './redact.js';

/** The structured log: one JSON object a line, with the id of the request it belongs to, without secrets. */
export function createLogger(
  environment: Pick<Environment, 'logLevel'>,
  destination?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level: environment.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => error },
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (line: Record<string, unknown>) => redact(line) as Record<string, unknown>,
    },
    mixin: (line: object) => {
      const requestId = currentRequestId();
      return requestId === 'none' || 'requestId' in line ? {} : { requestId };
    },
    hooks: {
      logMethod(this: Logger, args: Parameters<Logger['info']>, method: Logger['info']) {
        const [first, ...rest] = args as unknown[];
        const cleaned = rest.map((part) => (typeof part === 'string' ? redactText(part) : part));
        const head = typeof first === 'string' ? redactText(first) : first;
        Reflect.apply(method, this, [head, ...cleaned]);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
