import type { Call } from '../../operation/call.js';
import type { Layer, Sink } from '../../operation/layer.js';
import { neverThrows } from '../../operation/own-layer.js';
import type { Abandonable, Scope } from '../../operation/scope.js';
import type { Teller } from '../teller.js';
import type { BulkheadEvents } from './events.js';
import type { Places } from './places.js';
import type { Queue } from './queue.js';
import { priorityOf, WaitingCall } from './waiting-call.js';

export interface BulkheadLayerParts {
  readonly next: Layer;
  /** Shared by all layers of one bulkhead. */
  readonly places: Places;
  readonly queue: Queue;
  readonly teller: Teller<BulkheadEvents>;
}

/** Lets a call through to the next layer once there is a place for it. */
export class BulkheadLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  readonly #places: Places;
  readonly #queue: Queue;
  readonly #teller: Teller<BulkheadEvents>;

  constructor({ next, places, queue, teller }: BulkheadLayerParts) {
    this.#next = next;
    this.#places = places;
    this.#queue = queue;
    this.#teller = teller;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    if (!this.#places.hasFree || this.#queue.length > 0) {
      this.#wait(call, scope, sink);
      return;
    }
    const frame = new PlaceFrame(this.#places, call, sink);
    scope.join(frame);
    this.#tellAdmitted(undefined);
    this.#next.run(call, scope, frame);
  }

  #wait(call: Call, scope: Scope, sink: Sink): void {
    const queue = this.#queue;
    if (!queue.hasRoomFor(priorityOf(call))) {
      queue.refuse(sink, 'queueFull');
      return;
    }
    const begin = (waited: WaitingCall) => this.#begin(waited);
    const waiting = new WaitingCall({ queue, call, scope, sink, begin });
    const displaced = queue.add(waiting);
    if (displaced === false) {
      queue.refuse(sink, 'queueFull');
      return;
    }
    scope.join(waiting);
    if (waiting.isWaiting) queue.tellQueued(waiting.priority);
    displaced?.displaced();
  }

  #begin(waited: WaitingCall): void {
    const { call, scope, sink } = waited.parts;
    const frame = new PlaceFrame(this.#places, call, sink);
    scope.join(frame);
    this.#tellAdmitted(waited);
    this.#next.run(call, scope, frame);
  }

  #tellAdmitted(waited: WaitingCall | undefined): void {
    if (!this.#teller.hears('admitted')) return;
    const waitedMs = waited === undefined ? 0 : this.#queue.waitedMs(waited);
    this.#teller.tell('admitted', { waitedMs, running: this.#places.taken });
  }
}

/** One call that holds a place. */
class PlaceFrame implements Sink, Abandonable {
  readonly #places: Places;
  readonly #call: Call;
  readonly #sink: Sink;
  readonly #beganAt: number;
  #isOver = false;

  constructor(places: Places, call: Call, sink: Sink) {
    this.#places = places;
    this.#call = call;
    this.#sink = sink;
    this.#beganAt = places.take();
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#places.answered(this.#call, this.#beganAt, failed, value);
    this.#sink.settled(failed, value);
  }

  abandoned(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#places.answered(this.#call, this.#beganAt, true, reason);
  }
}
