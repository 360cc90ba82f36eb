import type { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { CLASSIFICATION, isClassification } from '../../breaker/counted.js';
import { defaultClassify } from '../../breaker/default-classify.js';
import type { Classification, Outcome, Settled } from '../../breaker/outcome.js';
import type { Permit } from '../../breaker/permit.js';
import { askGuarded } from '../../events/guard.js';
import type { OnListenerError } from '../../events/listener-failure.js';
import { retryAfterMsOf } from '../../policy/standard-http/answer.js';
import { LONGEST_RETRY_AFTER_MS } from '../../policy/standard-http/classify-http.js';
import { STANDARD_HTTP_DEFAULTS } from '../../policy/standard-http/options.js';
import type { Clock } from '../../ports/clock.js';
import { systemClock } from '../../ports/system-clock.js';
import { BreakerGroup } from '../../registry/breaker-group.js';
import { LONGEST_MS, readFunction, readNumber, readPort, refuseUnknown } from '../../validation.js';
import type { ClassifyHttpEnd, HttpEnd } from './http-end.js';
import type { HttpAdapterOptions, HttpBreakerOptions, KeyOf } from './http-options.js';

const KEY = { kind: 'callback', name: 'keyOf', expected: 'a text, not blank, or false' } as const;
const CLASSIFY = {
  kind: 'callback',
  name: 'classify',
  expected: `${CLASSIFICATION}, or undefined`,
} as const;

const OF_ADAPTER = ['name', 'classify', 'clock', 'random', 'onListenerError'];

const { windowMs, failureRate, minimumCalls, openForMs, maxOpenForMs } = STANDARD_HTTP_DEFAULTS;

/** As the breaker of `standardHttp`. */
const BREAKER: HttpBreakerOptions = {
  window: { kind: 'time', durationMs: windowMs },
  failureRate,
  minimumCalls,
  openForMs: { kind: 'exponential', initialMs: openForMs, maxMs: maxOpenForMs, jitter: 'equal' },
};

const isKey = (answer: string | false): boolean =>
  answer === false || (typeof answer === 'string' && answer.trim() !== '');

/** The breakers of an HTTP adapter, and what the ends of requests count as in them. */
export class HttpBreakers {
  readonly group: BreakerGroup;
  readonly #classify: ClassifyHttpEnd | undefined;
  readonly #keyOf: KeyOf | undefined;
  readonly #maxRetryAfterMs: number;
  readonly #clock: Clock;
  readonly #onListenerError: OnListenerError | undefined;
  /** What the report at hand counts as. A report is classified before anything else happens, so one place is enough. */
  #classification: Classification | undefined;

  /** @throws InvalidOptionError for an impossible option; unknown ones are for the adapter to refuse */
  constructor(options: HttpAdapterOptions, defaultName: string) {
    const { name = defaultName, breaker = {}, maxKeys, outlier, registry } = options;
    const { clock, random, onListenerError } = options;
    const free = Object.keys(breaker ?? {}).filter((key) => !OF_ADAPTER.includes(key));
    refuseUnknown('breaker', breaker, free);
    this.#classify = readFunction('classify', options.classify);
    this.#keyOf = readFunction('keyOf', options.keyOf);
    const longest = { min: 0, max: LONGEST_MS, unit: 'ms' };
    const { maxRetryAfterMs } = options;
    this.#maxRetryAfterMs = readNumber(
      'maxRetryAfterMs',
      maxRetryAfterMs,
      LONGEST_RETRY_AFTER_MS,
      longest,
    );
    this.#clock = readPort('clock', clock, systemClock, ['now', 'wallTime', 'setTimer']);
    this.#onListenerError = readFunction('onListenerError', onListenerError);
    const classify = (settled: Settled): Classification =>
      this.#takeClassification() ?? defaultClassify(settled);
    const own = { name, classify, clock, random, onListenerError };
    this.group = new BreakerGroup({ ...BREAKER, ...breaker, ...own, maxKeys, outlier, registry });
  }

  /** The breaker of a request, and its key; undefined if it wants none. */
  breakerFor(
    request: Parameters<KeyOf>[0],
  ): { readonly key: string; readonly breaker: CircuitBreaker } | undefined {
    const keyOf = this.#keyOf;
    const key =
      keyOf === undefined
        ? request.origin
        : (askGuarded(() => keyOf(request), isKey, KEY, this.#onListenerError) ?? request.origin);
    return key === false ? undefined : { key, breaker: this.group.get(key) };
  }

  /** Milliseconds that an answer asks to wait, at most `maxRetryAfterMs`. */
  retryAfterMs(answer: object): number | undefined {
    if (this.#maxRetryAfterMs === 0) return undefined;
    const asked = retryAfterMsOf(answer, this.#clock);
    return asked === undefined ? undefined : Math.min(asked, this.#maxRetryAfterMs);
  }

  /** What `end` counts as; `fallback` where the user says nothing. */
  classify(end: HttpEnd, fallback: Classification): Classification {
    const classify = this.#classify;
    if (classify === undefined) return fallback;
    const answer = askGuarded(
      () => classify(end),
      (given) => given === undefined || isClassification(given),
      CLASSIFY,
      this.#onListenerError,
    );
    return answer ?? fallback;
  }

  /** Gives `permit` back. */
  report(permit: Permit, settled: Settled, classification: Classification): void {
    this.#classification = classification;
    try {
      permit.report(settled);
    } finally {
      this.#classification = undefined;
    }
  }

  #takeClassification(): Classification | undefined {
    const classification = this.#classification;
    this.#classification = undefined;
    return classification;
  }
}

/** The outcome in a classification. */
export const outcomeOf = (classification: Classification): Outcome =>
  typeof classification === 'string' ? classification : classification.outcome;
