import type { CommandIo } from '../command.js';
import { type GatewaySettings, gatewayFlags, readGatewaySettings } from '../gateway-settings.js';
import { readFlags, readSeconds, readWord } from '../read-flags.js';
import type { StorePlace } from '../store/open-store.js';
import { placeFlags, readPlace } from '../store/read-place.js';
import { UsageError } from '../usage-error.js';

const flags = {
  ...gatewayFlags,
  ...placeFlags,
  cart: { type: 'string' },
  limit: { type: 'string' },
  rule: { type: 'string', multiple: true },
  expect: { type: 'string' },
  watch: { type: 'boolean' },
  every: { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** What was asked for on the command line. */
export interface Question {
  readonly settings: GatewaySettings;
  readonly place: StorePlace;
  readonly cart: string | undefined;
  readonly limit: number;
  /** Values of the client's option `reconcile`, which checks them. */
  readonly rules: Readonly<Record<string, number>>;
  readonly expect: 'test' | 'live' | undefined;
  /** Milliseconds between two rounds; undefined: one round. */
  readonly everyMs: number | undefined;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
}

/** @throws UsageError */
export function readQuestion(args: readonly string[], env: CommandIo['env']): Question {
  const values = readFlags(args, flags);
  const { cart, watch = false, every } = values;
  const isDryRun = values['dry-run'] ?? false;
  if (every !== undefined && !watch) throw new UsageError('--every needs --watch');
  if (watch && (isDryRun || cart !== undefined)) {
    throw new UsageError('--watch goes with neither --dry-run nor --cart');
  }
  return {
    settings: readGatewaySettings(values, env),
    place: readPlace(values, env) ?? nowhere(),
    cart,
    limit: readLimit(values.limit),
    rules: Object.fromEntries((values.rule ?? []).map(readRule)),
    expect: readWord(values.expect, { name: 'expect', words: ['test', 'live'] }),
    everyMs: watch
      ? readSeconds(every, { name: 'every', usual: 10, min: 1, max: 86_400 })
      : undefined,
    isDryRun,
    isJson: values.json ?? false,
  };
}

function nowhere(): never {
  throw new UsageError('Say where the intents are: either --mongodb or --redis');
}

function readLimit(text = '1000'): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 10_000) return limit;
  throw new UsageError('--limit must be 1 to 10000');
}

function readRule(text: string): [name: string, value: number] {
  const [, name, value] = /^([a-zA-Z]+)=(\d+)$/.exec(text) ?? [];
  if (name !== undefined) return [name, Number(value)];
  throw new UsageError('--rule must be NAME=NUMBER, such as notFoundAfterMs=900000');
}
