const numbers = new WeakMap<object, number>();
let last = 0;

/**
 * The key under which this process keeps decoded rows. Two classes of one name, version and pipeline ask the
 * same question and may share its bytes; the rows that two schemas make of them are not the same.
 */
export const localKey = (key: string, rows: object | undefined): string => {
  if (rows === undefined) return key;
  let number = numbers.get(rows);
  if (number === undefined) {
    last += 1;
    number = last;
    numbers.set(rows, number);
  }
  return `${key}:${number}`;
};
