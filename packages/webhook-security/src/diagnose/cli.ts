#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PRESETS } from '../scheme/presets/all.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import { diagnose } from './diagnose.js';

const USAGE = `webhook-diagnose --scheme NAME --key-env NAME --headers FILE --body FILE [--url URL]...

Finds out why a webhook does not verify. Nothing is sent anywhere, and no key is shown.

  --scheme NAME     who is said to have sent it: ${Object.keys(PRESETS).join(', ')}
  --key-env NAME    the environment variable that holds the key; may be given again for other keys
  --headers FILE    the headers, one in each line, as "Name: value"
  --body FILE       the body, byte for byte as it was received
  --url URL         the address the sender was given, where the scheme signs it; may be given again
  --method METHOD   default POST
  --help            prints this
`;

interface Asked {
  readonly scheme: WebhookScheme;
  readonly keys: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly method: string;
  readonly urls: readonly string[];
}

const need = (name: string, value: string | undefined): string => {
  if (value !== undefined && value !== '') return value;
  throw new Error(`${name} is missing.`);
};

const schemeOf = (name: string): WebhookScheme => {
  const make = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (make !== undefined) return make();
  throw new Error(`--scheme ${name} is none of those known.`);
};

const readHeaders = (file: string): [string, string][] =>
  readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });

const readArguments = (argv: readonly string[]): Asked | 'help' => {
  const { values } = parseArgs({
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      scheme: { type: 'string' },
      'key-env': { type: 'string', multiple: true, default: [] },
      headers: { type: 'string' },
      body: { type: 'string' },
      url: { type: 'string', multiple: true, default: [] },
      method: { type: 'string', default: 'POST' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const keys = values['key-env'].map((name) =>
    need(`The environment variable ${name}`, process.env[name]),
  );
  if (keys.length === 0) throw new Error('--key-env is missing.');
  return {
    scheme: schemeOf(need('--scheme', values.scheme)),
    keys,
    headers: readHeaders(need('--headers', values.headers)),
    body: readFileSync(need('--body', values.body)),
    method: values.method,
    urls: values.url,
  };
};

const main = (argv: readonly string[]): number => {
  let asked: Asked | 'help';
  try {
    asked = readArguments(argv);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (asked === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const { urls, ...request } = asked;
  const [url, ...otherUrls] = urls;
  const { isRight, verdict, reason, findings } = diagnose({
    ...request,
    ...(url !== undefined && { url, otherUrls }),
  });
  process.stdout.write(`${verdict}${reason === undefined ? '' : `: ${reason}`}\n`);
  for (const finding of findings) process.stdout.write(`- ${finding}\n`);
  if (!isRight && findings.length === 0) {
    process.stdout.write(
      '- None of what usually goes wrong explains it: most likely another key.\n',
    );
  }
  return isRight ? 0 : 1;
};

// Nobody may read it to its end, as behind `| head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = main(process.argv.slice(2));
