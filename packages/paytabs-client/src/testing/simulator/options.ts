import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import type { SimulatorMode } from './issuer.js';

/** A merchant profile the simulated gateway knows. */
export interface SimulatorProfile {
  readonly profileId: number;
  readonly serverKey: string;
  /** Sent as the `Client-Key` header of notices. */
  readonly clientKey: string;
  readonly merchantId: number;
}

/** Options of the simulator. Everything has a default. */
export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Default: one profile, 98765, with a made-up key. */
  readonly profiles?: readonly SimulatorProfile[];
  /** Default `person`: test cards decide. */
  readonly mode?: SimulatorMode;
  /**
   * Takes callback URLs with a port, on a private host or over plain HTTP, and returns over plain HTTP by POST.
   * The real gateway refuses such callbacks and sends them nothing; local demos need them. Default false.
   */
  readonly allowLocalCallback?: boolean;
  /** Milliseconds between page action and callback; default 0. */
  readonly callbackDelayMs?: number;
  /** Milliseconds before each further delivery of a callback not answered 200; default five growing delays. */
  readonly callbackRetryDelaysMs?: readonly number[];
  /** Milliseconds a receiver may take to answer a callback; default 10,000. */
  readonly callbackTimeoutMs?: number;
  /** Which requests the duplicate guard covers; default `payments`. Whether the real one covers refunds is not known. */
  readonly duplicateGuard?: 'off' | 'payments' | 'all';
  /** Milliseconds the guard remembers; default 120,000. */
  readonly duplicateWindowMs?: number;
  /** What becomes of a page nobody used in time: nothing is ever told, or an `X` with a callback. Default `vanish`. */
  readonly unusedPages?: 'vanish' | 'expire';
  /** Time source; default the machine's. Can be moved forward with `advance`. */
  readonly clock?: Clock;
  /** Same seed, same references; default 1. */
  readonly seed?: number;
}

const defaultProfile: SimulatorProfile = Object.freeze({
  profileId: 98765,
  serverKey: 'SSIMULATOR-LOCALONLY0-NOTASECRET',
  clientKey: 'CSIMUL-LOCAL0-ONLY00-NOSECRET',
  merchantId: 1234,
});

/** Options with every default filled in. */
export type ResolvedSimulatorOptions = Omit<Required<SimulatorOptions>, 'profiles'> & {
  readonly profiles: readonly [SimulatorProfile, ...SimulatorProfile[]];
};

export function resolveSimulatorOptions(options: SimulatorOptions): ResolvedSimulatorOptions {
  const [first, ...more] = options.profiles ?? [defaultProfile];
  if (first === undefined) throw new RangeError('profiles: at least one is needed');
  return Object.freeze<ResolvedSimulatorOptions>({
    port: options.port ?? 0,
    profiles: [first, ...more],
    mode: options.mode ?? 'person',
    allowLocalCallback: options.allowLocalCallback ?? false,
    callbackDelayMs: options.callbackDelayMs ?? 0,
    callbackRetryDelaysMs: options.callbackRetryDelaysMs ?? [
      2000, 10_000, 60_000, 300_000, 900_000,
    ],
    callbackTimeoutMs: options.callbackTimeoutMs ?? 10_000,
    duplicateGuard: options.duplicateGuard ?? 'payments',
    duplicateWindowMs: options.duplicateWindowMs ?? 120_000,
    unusedPages: options.unusedPages ?? 'vanish',
    clock: options.clock ?? systemClock,
    seed: options.seed ?? 1,
  });
}
