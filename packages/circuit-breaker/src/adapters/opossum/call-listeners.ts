import type { EventEmitter } from 'node:events';
import { callGuarded } from '../../events/guard.js';

/**
 * As `emitter.emit`, but a listener that throws or rejects is reported by a process warning: it stops
 * neither the other listeners nor what is being told of.
 */
export const callListeners = (
  emitter: Pick<EventEmitter, 'rawListeners'>,
  event: string,
  args: readonly unknown[],
): void => {
  for (const listener of emitter.rawListeners(event)) {
    callGuarded(
      () => Reflect.apply(listener, emitter, args),
      { kind: 'listener', name: event },
      undefined,
    );
  }
};
