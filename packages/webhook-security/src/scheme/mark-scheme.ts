import type { WebhookScheme } from './scheme.js';

/** Of the package rather than of this copy of it: a process may have one in ESM and one in CommonJS. */
const mark = Symbol.for('@nestcms/webhook-security.scheme');

/** Freezes a scheme that is known to be a safe one, and marks it as such. A copy has no mark. */
export function markScheme(scheme: WebhookScheme): WebhookScheme {
  Object.defineProperty(scheme, mark, {});
  return deepFreeze(scheme);
}

/** Whether `defineScheme` or this package has made it, and nothing has changed it since. */
export function isMarkedScheme(scheme: unknown): scheme is WebhookScheme {
  if (typeof scheme !== 'object' || scheme === null) return false;
  return Object.hasOwn(scheme, mark) && Object.isFrozen(scheme);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
