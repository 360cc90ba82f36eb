import { callbackSchema } from '@nestcms/paytabs-client';
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { describeParameter } from '../../platform/http/describe-parameter.js';

// What the API description says of the gateway's routes. Their bodies are read as bytes and checked by
// the verifiers, so no schema of a parameter describes them.

const SIGNATURE = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string();

/** What the browser brings back. All its fields that are not empty are signed. */
const returned = z.looseObject({
  tranRef: text,
  cartId: text,
  respStatus: text.optional(),
  respCode: text.optional(),
  respMessage: text.optional(),
  signature: SIGNATURE.optional(),
});

const bodyOf = (schema: z.ZodType) => ApiBody(describeParameter(schema));

const leadsOn = (description: string): MethodDecorator =>
  ApiResponse({
    status: 303,
    description,
    headers: { location: { description: 'A page of this server.', schema: { type: 'string' } } },
  });

/** The gateway's notice: JSON whose bytes are signed. */
export const DescribesNotice = (): MethodDecorator =>
  applyDecorators(
    ApiConsumes('application/json'),
    bodyOf(callbackSchema),
    ApiHeader({
      name: 'signature',
      required: true,
      description: 'HMAC-SHA256 of the raw body under the server key.',
      ...describeParameter(SIGNATURE),
    }),
  );

/** The browser that comes back with a form. */
export const DescribesReturn = (): MethodDecorator =>
  applyDecorators(
    ApiConsumes('application/x-www-form-urlencoded'),
    bodyOf(returned),
    leadsOn('On to the payment, or to the first page when the form is not to be believed.'),
  );

/** The browser that comes back with nothing. */
export const DescribesUnsignedReturn = (): MethodDecorator => leadsOn('On to the first page.');
