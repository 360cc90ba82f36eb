import { isPlainName } from '../plain-name.js';

/**
 * The part of the Standard Schema interface that this package calls. Schemas of zod, valibot,
 * arktype and others fit without an import.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | PromiseLike<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const mostPaths = 20;
const mostSteps = 20;
/** A larger number is no place in a list that fits into a body. */
const mostIndexes = 1_000_000;

/**
 * Where a schema found fault, as dotted paths. Messages are left out: they may hold values. So may
 * the keys of a record; one that is no plain name is shown as `*`.
 */
export function issuePaths(issues: readonly SchemaIssue[]): readonly string[] {
  const paths = issues.slice(0, mostPaths).map(({ path }) =>
    (path ?? [])
      .slice(0, mostSteps)
      .map((step) => shownKey(typeof step === 'object' ? step.key : step))
      .join('.'),
  );
  return [...new Set(paths)];
}

function shownKey(key: PropertyKey): string {
  if (typeof key === 'number' && key >= 0 && key < mostIndexes && Number.isInteger(key)) {
    return String(key);
  }
  return isPlainName(key) ? key : '*';
}
