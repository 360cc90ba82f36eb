import { guardRandom } from '../backoff/backoff.js';
import { InvalidOptionError, withoutStack } from '../errors.js';
import { askGuarded, reportFailure } from '../events/guard.js';
import { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer } from '../operation/layer.js';
import { ownLayer } from '../operation/own-layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import type { Random } from '../ports/random.js';
import { seededRandom } from '../ports/seeded-random.js';
import { systemRandom } from '../ports/system-random.js';
import {
  LONGEST_MS,
  readChoice,
  readFlag,
  readFunction,
  readNumber,
  refuseUnknown,
} from '../validation.js';
import { InjectedFaultError } from './errors.js';
import { DelayedFrame, settleWith } from './fault-frame.js';

/** Defaults of fault injection, with the reason for each. */
export const FAULT_INJECTION_DEFAULTS = Object.freeze({
  /** Off: a fault that nobody asked for is the worst kind. */
  enabled: false,
} as const);

/** What goes wrong. */
export type Fault<T = unknown> =
  | {
      /** The call is rejected, and the operation not called. */
      readonly kind: 'error';
      /** What gives the error. Default: an `InjectedFaultError`. */
      readonly error?: (() => unknown) | undefined;
    }
  | {
      /** The operation is called later. */
      readonly kind: 'latency';
      /** Milliseconds, or what gives them for each call; 0 to 30 days. */
      readonly latencyMs: number | (() => number);
    }
  | {
      /** The call is fulfilled with something else, and the operation not called. */
      readonly kind: 'result';
      readonly result: () => T | PromiseLike<T>;
    };

export interface FaultInjectionOptions<T = unknown> extends PolicyOptions {
  /** Share of the calls that a fault meets; 0 to 1. There is no default. */
  readonly rate: number;
  readonly fault: Fault<T>;
  /** Whether faults are injected at all, or what is asked at each call. One that throws counts as no. Default: no. */
  readonly enabled?: boolean | (() => boolean) | undefined;
  /** For the same faults again: a whole number from 0 to 4,294,967,295. Not beside `random`. */
  readonly seed?: number | undefined;
  /** Default: `Math.random`. */
  readonly random?: Random | undefined;
}

export interface FaultInjectionEvents {
  /** A fault meets a call. */
  injected: {
    readonly kind: Fault['kind'];
    /** Only with a latency. */
    readonly latencyMs: number | undefined;
  };
}

const OPTIONS = ['rate', 'fault', 'enabled', 'seed', 'random', ...POLICY_OPTIONS];
const MS = { min: 0, max: LONGEST_MS, unit: 'ms' } as const;
const isMs = (ms: unknown): boolean => typeof ms === 'number' && ms >= 0 && ms <= LONGEST_MS;
const isAnything = (): boolean => true;

/** What a fault comes to for one call. */
type Injection =
  | { readonly kind: 'error'; readonly value: unknown }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'latency'; readonly latencyMs: number };

