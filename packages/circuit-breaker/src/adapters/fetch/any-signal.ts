/** Aborted with the first of the two, for its reason. */
export const anySignal = (one: AbortSignal, other: AbortSignal | undefined): AbortSignal => {
  if (other === undefined || other === one) return one;
  if (typeof AbortSignal.any === 'function') return AbortSignal.any([one, other]);
  const controller = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) controller.abort(signal.reason);
    else {
      const abort = () => controller.abort(signal.reason);
      signal.addEventListener('abort', abort, { once: true, signal: controller.signal });
    }
  }
  return controller.signal;
};
