import type { Layer } from './layer.js';

/** On the layers of this package, of any copy of it: their `run` never throws, so they need no guard. */
export const neverThrows: unique symbol = Symbol.for('@nestcms/circuit-breaker.neverThrows');

/** A layer of this package, made of its `run` alone. */
export const ownLayer = (run: Layer['run']): Layer & { readonly [neverThrows]: true } => ({
  run,
  [neverThrows]: true,
});
