// @ts-check
/** Walks one payment through a running server. Needs nothing installed. */
import { parseTour, TOUR_USAGE } from './lib/arguments.mjs';
import { DEMO_CLIENT, DEMO_EMPLOYEE } from './lib/demo-logins.mjs';
import { lastStartUrl } from './lib/last-start.mjs';
import { onBrokenPipe, printFailure, StartError } from './lib/say.mjs';
import { TourError } from './tour/api.mjs';
import { tourSteps } from './tour/steps.mjs';

async function main() {
  const options = parseTour(process.argv.slice(2), process.env);
  if (options.help) {
    process.stdout.write(TOUR_USAGE);
    return 0;
  }
  const url = options.url ?? lastStartUrl();
  if (!url) {
    throw new StartError('There is no running server to walk through.', {
      tried: 'NESTCMS_URL (not set) and the server started last (none runs)',
      remedy: 'type "npm start" in another terminal, or set NESTCMS_URL.',
    });
  }
  const steps = tourSteps({
    url,
    employee: options.employee ?? DEMO_EMPLOYEE,
    client: options.client ?? DEMO_CLIENT,
    card: options.card,
  });
  for (const [index, { name, run }] of steps.entries()) {
    const number = String(index + 1).padStart(2);
    try {
      const seen = await run();
      process.stdout.write(`ok  ${number} ${name} (${seen})\n`);
    } catch (error) {
      if (!(error instanceof TourError)) throw error;
      process.stdout.write(`not ok ${number} ${name}: ${error.message}\n`);
      return 1;
    }
  }
  process.stdout.write(`${steps.length} of ${steps.length} steps as they should be\n`);
  return 0;
}

onBrokenPipe(() => process.exit(1));

try {
  process.exitCode = await main();
} catch (error) {
  printFailure(error);
  process.exitCode = error instanceof StartError ? error.exitCode : 1;
}
