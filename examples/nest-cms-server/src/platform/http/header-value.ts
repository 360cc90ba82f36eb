import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { describeParameter, onMethodOf } from './describe-parameter.js';
import { invalidRequest } from './problem.js';

/** A request header and the schema of its value; use an optional schema where the header may be absent. */
export interface HeaderRule {
  readonly name: string;
  /** What it is for, in the API description. */
  readonly about: string;
  readonly schema: z.ZodType;
}

const CheckedHeader = createParamDecorator(
  (rule: HeaderRule, context: ExecutionContext): unknown => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const parsed = rule.schema.safeParse(headers[rule.name.toLowerCase()]);
    if (parsed.success) return parsed.data;
    throw invalidRequest(
      parsed.error.issues.map(({ message }) => ({ path: rule.name, message })),
      `The header ${rule.name} does not have the expected form.`,
    );
  },
);

/** A request header that passed its schema, which describes it too. Nest's own `@Headers` takes no schema. */
export const HeaderValue =
  (rule: HeaderRule): ParameterDecorator =>
  (target, handler, index) => {
    CheckedHeader(rule)(target, handler, index);
    const { name, about: description, schema } = rule;
    const required = !schema.safeParse(undefined).success;
    const described = { name, required, ...describeParameter(schema), description };
    onMethodOf(ApiHeader(described), target, handler);
  };
