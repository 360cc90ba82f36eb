import type { SchemaIssue } from './errors.js';
import type {
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaResult,
} from './ports/standard-schema.js';

export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Runs a schema of any vendor, and puts its issues into one form; at once if the schema answers at once. */
export const validate = <Output>(
  schema: StandardSchema<never, Output> | StandardSchema<unknown, Output>,
  value: unknown,
): Validated<Output> | Promise<Validated<Output>> => {
  const result = schema['~standard'].validate(value);
  return 'then' in result ? Promise.resolve(result).then(inOneForm) : inOneForm(result);
};

const inOneForm = <Output>(result: StandardSchemaResult<Output>): Validated<Output> => {
  if (result.issues === undefined) return { value: result.value };
  return {
    issues: result.issues.map((issue) => ({ message: issue.message, path: pathOf(issue) })),
  };
};

/** Without the schema's own words if the value is personal: they may quote it. */
export const tellable = (
  issues: readonly SchemaIssue[],
  personal: boolean | undefined,
): readonly SchemaIssue[] =>
  personal === true ? issues.map(({ path }) => ({ message: 'does not fit', path })) : issues;

const pathOf = ({ path = [] }: StandardSchemaIssue): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
