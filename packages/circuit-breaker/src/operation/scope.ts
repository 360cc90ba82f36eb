import { isCircuitBreakerError } from '../errors.js';

/** Holds something for a call (a permit, a place, a timer) and gives it back when the call is given up. */
export interface Abandonable {
  /** The call is given up: give everything back and settle no sink. Must not throw. */
  abandoned(reason: unknown): void;
}

/**
 * What can be given up at once: the part of a call that lies inside a time limit, a hedge or a
 * caller's signal. Its `AbortSignal` is only made when someone reads it.
 */
export class Scope {
  readonly #parent: Scope | undefined;
  #members: Abandonable[] | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;

  /**
   * @param parent the scope around this one, whose end is the end of this too; whoever makes a scope
   *   inside an abortable parent must `join` it and pass `abandoned` on to `abort`
   */
  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  /** Milliseconds to the nearest deadline; infinite without one. */
  get remainingMs(): number {
    return this.#parent?.remainingMs ?? Number.POSITIVE_INFINITY;
  }

  /** False if nothing can ever give this up: then there is no need to join. */
  get isAbortable(): boolean {
    return true;
  }

  get isAborted(): boolean {
    return this.#isAborted || (this.#parent?.isAborted ?? false);
  }

  get reason(): unknown {
    return this.#isAborted ? this.#reason : this.#parent?.reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isAborted) this.#controller.abort(signalReason(this.reason));
    }
    return this.#controller.signal;
  }

  /**
   * `member.abandoned` will be called if this is given up, and is called at once if it was: user code that
   * is asked on the way in may give up the call. There is no need to leave.
   */
  join(member: Abandonable): void {
    if (this.isAborted) {
      member.abandoned(this.reason);
      return;
    }
    // Most have one: a list that is made with it takes no room for more.
    if (this.#members === undefined) this.#members = [member];
    else this.#members.push(member);
  }

  /** Gives up everything in this scope: first what is held, then the signal. Later calls do nothing. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    const members = this.#members;
    this.#members = undefined;
    if (members !== undefined) for (const member of members) member.abandoned(reason);
    this.#controller?.abort(signalReason(reason));
  }
}

/** What an operation's signal says: of a caller's abort the caller's own reason, as with `AbortSignal.any`. */
const signalReason = (reason: unknown): unknown =>
  isCircuitBreakerError(reason, 'ABORTED') ? reason.cause : reason;

/** The scope of a call that nobody can give up. Each read of its signal gives a fresh one. */
class EndlessScope extends Scope {
  override get isAbortable(): boolean {
    return false;
  }

  override get isAborted(): boolean {
    return false;
  }

  override get signal(): AbortSignal {
    return new AbortController().signal;
  }

  override join(): void {}

  override abort(): void {}
}

export const ENDLESS: Scope = new EndlessScope();

/** The scope of a call with a caller's signal; it hands out that very signal. */
export class CallerScope extends Scope {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  override get signal(): AbortSignal {
    return this.#signal;
  }
}
