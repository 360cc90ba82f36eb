import 'reflect-metadata';
import { EnvironmentError } from './config/environment-error.js';
import { parseEnvironment } from './config/parse-environment.js';
import { createApp } from './create-app.js';
import { shutDownOnSignals } from './operations/shutdown.js';
import { CLOCK, type Clock } from './platform/clock.js';
import { LOGGER, type Logger } from './platform/logger.js';

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
    await app.listen(environment.port, environment.host);
  } catch (error) {
    logger.fatal({ err: error }, 'the start failed');
    await app.close().catch(() => undefined);
    throw error;
  }
  logger.info({ url: await app.getUrl() }, 'listening');
}

main().catch((error: unknown) => {
  const reason = error instanceof EnvironmentError ? error.message : describe(error);
  process.stderr.write(`${reason}\n`);
  process.exit(1);
});

function describe(error: unknown): string {
  const { code, port } = (error ?? {}) as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') {
    return `Port ${String(port)} is taken. Set PORT to another one, or to 0 for any free one.`;
  }
  return `NestCMS cannot start: ${error instanceof Error ? error.message : String(error)}`;
}
