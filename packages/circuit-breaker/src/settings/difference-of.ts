/** Path of the first setting in which the two differ. Functions are compared as objects. */
export const differenceOf = (one: object, other: object): string | undefined => {
  const left = one as Record<string, unknown>;
  const right = other as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [a, b] = [left[key], right[key]];
    if (Object.is(a, b)) continue;
    if (key === 'clock' || typeof a !== 'object' || typeof b !== 'object') return key;
    const inner = differenceOf(a ?? {}, b ?? {});
    if (inner !== undefined) return `${key}.${inner}`;
  }
  return undefined;
};
