/** How one check of a program ended. */
export interface Checked {
  readonly name: string;
  /** `undefined`: all is well. */
  readonly error?: string;
  /** Why there was nothing to check here. */
  readonly skipped?: string;
}

/** What the module of a program exports. */
export interface ProgramExports {
  /** Runs every check. Never rejects. */
  readonly runChecks: () => Promise<Checked[]>;
  /** Answers one of several requests that overlap; for runtimes that serve. */
  readonly answer?: (query: URLSearchParams) => Promise<unknown>;
}
