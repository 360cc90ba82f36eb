import 'reflect-metadata';
import type { Environment } from './config/environment.js';
import { EnvironmentError } from './config/environment-error.js';
import { parseEnvironment } from './config/parse-environment.js';
import { variables } from './config/variables.js';
import { createApp } from './create-app.js';
import { shutDownOnSignals } from './operations/shutdown.js';
import { CLOCK, type Clock } from './platform/clock.js';
import { LOGGER, type Logger } from './platform/logger.js';

class NotListeningError extends Error {
  override readonly name = 'NotListeningError';
}

async function main(): Promise<void> {
  const environment = parseEnvironment(process.env);
  const app = await createApp(environment);
  const logger = app.get<Logger>(LOGGER);
  shutDownOnSignals(app, {
    environment,
    logger,
    clock: app.get<Clock>(CLOCK),
    exit: (code) => process.exit(code),
  });
  try {
    await app.init();
    await app.listen(environment.port, environment.host).catch((error: unknown) => {
      throw notListening(error, environment);
    });
  } catch (error) {
    logger.fatal({ err: error }, 'the start failed');
    await app.close().catch(() => undefined);
    throw error;
  }
  logger.info({ url: await app.getUrl() }, 'listening');
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  const isPlain = error instanceof EnvironmentError || error instanceof NotListeningError;
  process.stderr.write(`${isPlain ? reason : `NestCMS cannot start: ${reason}`}\n`);
  process.exit(1);
});

/** The operating system's refusal, in the words of the variable that caused it. */
function notListening(error: unknown, { host, port }: Environment): unknown {
  const { code } = (error ?? {}) as { code?: unknown };
  const refuse = (message: string): Error => new NotListeningError(message, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return refuse(`Port ${port} is taken. Set PORT to another one, or to 0 for any free one.`);
    case 'EACCES':
      return refuse(`Port ${port} is not open to this user. Set PORT to one above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refuse(
        `HOST: "${host}" is no address of this machine; allowed: ${variables.HOST.allowed}`,
      );
    default:
      return error;
  }
}
