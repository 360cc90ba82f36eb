/** What a command may touch of the process, so that tests run it in theirs. */
export interface CommandIo {
  /** Writes one line to standard output: results, for people or other programs. */
  readonly print: (line: string) => void;
  /** Writes one line to standard error: progress and warnings. */
  readonly warn: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C and SIGTERM: a command that runs until then ends with what it has begun. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `paytabs NAME --help` prints, its options with their defaults included. */
  readonly usage: string;
  /**
   * @returns the exit code: 0 when all is well, 1 when something was found or failed
   * @throws UsageError for a wrong command line, which is said in one sentence with exit code 2
   */
  readonly run: (args: readonly string[], io: CommandIo) => Promise<number>;
}
