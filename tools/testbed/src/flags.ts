type FlagValue = string | number | boolean | readonly string[];

/** `{ port: 1, quiet: true, setParameter: ['a=1', 'b=2'] }` as a command line's arguments. */
export function flags(values: Readonly<Record<string, FlagValue>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === false) return [];
    if (value === true) return [`--${name}`];
    const list = typeof value === 'object' ? value : [value];
    return list.flatMap((one) => [`--${name}`, String(one)]);
  });
}
