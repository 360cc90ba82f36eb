/** An answer of the gateway as it came. May hold a saved card's token and the customer's data. */
export type Raw = Readonly<Record<string, unknown>>;

/**
 * Gives what was read of an answer the answer itself, where whoever asks for `raw` finds it, and no logger, `inspect`,
 * JSON or copy does. Freezes.
 */
export const withRaw = <Fields extends object>(
  fields: Fields,
  raw: unknown,
): Readonly<Fields> & { readonly raw: Raw } =>
  Object.freeze(Object.defineProperty(fields, 'raw', { value: raw })) as Readonly<Fields> & {
    readonly raw: Raw;
  };
