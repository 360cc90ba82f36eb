import type { CausalToken } from '../validity/causal-token.js';

/** What changed up to one moment: never half of what one transaction did. */
export interface ChangeBatch {
  readonly dependencies: ReadonlySet<string>;
  /** The newest write among them, with the signed time that other processes need to wait for it. */
  readonly after: CausalToken;
}

export interface ChangeListener {
  readonly changed: (batch: ChangeBatch) => void;
  /** The stream is alive, and has told everything up to `token`. */
  readonly reached: (token: Uint8Array) => void;
  /** It ended, and will not go on by itself. */
  readonly ended: (why: ChangeStreamEnd) => void;
}

/**
 * - `historyLost`: the place to go on from is gone, so what changed since is unknown
 * - `refused`: the server has no change streams, or the user no right to them
 * - `failed`: anything else; worth another try from the same place
 */
export type ChangeStreamEnd = {
  readonly kind: 'historyLost' | 'refused' | 'failed';
  readonly error: unknown;
};

/** Where changes of the database are heard of. */
export interface ChangeSource {
  /**
   * @param from where to go on; undefined: from `startAt`
   * @returns a function that ends it without a word
   */
  open(
    from: Uint8Array | undefined,
    startAt: CausalToken | undefined,
    listener: ChangeListener,
  ): () => void;
}
