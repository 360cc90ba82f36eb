/** The query of an address or path, with its question mark; nothing where it has none. */
export function queryOf(url: unknown): string {
  if (typeof url !== 'string') return '';
  const start = url.indexOf('?');
  if (start === -1) return '';
  const fragment = url.indexOf('#', start);
  return url.slice(start, fragment === -1 ? undefined : fragment);
}

/** One parameter of the query, decoded; undefined where it is not there, or more than once. */
export function queryParameter(url: unknown, name: string): string | undefined {
  const values = new URLSearchParams(queryOf(url)).getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
