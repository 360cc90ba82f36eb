/** Names of fields whose values never reach a log, whatever their case and wherever they lie. */
const SECRET_NAME =
  /authorization|cookie|passw|secret|token(?!s?type)|server[_-]?key|api[_-]?key|card|cvv|cvc|\bpan\b|^uri$|mongodburi|redis\w*url/i;
/** Values that give themselves away by their form. */
const SECRET_VALUES: readonly RegExp[] = [
  /Bearer\s+\S+/,
  // A JWT.
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/,
  // A password hash.
  /\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/,
  // Credentials in a URL, up to the last @: also without a user, and with a password that nobody encoded.
  /(?<=:\/\/)(?:[^\s/?#"'<>@:]*:[^\s"'<>]{0,200}|[^\s/?#"'<>]{1,200})(?=@)/,
  // A server key of the gateway.
  /\bS[A-Z0-9]{5,}-[A-Z0-9]{5,}-[A-Z0-9]{5,}\b/,
  // A card number.
  /(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])/,
];
const SECRET_VALUE = new RegExp(SECRET_VALUES.map(({ source }) => source).join('|'), 'g');
const HIDDEN = '[hidden]';
const DEEPEST = 8;

/** Text without what looks like a secret. */
export function redactText(text: string): string {
  return text.replace(SECRET_VALUE, HIDDEN);
}

/** A copy of what is to be logged, without secrets. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= DEEPEST) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return '[bytes]';
  const { toJSON } = value as { toJSON?: () => unknown };
  if (typeof toJSON === 'function') return redact(toJSON.call(value), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) ? HIDDEN : redact(inner, depth + 1),
    ]),
  );
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: redactText(error.stack ?? ''),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}
