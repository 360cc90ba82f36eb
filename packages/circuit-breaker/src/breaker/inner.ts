import type { Engine } from './engine.js';

/** Where functions of this package that are no methods find a breaker's engine. */
export const inner: unique symbol = Symbol.for('@nestcms/circuit-breaker.inner');

/** What has an engine. */
export interface HasEngine {
  readonly [inner]: Engine;
}
