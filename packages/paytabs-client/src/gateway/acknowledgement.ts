import { z } from 'zod';
import { readerOf, Unreadable, where } from './reply.js';
import { type Raw, withRaw } from './with-raw.js';

/** Some endpoints call it `trace_code`. */
export const traced = {
  trace: z.string().nullish(),
  trace_code: z.string().nullish(),
};

export const traceOf = (body: {
  readonly trace?: string | null | undefined;
  readonly trace_code?: string | null | undefined;
}): { readonly trace?: string } => {
  const trace = body.trace || body.trace_code;
  return trace ? { trace } : {};
};

/** Whole numbers came as such, and may come as text. */
export const wireId = z
  .union([z.int(), z.string().regex(/^\d{1,15}$/)])
  .transform(Number)
  .pipe(z.int().positive());

/** A check of zod as a reading; throws what a reader understands. */
export function fit<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  throw new Unreadable(where(checked.error.issues));
}

/** That something was done, and nothing more. */
export interface Acknowledgement {
  readonly message?: string;
  /** The gateway's support reference. */
  readonly trace?: string;
  /** The answer as it came. */
  readonly raw: Raw;
}

const acknowledgement = z.looseObject({
  /** Zero is success; whatever is above was read as an error before. */
  code: z.union([z.literal(0), z.literal('0')]).nullish(),
  message: z.string().nullish(),
  status: z.string().nullish(),
  ...traced,
});

/**
 * `{ code: 0, message, trace }`, or the same without a code. Without one the shape proves nothing, for a failure may say
 * a message too: then the HTTP status, and a `status` that is given, must agree.
 */
export const acknowledgementReader = readerOf<Acknowledgement>((body, { httpStatus }) => {
  const read = fit(acknowledgement, body);
  const isSaid = read.code !== null && read.code !== undefined;
  if (!isSaid && (httpStatus >= 400 || !read.message)) {
    throw new Unreadable('it does not say that it is done');
  }
  if (read.status && read.status.toLowerCase() !== 'success') {
    throw new Unreadable('it has another status than success');
  }
  const message = read.message ? { message: read.message } : {};
  return withRaw({ ...message, ...traceOf(read) }, body);
});
