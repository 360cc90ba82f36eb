/** How the parts of a policy tell its events. */
export interface Teller<Events> {
  /** Whether someone listens; ask before building a payload on the way of every call. */
  hears(event: keyof Events & string): boolean;
  tell<E extends keyof Events & string>(event: E, payload: Events[E]): void;
}
