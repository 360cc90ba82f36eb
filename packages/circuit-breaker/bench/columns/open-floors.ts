/** Ways to reject a call, from the cheapest. */
const message = 'open';
const shared = new Error(message);
const rejected = Promise.reject(shared);
rejected.catch(() => {});

class Stackless extends Error {}

const withoutStack = (): Error => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Stackless(message);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
};

const throwShared = (): never => {
  throw shared;
};
const resolved = Promise.resolve();

export const OPEN_FLOORS: Readonly<Record<string, () => Promise<unknown>>> = {
  'floor: one rejected promise handed to all': () => rejected,
  'floor: shared error thrown one microtask later': () => resolved.then(throwShared),
  'floor: Promise.reject(shared error)': () => Promise.reject(shared),
  'floor: fresh error without a stack': () => Promise.reject(withoutStack()),
  'floor: fresh error with a stack': () => Promise.reject(new Error(message)),
};
