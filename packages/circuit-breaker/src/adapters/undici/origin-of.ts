import type { Dispatcher } from 'undici';

/** What stands for the origin of a client that is bound to one and does not say which (undici 7). */
const BOUND = 'client';

/**
 * The origin that a request goes to, in one spelling.
 * @param bound the origin of the dispatcher, where there is one: undici 8 tells it to interceptors
 */
export const originOf = (
  opts: Pick<Dispatcher.DispatchOptions, 'origin'>,
  bound: string | null | undefined,
): string => {
  const asked = opts.origin ?? bound ?? BOUND;
  if (typeof asked !== 'string') return asked.origin;
  // Sockets and the like have no origin of their own.
  const origin = URL.canParse(asked) ? new URL(asked).origin : asked;
  return origin === 'null' ? asked : origin;
};
