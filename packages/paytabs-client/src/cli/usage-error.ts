/** A wrong command line: said in one sentence, exit 2. */
export class UsageError extends Error {}