/** Lets a share of the calls fail, take longer or answer something else, to see what the rest makes of it. */
export class FaultInjectionPolicy<Adds = never> extends Policy<Adds, false, FaultInjectionEvents> {
  readonly kind = 'faultInjection';
  readonly repeats = false;
  readonly runsLater: boolean;
  readonly #rate: number;
  readonly #fault: Fault;
  readonly #enabled: boolean | (() => boolean);
  readonly #random: Random;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: FaultInjectionOptions) {
    refuseUnknown('', options, OPTIONS);
    super(options);
    const { rate, fault, enabled, seed, random } = options;
    this.#rate = readNumber('rate', rate, undefined, { min: 0, max: 1 });
    this.#fault = readFault(fault);
    this.#enabled =
      typeof enabled === 'function'
        ? enabled
        : readFlag('enabled', enabled, FAULT_INJECTION_DEFAULTS.enabled);
    if (seed !== undefined && random !== undefined) {
      throw new InvalidOptionError({
        option: 'seed',
        value: seed,
        allowed: 'left out beside random',
      });
    }
    const source = readFunction('random', random) ?? systemRandom;
    this.#random = guardRandom(
      seed === undefined ? source : seededRandom(seed),
      this.onListenerError,
    );
    this.runsLater = this.#fault.kind === 'latency';
  }

  layer(next: Layer): Layer {
    const queue = DeadlineQueue.of(this.clock);
    return ownLayer((call, scope, sink) => {
      const injection = this.#isHit() ? this.#inject() : undefined;
      if (injection === undefined) {
        next.run(call, scope, sink);
        return;
      }
      const latencyMs = injection.kind === 'latency' ? injection.latencyMs : undefined;
      this.emit('injected', { kind: injection.kind, latencyMs });
      // A callback or a listener may have given the call up.
      if (scope.isAborted) return;
      if (injection.kind === 'error') {
        sink.settled(true, injection.value);
        return;
      }
      if (injection.kind === 'result') {
        settleWith(injection.value, scope, sink);
        return;
      }
      const frame = new DelayedFrame({ queue, next, call, scope, sink });
      try {
        frame.waitFor(injection.latencyMs);
      } catch (error) {
        reportFailure(this.onListenerError, { kind: 'callback', name: 'clock', error });
        next.run(call, scope, sink);
      }
    });
  }

  #isHit(): boolean {
    const enabled = this.#enabled;
    if (enabled === false || (enabled !== true && this.#ask('enabled', enabled, isFlag) !== true)) {
      return false;
    }
    return this.#random() < this.#rate;
  }

  /** Undefined where the user's code gives no fault: then there is none. */
  #inject(): Injection | undefined {
    const fault = this.#fault;
    switch (fault.kind) {
      case 'latency': {
        const { latencyMs: given } = fault;
        const latencyMs = typeof given === 'number' ? given : this.#ask('latencyMs', given, isMs);
        return latencyMs === undefined ? undefined : { kind: 'latency', latencyMs };
      }
      case 'error': {
        const { error } = fault;
        if (error === undefined) {
          return { kind: 'error', value: withoutStack(() => new InjectedFaultError()) };
        }
        return this.#valueOf('error', error);
      }
      case 'result':
        return this.#valueOf('result', fault.result);
    }
  }

  #valueOf(kind: 'error' | 'result', give: () => unknown): Injection | undefined {
    // In a box: undefined may be what is given.
    const box = this.#ask(kind, () => ({ value: give() }), isAnything);
    return box === undefined ? undefined : { kind, value: box.value };
  }

  #ask<T>(name: string, give: () => T, fits: (answer: T) => boolean): T | undefined {
    const expected = EXPECTED[name] ?? 'anything';
    return askGuarded(give, fits, { kind: 'callback', name, expected }, this.onListenerError);
  }
}

const isFlag = (answer: unknown): boolean => typeof answer === 'boolean';
const EXPECTED: Readonly<Record<string, string>> = {
  enabled: 'true or false',
  latencyMs: 'milliseconds from 0',
};

const readFault = (fault: Fault): Fault => {
  if (typeof fault !== 'object' || fault === null) refuseUnknown('fault', fault, []);
  readChoice('fault.kind', fault.kind, ['error', 'latency', 'result']);
  switch (fault.kind) {
    case 'error':
      refuseUnknown('fault', fault, ['kind', 'error']);
      readFunction('fault.error', fault.error);
      break;
    case 'latency':
      refuseUnknown('fault', fault, ['kind', 'latencyMs']);
      if (typeof fault.latencyMs !== 'function') {
        readNumber('fault.latencyMs', fault.latencyMs, undefined, MS);
      }
      break;
    case 'result':
      refuseUnknown('fault', fault, ['kind', 'result']);
      if (typeof fault.result !== 'function') {
        const { result: value } = fault;
        throw new InvalidOptionError({ option: 'fault.result', value, allowed: 'a function' });
      }
      break;
  }
  return { ...fault };
};

/**
 * Lets a share of the calls go wrong on purpose: `faultInjection({ rate: 0.1, fault: { kind: 'error' },
 * enabled: isTrialRun })`. Does nothing unless `enabled` says so. Goes innermost, where the operation is.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const faultInjection = <T = never>(
  options: FaultInjectionOptions<T>,
): FaultInjectionPolicy<T> => new FaultInjectionPolicy<T>(options);
