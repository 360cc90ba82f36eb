import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a parameter or a body as the API description writes it, whole: named schemas stand in its place. */
export function describeParameter(schema: z.ZodType): { description?: string; schema: JsonSchema } {
  const written = z.toJSONSchema(schema, {
    io: 'input',
    target: 'openapi-3.0',
    unrepresentable: 'any',
  });
  const { definitions, $ref: _ref, allOf: _allOf, description, ...own } = written;
  const [named] = Object.values(definitions ?? {}) as [JsonSchema?];
  return {
    ...(description !== undefined && { description }),
    schema: { ...named, ...own },
  };
}

/** Says of a handler's parameter what a decorator of methods says; for decorators that do more. */
export function onMethodOf(
  decorator: MethodDecorator,
  target: object,
  handler: string | symbol | undefined,
): void {
  const descriptor = handler && Object.getOwnPropertyDescriptor(target, handler);
  if (!handler || !descriptor) throw new Error('This decorator is for parameters of methods');
  decorator(target, handler, descriptor);
}
