import type { Permit } from '../../breaker/permit.js';
import { watchWebStream } from '../../breaker/watch-web-stream.js';

/** As much of a permit as a body needs. */
export type BodyPermit = Pick<Permit, 'report' | 'ignore'>;

/** Permits of answers that nobody reads and nobody has any more: they say nothing about the other side. */
const dropped = new FinalizationRegistry<BodyPermit>((permit) => permit.ignore());

/** What a copy cannot be told, and shows all the same. */
const SHOWN = ['redirected', 'type', 'url'] as const;

const classOf = (value: unknown): unknown => (Object(value) as object).constructor;

/** Whether an answer has a body that can be watched, and a copy of it could be made. */
export const hasCountableBody = (response: unknown): response is Response => {
  const { body, status } = Object(response) as Partial<Response>;
  return (
    typeof body?.getReader === 'function' &&
    body.locked === false &&
    status !== undefined &&
    status >= 200 &&
    status <= 599 &&
    classOf(response) !== Object
  );
};

/**
 * The same answer, with a body that gives the permit back when it has ended: as a success at its end, a
 * failure by its error, ignored if its reader gives it up. A body can only be watched by who reads it, so
 * this is a copy of the answer, around the same bytes.
 */
export const countedBody = (response: Response, permit: BodyPermit): Response => {
  const { status, statusText, headers } = response;
  // Of the same class: undici's own is not the platform's.
  const Copy = classOf(response) as typeof Response;
  const body = watchWebStream(response.body as ReadableStream, permit) as ReadableStream;
  const copy = new Copy(body, { status, statusText, headers });
  show(copy, response);
  dropped.register(copy, permit);
  return copy;
};

const show = (copy: Response, original: Response): void => {
  for (const name of SHOWN) {
    Object.defineProperty(copy, name, { value: original[name], configurable: true });
  }
  Object.defineProperty(copy, 'clone', {
    configurable: true,
    value: () => {
      const { clone } = Object.getPrototypeOf(copy) as Response;
      const another = clone.call(copy);
      show(another, original);
      return another;
    },
  });
};
