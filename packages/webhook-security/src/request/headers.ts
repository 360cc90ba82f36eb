/**
 * Headers in any common shape: pairs (also a `Headers` object), Node's flat `rawHeaders` list, or
 * a record. Pairs and `rawHeaders` keep a name that stands twice apart; a record joined by the
 * server no longer can, and its joined value is then refused as malformed.
 */
export type WebhookHeaders =
  | Iterable<readonly [string, string]>
  | Iterable<string>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Lines of one name that are not simply one text; undefined stands for a line that is no text. */
export class HeaderLines {
  readonly lines: (string | undefined)[];

  constructor(lines: (string | undefined)[]) {
    this.lines = lines;
  }
}

/** What was found of one header: nothing, one line of text, or anything else. */
export type HeaderValue = string | HeaderLines | undefined;

/** The values of the few headers a verifier reads, at the places of their names. */
export type HeaderValues = readonly HeaderValue[];

/** More header lines than any server takes; a bound for iterables that never end. */
const mostLines = 4_096;

/** Reads headers out of a source; undefined where that is no header list, or throws while being read. */
export type HeaderReader = (source: unknown) => HeaderValues | undefined;

/** Prepares to read the headers with these names, which are in lower case. */
export function headerReader(names: readonly string[]): HeaderReader {
  const places = new Map(names.map((name, place) => [name, place]));
  // Most headers of a request are not wanted, and most of those are told by their length.
  let lengths = 0;
  for (const name of names) lengths |= 1 << (name.length & 31);
  const placeOf = (name: string): number | undefined => {
    if ((lengths & (1 << (name.length & 31))) === 0) return undefined;
    return places.get(name) ?? places.get(name.toLowerCase());
  };
  return (source) => {
    if (typeof source !== 'object' || source === null) return undefined;
    const found: HeaderValue[] = names.map(() => undefined);
    const add = (name: string, line: unknown) => {
      const place = placeOf(name);
      if (place !== undefined) found[place] = joined(found[place], line);
    };
    try {
      const isRead = isIterable(source) ? readLines(source, add) : readRecord(source, add);
      return isRead ? found : undefined;
    } catch {
      return undefined;
    }
  };
}

type Add = (name: string, line: unknown) => void;

function joined(before: HeaderValue, line: unknown): HeaderValue {
  const text = typeof line === 'string' ? line : undefined;
  if (before === undefined) return text ?? new HeaderLines([undefined]);
  if (typeof before === 'string') return new HeaderLines([before, text]);
  before.lines.push(text);
  return before;
}

/** All lines of one header in their order. */
export function linesOf(value: HeaderValue): readonly (string | undefined)[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value.lines;
}

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
      if (typeof line[0] === 'string') add(line[0], line[1]);
    } else {
      return false;
    }
  }
  return flatName === undefined;
}

function readRecord(source: object, add: Add): boolean {
  for (const name of Object.keys(source)) {
    const value = (source as Record<string, unknown>)[name];
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
