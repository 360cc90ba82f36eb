import type { Sink } from '../../operation/layer.js';
import { type Abandonable, Scope } from '../../operation/scope.js';
import type { CallerContext } from '../../ports/caller-context.js';

/** Where the end of a shared call is told to be over: it takes no more callers. */
export interface SharedCallBoard {
  over(key: string, shared: SharedCall): void;
}

/** A caller as a shared call knows it. */
export interface Sharer {
  readonly scope: Scope;
  readonly sink: Sink;
  /** Undefined for the first: what runs, runs in its context. */
  readonly context: CallerContext | undefined;
}

/**
 * One run that several callers wait for. Each may leave by its own signal or deadline; when the last has
 * left, the run is given up. How it ends is told to the first caller, then to the others as they came, each
 * in its own async context.
 */
export class SharedCall extends Scope implements Sink {
  readonly #board: SharedCallBoard;
  readonly #key: string;
  // Most calls are never joined, so the first seat needs no set.
  #first: Seat | undefined = undefined;
  #others: Set<Seat> | undefined = undefined;
  #isOver = false;

  constructor(board: SharedCallBoard, key: string) {
    super();
    this.#board = board;
    this.#key = key;
  }

  /** Callers that wait for it. */
  get callers(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  /** True once it has ended or was given up, also by a caller who gave up on the way in. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** As long as the most patient caller waits. */
  override get remainingMs(): number {
    let longest = this.#first?.sharer.scope.remainingMs ?? 0;
    for (const { sharer } of this.#others ?? []) {
      longest = Math.max(longest, sharer.scope.remainingMs);
    }
    return longest;
  }

  /** The first to be added is the one in whose name it runs. */
  add(sharer: Sharer): void {
    const seat = new Seat(this, sharer);
    if (sharer.context === undefined) this.#first = seat;
    else {
      this.#others ??= new Set();
      this.#others.add(seat);
    }
    sharer.scope.join(seat);
  }

  leave(seat: Seat, reason: unknown): void {
    if (seat === this.#first) this.#first = undefined;
    else this.#others?.delete(seat);
    if (this.#isOver || this.callers > 0) return;
    this.#close();
    this.abort(reason);
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#close();
    this.#first?.settled(failed, value);
    // One that leaves meanwhile is taken out, and not told.
    for (const seat of this.#others ?? []) seat.settled(failed, value);
  }

  #close(): void {
    this.#isOver = true;
    this.#board.over(this.#key, this);
  }
}

/** The place of one caller. */
class Seat implements Abandonable {
  readonly #shared: SharedCall;
  readonly sharer: Sharer;

  constructor(shared: SharedCall, sharer: Sharer) {
    this.#shared = shared;
    this.sharer = sharer;
  }

  settled(failed: boolean, value: unknown): void {
    const { sink, context } = this.sharer;
    if (context === undefined) sink.settled(failed, value);
    else context.runInAsyncScope(() => sink.settled(failed, value));
  }

  abandoned(reason: unknown): void {
    this.#shared.leave(this, reason);
  }
}
