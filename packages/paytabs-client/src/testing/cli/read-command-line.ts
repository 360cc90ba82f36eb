import { parseArgs } from 'node:util';
import { UsageError } from '../../cli/usage-error.js';
import { isWebUrl } from '../../operations/is-web-url.js';
import {
  resolveSimulatorOptions,
  type SimulatorOptions,
  type SimulatorProfile,
} from '../simulator/options.js';
import { readSettings } from './read-settings.js';

export { UsageError };

export const usage = `paytabs-simulator [options]

Starts a local PayTabs gateway on 127.0.0.1. No money moves.

  --port N                port; default 4010, 0 takes a free one
  --profile-id N          merchant profile; default 98765
  --server-key KEY        its server key; default a made-up one, which is printed
  --mode MODE             person (default), approve or decline
  --allow-local-callback  take callback and return URLs on localhost, with a port, over http
                          (the real gateway does not)
  --ipn URL               where every change is told, next to the callbacks
  --set NAME=VALUE        any other option of startSimulator that is a word or a number, such as
                          --set refunds=approval --set queryDelayMs=500; may be repeated
  --seed N                same seed, same references; default 1
  --help
`;

const wholeNumber = (
  name: string,
  { text, max }: { text: string | undefined; max: number },
): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number up to ${max}`);
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      // pnpm passes the separator on to the script.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        port: { type: 'string' },
        'profile-id': { type: 'string' },
        'server-key': { type: 'string' },
        mode: { type: 'string' },
        'allow-local-callback': { type: 'boolean' },
        ipn: { type: 'string' },
        set: { type: 'string', multiple: true },
        seed: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

function readIpn(url: string | undefined): Pick<SimulatorProfile, 'ipn'> {
  if (url === undefined) return {};
  if (isWebUrl(url)) return { ipn: { url } };
  throw new UsageError('--ipn must be an http(s) URL');
}

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): SimulatorOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const mode = values.mode ?? 'person';
  if (mode !== 'person' && mode !== 'approve' && mode !== 'decline') {
    throw new UsageError('--mode must be person, approve or decline');
  }
  const usual = resolveSimulatorOptions({}).profiles[0];
  const number = (name: 'port' | 'profile-id' | 'seed', max: number) =>
    wholeNumber(name, { text: values[name], max });
  const profile = {
    ...usual,
    profileId: number('profile-id', 2 ** 31) ?? usual.profileId,
    serverKey: values['server-key'] ?? usual.serverKey,
    ...readIpn(values.ipn),
  };
  return {
    ...readSettings(values.set ?? []),
    port: number('port', 65_535) ?? 4010,
    profiles: [profile],
    mode,
    allowLocalCallback: values['allow-local-callback'] ?? false,
    seed: number('seed', 2 ** 31) ?? 1,
  };
}
