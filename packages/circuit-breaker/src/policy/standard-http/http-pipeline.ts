import type { Layer } from '../../operation/layer.js';
import { Pipeline } from '../../pipeline/pipeline.js';
import { AnswerLayer, RestoreLayer } from './answer-layers.js';

/** A pipeline in which an answer that speaks of trouble is a failure, and which gives the caller that answer. */
export class HttpPipeline<Repeats extends boolean> extends Pipeline<never, Repeats> {
  override layer(next: Layer): Layer {
    const delivered = new WeakSet<object>();
    const inside = super.layer(new AnswerLayer(next, this.clock, delivered));
    return new RestoreLayer(inside, delivered);
  }
}
