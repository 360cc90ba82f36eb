import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { TryContext } from './operation.js';
import type { Scope } from './scope.js';

/** The innermost layer: calls the operation itself. */
class OperationLayer implements Layer {
  run(call: Call, scope: Scope, sink: Sink): void {
    call.operationStarted();
    let running: PromiseLike<unknown>;
    try {
      // Promise.resolve gives a native promise back as it is, and takes any other thenable in.
      running = Promise.resolve(call.operation(new TryContext(scope, call.attempt)));
    } catch (error) {
      call.operationEnded();
      sink.settled(true, error);
      return;
    }
    running.then(
      (value) => {
        call.operationEnded();
        sink.settled(false, value);
      },
      (error: unknown) => {
        call.operationEnded();
        sink.settled(true, error);
      },
    );
  }
}

export const OPERATION_LAYER: Layer = new OperationLayer();
