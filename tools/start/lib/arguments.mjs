// @ts-check
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from './say.mjs';

export const START_USAGE = `Usage: npm start -- [options]

Sets everything up and runs NestCMS with demo data, a MongoDB replica set and a local PayTabs.

  --port N     port of the server, 0 for any free one (default: PORT, else 3000)
  --data DIR   keep the data in DIR and find it there the next time (default: a temporary folder)
  --help       this text

Environment: HOST (default 127.0.0.1), PORT, MONGODB_URI and MONGODB_DATABASE, MONGOD_BINARY,
REDIS_STATE_URL and REDIS_CACHE_URL or REDIS_URL, NESTCMS_DEMO=false (no demo data, for a database
of your own), NESTCMS_NO_INSTALL=1 (never install anything with apt).
`;

export const TOUR_USAGE = `Usage: npm run tour -- [options]

Walks one payment through a running server, one line a step; ends with 1 at the first step that is
not as it should be.

  --card N     card number typed on the payment page (default: the page's approved test card)
  --help       this text

Environment: NESTCMS_URL (default: the server started last), NESTCMS_TOUR_EMPLOYEE_EMAIL,
NESTCMS_TOUR_EMPLOYEE_PASSWORD, NESTCMS_TOUR_CLIENT_EMAIL, NESTCMS_TOUR_CLIENT_PASSWORD.
`;

export const TEST_USAGE = `Usage: npm test -- [options] [file ...]

Sets everything up, runs the whole suite once and ends with one line: N passed, N failed.

  --project NAME           only the tests of one package or tool (may be repeated)
  --testNamePattern, -t P  only tests whose name matches P
  --bail N                 stop after N failures
  --coverage               measure coverage as well
  --help                   this text

Environment: TEST_MONGODB_URI, TEST_REDIS_URL (use these servers instead of own ones; tests that
kill servers are then skipped), MONGOD_BINARY, NESTCMS_NO_INSTALL=1.
`;

/**
 * npm hands the arguments on without the "--", pnpm with it.
 * @param {string[]} argv
 */
const withoutSeparator = (argv) => (argv[0] === '--' ? argv.slice(1) : argv);

/** @param {string} message */
const misuse = (message) => new StartError(message, { exitCode: 2 });

/**
 * @template T
 * @param {string} usage
 * @param {() => T} parse
 */
function refusingUnknown(usage, parse) {
  try {
    return parse();
  } catch (error) {
    // Only the first sentence of parseArgs is about the user's input.
    const [reason] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw misuse(`${reason}.\n\n${usage}`);
  }
}

/**
 * @param {string} text
 * @param {string} origin
 */
function portOf(text, origin) {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw misuse(`${origin} is "${text}", but a port is a whole number from 0 to 65535.`);
  }
  return Number(text);
}

/**
 * Arguments and environment of `npm start`.
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} cwd directory that a relative --data starts from
 */
export function parseStart(argv, environment, cwd) {
  const { values } = refusingUnknown(START_USAGE, () =>
    parseArgs({
      args: withoutSeparator(argv),
      options: {
        help: { type: 'boolean' },
        port: { type: 'string' },
        data: { type: 'string' },
      },
    }),
  );
  const host = environment.HOST?.trim() || '127.0.0.1';
  if (!/^[\w.:-]+$/.test(host)) {
    throw misuse(`HOST is "${host}", but it must be a host name or an IP address.`);
  }
  if (values.data === '') throw misuse('--data needs a directory.');
  return {
    help: values.help === true,
    host,
    port:
      values.port === undefined
        ? portOf(environment.PORT?.trim() || '3000', 'PORT')
        : portOf(values.port, '--port'),
    demo: demoOf(environment.NESTCMS_DEMO),
    dataDirectory: values.data === undefined ? undefined : resolve(cwd, values.data),
  };
}

/**
 * Demo data is what a start is for, unless somebody runs it on data of their own.
 * @param {string | undefined} text
 */
function demoOf(text) {
  if (text !== undefined && text !== 'true' && text !== 'false') {
    throw misuse(`NESTCMS_DEMO is "${text}", but it must be true or false.`);
  }
  return text !== 'false';
}

/**
 * Arguments and environment of `npm run tour`.
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} environment
 */
export function parseTour(argv, environment) {
  const { values } = refusingUnknown(TOUR_USAGE, () =>
    parseArgs({
      args: withoutSeparator(argv),
      options: { help: { type: 'boolean' }, card: { type: 'string' } },
    }),
  );
  const card = values.card?.replaceAll(' ', '');
  if (card !== undefined && !/^\d{12,19}$/.test(card)) {
    throw misuse(`--card is "${values.card}", but a card number has 12 to 19 digits.`);
  }
  const url = environment.NESTCMS_URL?.trim() || undefined;
  if (url !== undefined && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
    throw misuse(`NESTCMS_URL is "${url}", but it must look like http://127.0.0.1:3000.`);
  }
  return {
    help: values.help === true,
    card,
    url: url?.replace(/\/+$/, ''),
    employee: login(environment, 'EMPLOYEE'),
    client: login(environment, 'CLIENT'),
  };
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {'EMPLOYEE' | 'CLIENT'} role
 */
function login(environment, role) {
  const email = environment[`NESTCMS_TOUR_${role}_EMAIL`];
  const password = environment[`NESTCMS_TOUR_${role}_PASSWORD`];
  if (!email !== !password) {
    throw misuse(`NESTCMS_TOUR_${role}_EMAIL and NESTCMS_TOUR_${role}_PASSWORD go together.`);
  }
  return email && password ? { email, password } : undefined;
}

/**
 * Arguments of `npm test`: those that vitest gets.
 * @param {string[]} argv
 */
export function parseTest(argv) {
  const { values, positionals } = refusingUnknown(TEST_USAGE, () =>
    parseArgs({
      args: withoutSeparator(argv),
      options: {
        help: { type: 'boolean' },
        project: { type: 'string', multiple: true },
        testNamePattern: { type: 'string', short: 't' },
        bail: { type: 'string' },
        coverage: { type: 'boolean' },
      },
      allowPositionals: true,
    }),
  );
  if (values.bail !== undefined && !/^\d+$/.test(values.bail)) {
    throw misuse(`--bail is "${values.bail}", but it must be a whole number.`);
  }
  return {
    help: values.help === true,
    vitest: [
      ...(values.project ?? []).map((name) => `--project=${name}`),
      ...(values.testNamePattern === undefined
        ? []
        : [`--testNamePattern=${values.testNamePattern}`]),
      ...(values.bail === undefined ? [] : [`--bail=${values.bail}`]),
      ...(values.coverage ? ['--coverage'] : []),
      ...positionals,
    ],
  };
}
