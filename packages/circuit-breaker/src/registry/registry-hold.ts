import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { Hold } from '../breaker/hold.js';
import { InvalidOptionError } from '../errors.js';
import { readText, refuseUnknown } from '../validation.js';

/** Which breakers of a registry: those with a tag, or those of some names. */
export type BreakerChoice =
  | { readonly tag: string; readonly names?: undefined }
  | { readonly names: readonly string[]; readonly tag?: undefined };

/** What to hold, and why. */
export type RegistryHoldOptions = BreakerChoice & {
  /** Why, for people; not blank. */
  readonly reason?: string | undefined;
};

/** One hold over many breakers, also over those that are made while it is out. */
export class RegistryHold implements Hold {
  readonly kind: 'open' | 'closed';
  readonly reason: string | undefined;
  readonly #covers: (breaker: CircuitBreaker) => boolean;
  readonly #onRelease: (hold: RegistryHold) => void;
  #holds: Hold[] | undefined = [];

  /** @throws InvalidOptionError */
  constructor(
    kind: 'open' | 'closed',
    options: RegistryHoldOptions,
    onRelease: (hold: RegistryHold) => void,
  ) {
    this.kind = kind;
    this.#covers = readChoice(options);
    this.reason = options.reason === undefined ? undefined : readText('reason', options.reason);
    this.#onRelease = onRelease;
  }

  /** Holds `breaker` too, if it is one of those. */
  take(breaker: CircuitBreaker): void {
    if (this.#holds === undefined || !this.#covers(breaker)) return;
    const { reason } = this;
    const hold =
      this.kind === 'open' ? breaker.holdOpen({ reason }) : breaker.holdClosed({ reason });
    this.#holds.push(hold);
  }

  release(): void {
    const holds = this.#holds;
    if (holds === undefined) return;
    this.#holds = undefined;
    this.#onRelease(this);
    for (const hold of holds) hold.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

const readChoice = (options: RegistryHoldOptions): ((breaker: CircuitBreaker) => boolean) => {
  refuseUnknown('', options, ['tag', 'names', 'reason']);
  const { tag, names } = options;
  if ((tag === undefined) === (names === undefined)) {
    const allowed = 'given, or names: one of the two (to hold all, name all)';
    throw new InvalidOptionError({ option: 'tag', value: tag, allowed });
  }
  if (tag !== undefined) {
    const asked = readText('tag', tag);
    return ({ tags }) => tags.includes(asked);
  }
  if (!Array.isArray(names)) {
    throw new InvalidOptionError({ option: 'names', value: names, allowed: 'a list of texts' });
  }
  const asked = new Set(names.map((name, place) => readText(`names[${place}]`, name)));
  return ({ name }) => asked.has(name);
};
