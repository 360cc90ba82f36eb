import { StandardSchemaValidationPipe } from '@nestjs/common';
import { type FieldError, invalidRequest } from './problem.js';

const MOST_ERRORS = 20;

/** Checks bodies, queries and parameters against the schema of their decorator. Says where and what, never the value. */
export const schemaPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) =>
    invalidRequest(
      issues.slice(0, MOST_ERRORS).map(
        ({ path, message }): FieldError => ({
          path: (path ?? [])
            .map((part) => String(typeof part === 'object' ? part.key : part))
            .join('.'),
          message,
        }),
      ),
    ),
});
