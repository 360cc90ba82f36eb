import { PayTabsError } from '../errors.js';

/** What every call takes besides its request. */
export interface CallOptions {
  /** Ends the call. A write that may have been sent by then has an unknown outcome. */
  readonly signal?: AbortSignal;
}

const refuse = (message: string) => new PayTabsError('INVALID_OPTION', message);

/** @throws PayTabsError INVALID_OPTION */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  const fits = typeof aborted === 'boolean' && addEventListener !== undefined;
  if (!fits) throw refuse('call.signal: must be an AbortSignal');
  return signal as AbortSignal;
}

/** @throws PayTabsError INVALID_OPTION */
export function signalOf(call: unknown): AbortSignal | undefined {
  if (typeof call !== 'object' || call === null) throw refuse('call: must be an object');
  // It has no names of its own, so it would pass, and be ignored.
  if (call instanceof AbortSignal) throw refuse('call: give the signal as { signal }');
  const unknown = Object.keys(call).find((name) => name !== 'signal');
  if (unknown !== undefined) throw refuse(`call.${unknown}: is unknown (known: signal)`);
  return checkSignal((call as CallOptions).signal);
}
