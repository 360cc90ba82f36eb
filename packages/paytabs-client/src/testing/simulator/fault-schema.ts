import { z } from 'zod';

const when = z.enum(['before', 'after']).optional();
const arming = {
  route: z
    .enum([
      'request',
      'query',
      'token',
      'tokenise',
      'invoice',
      'link',
      'agreement',
      'sadad',
      'valu',
    ])
    .optional(),
  times: z.union([z.int().min(1), z.literal('always')]).optional(),
};
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['hang', 'reset', 'resetMidReply']), when, ...arming }),
  z.strictObject({
    kind: z.literal('html'),
    status: z.int().min(400).max(599).optional(),
    when,
    ...arming,
  }),
  z.strictObject({ kind: z.enum(['invalidJson', 'truncatedJson']), when, ...arming }),
  z.strictObject({
    kind: z.literal('tooMany'),
    retryAfterSeconds: z.int().min(0).optional(),
    ...arming,
  }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().min(0), ...arming }),
  z.strictObject({
    kind: z.literal('drip'),
    everyMs: z.number().min(0).optional(),
    pieces: z.int().min(1).max(10_000).optional(),
    ...arming,
  }),
  z.strictObject({
    kind: z.literal('reply'),
    status: z.int().min(200).max(599).optional(),
    body: z.unknown(),
    when,
    ...arming,
  }),
  z.strictObject({
    kind: z.literal('alter'),
    set: z.record(z.string(), z.unknown()).optional(),
    remove: z.array(z.string()).optional(),
    ...arming,
  }),
]);
