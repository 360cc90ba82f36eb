import { InvalidOptionError } from '../errors.js';
import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { neverThrows } from './own-layer.js';
import type { Scope } from './scope.js';

/**
 * A layer whose `run` does not throw: `layer` itself if it is one of this package, else with a guard around.
 * @throws InvalidOptionError for what is no layer
 */
export const guardLayer = (layer: Layer): Layer => {
  const seen = layer as Partial<Layer & { readonly [neverThrows]: unknown }> | null | undefined;
  if (typeof seen?.run !== 'function') {
    throw new InvalidOptionError({ option: 'layer', value: layer, allowed: 'a layer with run' });
  }
  return seen[neverThrows] === true ? layer : new GuardLayer(layer);
};

/** Ends a call with what the `run` of a user's layer throws: the layers further out give back what they hold. */
class GuardLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #layer: Layer;

  constructor(layer: Layer) {
    this.#layer = layer;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const once = new SettledOnce(scope, sink);
    try {
      this.#layer.run(call, scope, once);
    } catch (error) {
      once.settled(true, error);
    }
  }
}

/** What was started before the throw may end later, and is heard no more. */
class SettledOnce implements Sink {
  readonly #scope: Scope;
  readonly #sink: Sink;
  #isOver = false;

  constructor(scope: Scope, sink: Sink) {
    this.#scope = scope;
    this.#sink = sink;
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver || this.#scope.isAborted) return;
    this.#isOver = true;
    this.#sink.settled(failed, value);
  }
}
