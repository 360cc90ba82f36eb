/** The states of one kind of document and the moves between them, as data. */
export interface StateMachine<State extends string> {
  readonly states: readonly State[];
  allows(from: State, to: State): boolean;
  /** The states from which one move leads to `to`: the filter of a conditional update. */
  sourcesOf(to: State): readonly State[];
}

/** @param moves for each state, the states it may move to; a state without moves is final */
export function defineMachine<State extends string>(
  moves: Readonly<Record<State, readonly NoInfer<State>[]>>,
): StateMachine<State> {
  const states = Object.keys(moves) as State[];
  return Object.freeze({
    states,
    allows: (from: State, to: State) => moves[from].includes(to),
    sourcesOf: (to: State) => states.filter((from) => moves[from].includes(to)),
  });
}

export type StateOf<Machine> = Machine extends StateMachine<infer State> ? State : never;
