import { queryByCartRequest } from '../../operations/queries.js';
import { resolveSimulatorOptions } from '../../testing/simulator/options.js';
import { type GatewaySettings, gatewayFlags, readGatewaySettings } from '../gateway-settings.js';
import { forwardFlags, readForwardTo } from '../notices/forward-to.js';
import { readFlagsAndWords } from '../read-flags.js';
import type { StorePlace } from '../store/open-store.js';
import { placeFlags, readPlace } from '../store/read-place.js';
import { UsageError } from '../usage-error.js';
import { readSince } from './read-since.js';

export interface ListenSettings {
  readonly gateway: GatewaySettings;
  readonly url: string;
  readonly clientKey: string | undefined;
  readonly carts: readonly string[];
  readonly place: StorePlace | undefined;
  /** How many carts of the store are followed. */
  readonly maxCarts: number;
  /** Calendar time: what happened earlier is not told. */
  readonly since: number;
  readonly everyMs: number;
  readonly retryDelaysMs: readonly number[];
}

type Env = Readonly<Record<string, string | undefined>>;

const flags = {
  ...gatewayFlags,
  ...forwardFlags,
  cart: { type: 'string', multiple: true },
  ...placeFlags,
  'max-carts': { type: 'string' },
  since: { type: 'string' },
  every: { type: 'string' },
  'retry-delays': { type: 'string' },
} as const;

/** @throws UsageError */
export async function readListenFlags(
  args: readonly string[],
  { env, now }: { env: Env; now: number },
): Promise<ListenSettings> {
  const { values, positionals } = readFlagsAndWords(args, flags);
  if (positionals.length > 0) throw new UsageError('Name carts with --cart');
  const carts = values.cart ?? [];
  if (!carts.every(isCart)) throw new UsageError('--cart must have 1 to 64 characters');
  return {
    gateway: readGatewaySettings(values, env),
    url: await readForwardTo(values),
    clientKey: values['client-key'],
    carts,
    place: readPlace(values, env),
    maxCarts: readMaxCarts(values['max-carts'] ?? '20'),
    since: readSince(values.since ?? 'now', now),
    everyMs: readSeconds('--every', { text: values.every ?? '5', min: 1, max: 3_600 }),
    retryDelaysMs: readRetryDelays(values['retry-delays']),
  };
}

/** Whether the gateway can be asked about it. */
export const isCart = (cartId: string): boolean => queryByCartRequest.safeParse({ cartId }).success;

function readMaxCarts(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError('--max-carts must be a whole number from 1 to 999');
}

/** @returns milliseconds */
function readSeconds(
  name: string,
  { text, min, max }: { text: string; min: number; max: number },
): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= min && seconds <= max) return seconds * 1000;
  throw new UsageError(`${name} must be ${min} to ${max} seconds`);
}

function readRetryDelays(text: string | undefined): readonly number[] {
  if (text === undefined) return resolveSimulatorOptions({}).callbackRetryDelaysMs;
  if (text === 'none') return [];
  return text
    .split(',')
    .map((each) => readSeconds('--retry-delays', { text: each, min: 1, max: 86_400 }));
}
