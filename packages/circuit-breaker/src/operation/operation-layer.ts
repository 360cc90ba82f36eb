import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { TryContext } from './operation.js';
import type { Scope } from './scope.js';
import { whenEnded } from './when-ended.js';

/** As many as run at once in a busy moment; more than that were a burst. */
const MOST_KEPT = 1000;

/**
 * One run of an operation. Its two handlers are made once and used again and again: to make them for
 * each run would be most of what a layer costs. A promise calls them once, so a run is free after that.
 */
class Run {
  static readonly #free: Run[] = [];

  #call: Call | undefined = undefined;
  #sink: Sink | undefined = undefined;

  static of(call: Call, sink: Sink): Run {
    const run = Run.#free.pop() ?? new Run();
    run.#call = call;
    run.#sink = sink;
    return run;
  }

  readonly fulfilled = (value: unknown): void => this.#ended(false, value);
  readonly rejected = (error: unknown): void => this.#ended(true, error);

  #ended(failed: boolean, value: unknown): void {
    const call = this.#call as Call;
    const sink = this.#sink as Sink;
    this.#call = undefined;
    this.#sink = undefined;
    if (Run.#free.length < MOST_KEPT) Run.#free.push(this);
    call.operationEnded();
    sink.settled(failed, value);
  }
}

/** The innermost layer: calls the operation itself. */
class OperationLayer implements Layer {
  run(call: Call, scope: Scope, sink: Sink): void {
    // Given up on its way in; whoever holds something for it has been told.
    if (scope.isAborted) return;
    call.operationStarted();
    let running: Promise<unknown>;
    try {
      // Promise.resolve gives a native promise back as it is, and takes any other thenable in.
      running = Promise.resolve(call.operation(new TryContext(scope, call.attempt)));
    } catch (error) {
      call.operationEnded();
      sink.settled(true, error);
      return;
    }
    const { fulfilled, rejected } = Run.of(call, sink);
    void whenEnded(running, fulfilled, rejected);
  }
}

export const OPERATION_LAYER: Layer = new OperationLayer();
