import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { invalidRequest } from './problem.js';

/** A request header and the schema of its value; use an optional schema where the header may be absent. */
export interface HeaderRule {
  readonly name: string;
  readonly schema: z.ZodType;
}

/** A request header that passed its schema, in a handler's parameters. Nest's own `@Headers` takes no schema. */
export const HeaderValue = createParamDecorator(
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
