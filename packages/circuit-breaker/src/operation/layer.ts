import type { Call } from './call.js';
import type { Scope } from './scope.js';

/** Where a layer delivers how the call inside it ended: once, unless the layer's scope was abandoned before. */
export interface Sink {
  /** @param value what it was rejected with if `failed`, else what it was fulfilled with */
  settled(failed: boolean, value: unknown): void;
}

/**
 * One policy in a pipeline. `run` starts the call inside it and settles `sink` in the end. It never
 * throws. Layers call each other back, so that a whole pipeline needs one promise a call.
 */
export interface Layer {
  run(call: Call, scope: Scope, sink: Sink): void;
}
