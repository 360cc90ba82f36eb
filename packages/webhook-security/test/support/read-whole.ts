/** The number of an option of a script. */
export const readWhole = (name: string, text: string, least: number): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
  throw new RangeError(`--${name} must be a whole number from ${least}; it is '${text}'.`);
};

export const anySeed = (): string => String(Math.floor(Math.random() * 2 ** 32));
