import type { RejectionReason } from '../errors.js';
import { abortedBy, watchSignal } from '../operation/watch-signal.js';
import { keepCallerContext } from '../ports/caller-context.js';
import type { Engine } from './engine.js';
import type { Generation } from './generation.js';
import type { CallPermit } from './permit.js';
import { countRefusal, refusalFor } from './refusing.js';
import { publicState } from './state.js';
import { WaitingRoom } from './waiting-room.js';

/** The calls that wait for a trial's place, and those that had to. */
export class WaitingCalls {
  readonly #engine: Engine;
  readonly #room: WaitingRoom<CallPermit>;
  /** How many of `#generation` were let in and run: no more at once than there may be trials, so that no crowd follows on the last one. */
  #running = 0;
  #generation: Generation | undefined = undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#room = new WaitingRoom(engine.machine.settings.clock, () => engine.advance());
  }

  get size(): number {
    return this.#room.size;
  }

  add(signal: AbortSignal | undefined): Promise<CallPermit> {
    const engine = this.#engine;
    const { maxWaitMs } = engine.machine.settings.halfOpen;
    // Whoever refuses this call later is a timer, or another call.
    const context = keepCallerContext();
    return new Promise((resolve, reject) => {
      let leave = () => {};
      let stopWatching = () => {};
      try {
        if (signal?.aborted) throw abortedBy(signal);
        const admit = (permit: CallPermit) => {
          stopWatching();
          resolve(permit);
        };
        const refuse = (reason: RejectionReason) => {
          stopWatching();
          context.runInAsyncScope(() => countRefusal(engine, reason));
          reject(refusalFor(engine, reason).error);
        };
        leave = this.#room.enter({ admit, refuse }, maxWaitMs);
        if (signal === undefined) return;
        stopWatching = watchSignal(signal, (error) => {
          leave();
          reject(error);
        });
      } catch (error) {
        // Aborted already, a clock that sets no timer, or a signal that cannot be listened to.
        leave();
        reject(error);
      }
    });
  }

  /**
   * Gives the places there are now to those who wait, and refuses them once there are none to come. Also
   * when it has closed, no more of them run at once than there may be trials: a crowd that has gathered
   * must not come all at once to what has just recovered.
   */
  admit(): void {
    const engine = this.#engine;
    const { machine } = engine;
    if (machine.isTimed) machine.now();
    while (this.#room.size > 0) {
      this.#follow(machine.generation);
      const isFull = this.#running >= machine.settings.halfOpen.maxConcurrent;
      // A ramp-up bounds them by its share.
      const isBounded =
        machine.state.kind === 'halfOpen' || publicState(machine.state) === 'closed';
      if (isFull && isBounded) return;
      const reason = machine.admit();
      // The others wait on; in any other state there is no place to wait for.
      if (reason === 'trialsBusy') return;
      if (reason === undefined) {
        const permit = engine.permit();
        permit.hasWaited = true;
        this.#running += 1;
        this.#room.shift()?.admit(permit);
      } else this.#room.shift()?.refuse(reason);
      if (machine.hasNews) engine.tellNews();
    }
  }

  /** Takes in that a call has ended. */
  ended({ hasWaited, generation }: CallPermit): void {
    if (hasWaited && generation === this.#generation) this.#running -= 1;
  }

  /** One that was let in before the last change, and hangs, takes nobody's place now. */
  #follow(generation: Generation): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#running = 0;
  }
}
