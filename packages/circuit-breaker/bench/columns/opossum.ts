import { createRequire } from 'node:module';

/** The part of opossum that is used here. */
interface OpossumBreaker {
  fire(): Promise<unknown>;
  open(): void;
  shutdown(): void;
  readonly stats: unknown;
}

/** opossum, which brings no types of its own. */
export const Opossum = createRequire(import.meta.url)('opossum') as new (
  action: () => Promise<unknown>,
  options?: Readonly<Record<string, unknown>>,
) => OpossumBreaker;
