import { WebhookSecurityError } from './errors.js';
import { type Clock, systemClock } from './ports/clock.js';

/**
 * For an impossible option. Only numbers and the like are shown: a text may be a connection string
 * in the wrong place, an object or the source of a function may hold a key.
 */
export function invalid(name: string, value: unknown, allowed: string): WebhookSecurityError {
  return refusal(name, inWords(value), allowed);
}

/** As `invalid`, for a choice among words, where a misspelt one is best shown. */
export function invalidChoice(name: string, value: unknown, allowed: string): WebhookSecurityError {
  const isWord = typeof value === 'string' && /^\w{1,30}$/.test(value);
  return refusal(name, isWord ? `'${value}'` : inWords(value), allowed);
}

/** For an option that is wrong in a way of its own. */
export function refusal(name: string, fault: string, allowed: string): WebhookSecurityError {
  return new WebhookSecurityError('INVALID_OPTION', `${name} is ${fault}; allowed: ${allowed}`);
}

function inWords(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `${value as number | bigint | boolean | undefined}`;
}

/** @throws WebhookSecurityError INVALID_OPTION unless `value` is a whole number of the range */
export function integer(name: string, value: unknown, min: number, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw invalid(name, value, `a whole number from ${min} to ${max}`);
}

/** @throws WebhookSecurityError INVALID_OPTION unless `value` is a function or left out */
export function optionalFunction<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw invalid(name, value, 'a function');
}

/** @throws WebhookSecurityError INVALID_OPTION unless `value` has all of `methods` */
export function requireMethods(
  name: string,
  value: unknown,
  methods: readonly string[],
  allowed: string,
): void {
  const fits =
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
  if (!fits) throw invalid(name, value, allowed);
}

/** @throws WebhookSecurityError INVALID_OPTION for what is no object, or has a key not in `names` */
export function refuseUnknown(prefix: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw invalid(prefix.slice(0, -1) || 'options', options, 'an object');
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw refusal(`${prefix}${name}`, 'unknown', names.join(', '));
  }
}

/** The clock given, or the machine's. @throws WebhookSecurityError INVALID_OPTION */
export function clockOption(clock: Clock | undefined): Clock {
  if (clock === undefined) return systemClock;
  const methods = ['now', 'wallTime', 'setTimer'];
  requireMethods('clock', clock, methods, `an object with ${methods.join(', ')}`);
  return clock;
}

/** @throws WebhookSecurityError INVALID_OPTION unless `value` is a function */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(name, value, 'a function');
}

/** @throws WebhookSecurityError INVALID_OPTION unless it has what an adapter calls */
export function requireVerifier(verifier: unknown): void {
  requireMethods('verifier', verifier, ['verify', 'refuse'], 'what createWebhookVerifier gives');
}
