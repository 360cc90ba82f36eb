/** What is wrong with one variable. Its value is part of it only when it is too short and plain to be a secret. */
export interface VariableProblem {
  readonly name: string;
  readonly given: string;
  readonly allowed: string;
}

/** The environment does not allow a start. Lists every wrong variable at once. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly VariableProblem[];

  constructor(problems: readonly VariableProblem[]) {
    const lines = problems.map(
      ({ name, given, allowed }) => `  ${name}: ${given}; allowed: ${allowed}`,
    );
    super(
      `The environment is not complete or not possible:\n${lines.join('\n')}\nEvery variable is explained in .env.example.`,
    );
    this.problems = problems;
  }
}
