import { Query } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { z } from 'zod';
import { describeParameter, onMethodOf } from './describe-parameter.js';

/** The query of a request: checked by the schema, and described by it, parameter by parameter. */
export const QueryOf =
  (schema: z.ZodObject): ParameterDecorator =>
  (target, handler, index) => {
    Query({ schema })(target, handler, index);
    for (const [name, part] of Object.entries(schema.shape) as [string, z.ZodType][]) {
      const required = !part.safeParse(undefined).success;
      onMethodOf(ApiQuery({ name, required, ...describeParameter(part) }), target, handler);
    }
  };
