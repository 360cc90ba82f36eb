/** What is told when code of the user's, called by this package, throws or rejects. */
export interface ListenerFailure {
  /** A listener of an event, or a callback or port given as an option. */
  readonly kind: 'listener' | 'callback';
  /** The event's or the option's name, such as `opened`, `classify` or `clock`. */
  readonly name: string;
  /** What was thrown, or what the returned promise was rejected with. */
  readonly error: unknown;
}

/** Told about each failure. May throw: then the default report takes its place. */
export type OnListenerError = (failure: ListenerFailure) => void;
