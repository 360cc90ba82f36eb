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
const longestPath = 200;

/** Where a schema found fault, as dotted paths. Messages are left out: they may hold values. */
export function issuePaths(issues: readonly SchemaIssue[]): readonly string[] {
  const paths = issues.slice(0, mostPaths).map(({ path }) =>
    (path ?? [])
      .map((step) => String(typeof step === 'object' ? step.key : step))
      .join('.')
      .slice(0, longestPath),
  );
  return [...new Set(paths)];
}
