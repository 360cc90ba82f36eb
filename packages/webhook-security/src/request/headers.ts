/**
 * Headers in any common shape: pairs (also a `Headers` object), Node's flat `rawHeaders` list, or
 * a record. Pairs and `rawHeaders` keep a name that stands twice apart; a record joined by the
 * server no longer can, and its joined value is then refused as malformed.
 */
export type WebhookHeaders =
  | Iterable<readonly [string, string]>
  | Iterable<string>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The values of the few headers a verifier reads; undefined stands for a value that is no text. */
export type HeaderValues = ReadonlyMap<string, readonly (string | undefined)[]>;

/** More header lines than any server takes; a bound for iterables that never end. */
const mostLines = 4_096;

/**
 * Copies the wanted headers out, their names in lower case. Undefined where the source is no
 * header list at all or throws while being read.
 */
export function collectHeaders(
  source: unknown,
  wanted: ReadonlySet<string>,
): HeaderValues | undefined {
  if (typeof source !== 'object' || source === null) return undefined;
  const found = new Map<string, (string | undefined)[]>();
  const add = (name: unknown, value: unknown) => {
    if (typeof name !== 'string') return;
    const key = name.toLowerCase();
    if (!wanted.has(key)) return;
    const values = found.get(key);
    const text = typeof value === 'string' ? value : undefined;
    if (values === undefined) found.set(key, [text]);
    else values.push(text);
  };
  try {
    return (isIterable(source) ? readLines(source, add) : readRecord(source, add))
      ? found
      : undefined;
  } catch {
    return undefined;
  }
}

type Add = (name: unknown, value: unknown) => void;

function isIterable(source: object): source is Iterable<unknown> {
  return typeof (source as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function readLines(source: Iterable<unknown>, add: Add): boolean {
  let lines = 0;
  let flatName: string | undefined;
  for (const line of source) {
    lines += 1;
    if (lines > mostLines) return false;
    if (flatName !== undefined) {
      add(flatName, line);
      flatName = undefined;
    } else if (typeof line === 'string') {
      flatName = line;
    } else if (Array.isArray(line) && line.length === 2) {
      add(line[0], line[1]);
    } else {
      return false;
    }
  }
  return flatName === undefined;
}

function readRecord(source: object, add: Add): boolean {
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      if (value.length > mostLines) return false;
      for (const one of value) add(name, one);
    } else {
      add(name, value);
    }
  }
  return true;
}

/** The media type of a content-type value: lower case, without parameters. */
export function mediaType(value: string): string {
  const semicolon = value.indexOf(';');
  return (semicolon === -1 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}
