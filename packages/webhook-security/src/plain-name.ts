/** A name as code has them. Anything else in its place may be data, and is not shown. */
export function isPlainName(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z_][\w-]{0,63}$/.test(text);
}
