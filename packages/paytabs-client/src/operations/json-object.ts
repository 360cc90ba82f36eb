/** A copy of an object as JSON carries it; undefined for anything that is none, or that JSON cannot carry. */
export function jsonObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    const isObject = typeof copy === 'object' && copy !== null && !Array.isArray(copy);
    return isObject ? (copy as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
