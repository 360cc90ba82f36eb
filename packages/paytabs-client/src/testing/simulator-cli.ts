#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { resolveSimulatorOptions, type SimulatorOptions } from './simulator/options.js';
import { startSimulator } from './simulator/start-simulator.js';

const usage = `paytabs-simulator [options]

Starts a local PayTabs gateway on 127.0.0.1. No money moves.

  --port N                port; default 4010, 0 takes a free one
  --profile-id N          merchant profile; default 98765
  --server-key KEY        its server key; default a made-up one, which is printed
  --mode MODE             person (default), approve or decline
  --allow-local-callback  take callback and return URLs on localhost, with a port, over http
                          (the real gateway does not)
  --seed N                same seed, same references; default 1
  --help
`;

/** A wrong command line: said in one sentence, exit 2. */
class UsageError extends Error {}

const wholeNumber = (name: string, text: string | undefined, max: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number up to ${max}`);
};

function readOptions(args: readonly string[]): SimulatorOptions | 'help' {
  const { values } = parseArgs({
    // pnpm passes the separator on to the script.
    args: args[0] === '--' ? args.slice(1) : [...args],
    options: {
      port: { type: 'string' },
      'profile-id': { type: 'string' },
      'server-key': { type: 'string' },
      mode: { type: 'string' },
      'allow-local-callback': { type: 'boolean' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const mode = values.mode ?? 'person';
  if (mode !== 'person' && mode !== 'approve' && mode !== 'decline') {
    throw new UsageError('--mode must be person, approve or decline');
  }
  const [usual] = resolveSimulatorOptions({}).profiles;
  if (usual === undefined) throw new Error('no default profile');
  const profile = {
    ...usual,
    profileId: wholeNumber('profile-id', values['profile-id'], 2 ** 31) ?? usual.profileId,
    serverKey: values['server-key'] ?? usual.serverKey,
  };
  return {
    port: wholeNumber('port', values.port, 65_535) ?? 4010,
    profiles: [profile],
    mode,
    allowLocalCallback: values['allow-local-callback'] ?? false,
    seed: wholeNumber('seed', values.seed, 2 ** 31) ?? 1,
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const simulator = await startSimulator(options);
  const madeUp =
    options.profiles?.[0]?.serverKey === resolveSimulatorOptions({}).profiles[0]?.serverKey;
  process.stdout.write(
    `PayTabs simulator is ready at ${simulator.baseUrl}
  profile ${simulator.profileId}, server key ${madeUp ? simulator.serverKey : '(yours)'}, mode ${simulator.mode}
  books and switches under ${simulator.baseUrl}/_simulator/
`,
  );
  const stop = () => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string };
  const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS');
  const text = code === 'EADDRINUSE' ? 'The port is taken; choose another with --port' : message;
  process.stderr.write(`${text}\n${isUsage ? `\n${usage}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
});
