/** The breaker did not do what the model says. */
export class Difference extends Error {
  override readonly name = 'Difference';
}

const inWords = (value: unknown): string =>
  value instanceof Error
    ? `${value.name}: ${value.message}`
    : (JSON.stringify(value) ?? typeof value);

/** @throws Difference unless both are the same */
export const same = (what: string, actual: unknown, expected: unknown): void => {
  if (Object.is(actual, expected)) return;
  throw new Difference(`${what}: it is ${inWords(actual)}, the model says ${inWords(expected)}`);
};
