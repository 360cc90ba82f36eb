import { applyDecorators, HttpCode, SerializeOptions } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  /** Absent for an answer without body. What the schema does not name is dropped from the answer. */
  readonly schema?: z.ZodType;
  readonly about: string;
}

/** Says what a route answers: status, body and documentation from one schema. */
export function Answers(answer: Answer): MethodDecorator {
  const { status = 200, schema, about } = answer;
  return applyDecorators(
    HttpCode(status),
    ApiResponse({
      status,
      description: about,
      ...(schema === undefined ? {} : { standardSchema: schema }),
    }),
    ...(schema === undefined ? [] : [SerializeOptions({ schema })]),
  );
}
