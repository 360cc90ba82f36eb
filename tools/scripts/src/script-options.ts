/** What the options of a script say; undefined, with the reason and the usage on stderr, where they are off. */
export const readOrExplain = <Options>(read: () => Options, usage: string): Options | undefined => {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
};

/** The number of an option. */
export const readWhole = (name: string, text: string, least: number): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
  throw new RangeError(`--${name} must be a whole number from ${least}; it is '${text}'.`);
};

export const anySeed = (): string => String(Math.floor(Math.random() * 2 ** 32));

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
