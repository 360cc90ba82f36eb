import type { SchemaIssue } from './errors.js';
import type { StandardSchema, StandardSchemaIssue } from './ports/standard-schema.js';

export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Runs a schema of any vendor, and puts its issues into one form. */
export const validate = async <Output>(
  schema: StandardSchema<never, Output> | StandardSchema<unknown, Output>,
  value: unknown,
): Promise<Validated<Output>> => {
  // A synchronous schema stays synchronous up to here: `await` of a plain value costs one turn only.
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return { value: result.value };
  return {
    issues: result.issues.map((issue) => ({ message: issue.message, path: pathOf(issue) })),
  };
};

const pathOf = ({ path = [] }: StandardSchemaIssue): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
