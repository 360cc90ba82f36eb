import { inspect } from 'node:util';

/** Everything a log could be given of a value. */
export const exposed = (value: unknown): string =>
  [
    inspect(value, { depth: 20, showHidden: true }),
    // Amounts are no secret, and no JSON either.
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)),
    String(value),
    value instanceof Error ? `${value.stack} ${inspect(value.cause, { depth: 20 })}` : '',
  ].join('\n');
