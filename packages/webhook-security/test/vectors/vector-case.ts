/** One case of a vector file. */
export interface VectorCase {
  readonly id: string;
  /** What is found, where that is not what the file expects. */
  readonly run: () => Promise<string | undefined>;
}

export function difference(found: string, expected: string): string | undefined {
  return found === expected ? undefined : `${found} instead of ${expected}`;
}
