import { lookup } from 'node:dns/promises';
import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { type Currency, isCurrency } from '../../money/currencies.js';
import { isWebUrl } from '../../operations/is-web-url.js';
import { regions } from '../../regions.js';
import type { Command, CommandIo } from '../command.js';
import { gatewayFlags, gatewayUsage, readGatewaySettings } from '../gateway-settings.js';
import { readFlags, readSeconds, readWord } from '../read-flags.js';
import { refusedOption } from '../refused-option.js';
import { UsageError } from '../usage-error.js';
import type { Lookup } from './callback-address.js';
import { type Check, callbackChecks, gatewayChecks, skip } from './check.js';
import { checkKey } from './check-key.js';
import { checkProxy } from './check-proxy.js';
import { examineCallback } from './examine-callback.js';
import { examineGateway, type GatewayQuestion } from './examine-gateway.js';

const usage = `paytabs doctor [options]

Finds out why the gateway and this shop do not understand each other. Moves no money.

${gatewayUsage}
  --try-regions       if the host does not know the key, ask the vendor's other hosts
                      with it (never those of partners); default: ask no other host
  --currency CODE     see whether the profile has it: a page for 1 of it is made, which
                      dies within a minute and which nobody is shown
  --tran-ref REF      a transaction of the profile, to tell test from live by
  --expect MODE       test or live; needs --tran-ref or --currency
  --callback URL      ask the shop's own address as the gateway would: with a signed notice
                      about a declined payment of an unknown cart, and with forged ones
  --proxy URL         go to the gateway through it; default $PAYTABS_PROXY
  --timeout SECONDS   to connect, and again for the answer; 0.1 to 300, default 10
  --json              one line of JSON in place of text

Exit code: 0 nothing failed, 1 something failed, 2 wrong command line.
`;

const flags = {
  ...gatewayFlags,
  'try-regions': { type: 'boolean' },
  currency: { type: 'string' },
  'tran-ref': { type: 'string' },
  expect: { type: 'string' },
  callback: { type: 'string' },
  proxy: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** What the command looks at besides its arguments. */
export interface DoctorParts {
  /** Base URL of each region. */
  readonly regions: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly lookup: Lookup;
}

const machine: DoctorParts = {
  regions,
  clock: systemClock,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};

interface Question extends GatewayQuestion {
  readonly callback: string | undefined;
  readonly json: boolean;
  readonly lookup: Lookup;
}

/** @throws UsageError */
function readQuestion(
  args: readonly string[],
  { env, parts }: { env: CommandIo['env']; parts: DoctorParts },
): Question {
  const values = readFlags(args, flags);
  const settings = readGatewaySettings(values, env);
  const region = 'region' in settings ? settings.region : undefined;
  const question = {
    ...parts,
    profileId: settings.profileId,
    // As it was given: white space around it is worth a word.
    serverKey: env.PAYTABS_SERVER_KEY ?? settings.serverKey,
    region,
    baseUrl: 'region' in settings ? (parts.regions[settings.region] ?? '') : settings.baseUrl,
    tryRegions: values['try-regions'] ?? false,
    currency: readCurrency(values.currency),
    tranRef: values['tran-ref'],
    expected: readWord(values.expect, { name: 'expect', words: ['test', 'live'] }),
    callback: readUrl(values.callback, 'callback'),
    proxy: readUrl(values.proxy ?? (env.PAYTABS_PROXY || undefined), 'proxy'),
    timeoutMs: readSeconds(values.timeout, { name: 'timeout', usual: 10, min: 0.1, max: 300 }),
    json: values.json ?? false,
  };
  const { tryRegions, expected, tranRef, currency } = question;
  if (tryRegions && region === undefined) {
    throw new UsageError(
      '--try-regions needs --region: a key of another gateway goes nowhere else',
    );
  }
  if (expected !== undefined && tranRef === undefined && currency === undefined) {
    throw new UsageError(
      '--expect needs --tran-ref or --currency: only a transaction tells test from live',
    );
  }
  return question;
}

function readCurrency(text: string | undefined): Currency | undefined {
  const code = text?.toUpperCase();
  if (code === undefined || isCurrency(code)) return code;
  throw new UsageError('--currency must be a code of ISO 4217, such as AED');
}

function readUrl(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (isWebUrl(text)) return text;
  throw new UsageError(`--${name} must be an http(s) URL`);
}

async function* examine(asked: Question, io: CommandIo): AsyncGenerator<Check> {
  const key = checkKey(asked.serverKey);
  yield { name: 'key', ...key };
  yield { name: 'proxy', ...checkProxy({ proxy: asked.proxy, env: io.env }) };
  if (key.status === 'failed') {
    yield* skip([...gatewayChecks, ...callbackChecks], 'The key is no server key.');
    return;
  }
  yield* examineGateway(asked, io);
  const { callback: url } = asked;
  if (url === undefined) yield* skip(callbackChecks, 'Add --callback URL.');
  else {
    const isLocal = asked.baseUrl.startsWith('http:');
    yield* examineCallback({ ...asked, url, isLocal }, io.signal);
  }
}

const lineOf = ({ name, status, says, todo }: Check): string =>
  `${status.padEnd(8)} ${name.padEnd(17)} ${says}${todo === undefined ? '' : ` ${todo}`}`;

async function run(asked: Question, io: CommandIo): Promise<number> {
  const checks: Check[] = [];
  for await (const check of examine(asked, io)) {
    if (io.signal.aborted) break;
    checks.push(check);
    if (!asked.json) io.print(lineOf(check));
  }
  const isWell = !io.signal.aborted && checks.every(({ status }) => status !== 'failed');
  if (asked.json) io.print(JSON.stringify({ ok: isWell, checks }));
  return isWell ? 0 : 1;
}

/** `paytabs doctor`. */
export const makeDoctor = (parts: DoctorParts = machine): Command => ({
  name: 'doctor',
  summary: 'finds out why gateway and shop do not understand each other',
  usage,
  run: async (args, io) => {
    try {
      return await run(readQuestion(args, { env: io.env, parts }), io);
    } catch (error) {
      // Of options none but the base URL can be wrong by now, and the message does not show it.
      throw refusedOption(error);
    }
  },
});
