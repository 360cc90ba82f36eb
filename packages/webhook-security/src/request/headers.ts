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

/** Reads the headers with some names out of a request. */
export class HeaderReader {
  /** In lower case. */
  readonly #names: readonly string[];
  /** As many as there are names; copied for each request. */
  readonly #none: readonly HeaderValue[];
  /** The places of the names of each length: most headers of a request are told from them by that alone. */
  readonly #placesByLength: readonly (readonly number[])[];

  /** @param names in lower case */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#none = names.map(() => undefined);
    const longest = Math.max(...names.map((name) => name.length));
    this.#placesByLength = Array.from({ length: longest + 1 }, (_, length) =>
      names.flatMap((name, place) => (name.length === length ? [place] : [])),
    );
  }

  /** Undefined where the source is no header list, or throws while being read. */
  read(source: unknown): HeaderValues | undefined {
    if (typeof source !== 'object' || source === null) return undefined;
    const found = this.#none.slice();
    try {
      const isRead = isIterable(source)
        ? this.#readLines(source, found)
        : this.#readRecord(source as Record<string, unknown>, found);
      return isRead ? found : undefined;
    } catch {
      return undefined;
    }
  }

  #readRecord(source: Record<string, unknown>, found: HeaderValue[]): boolean {
    // Twice as fast as Object.keys; what is inherited is no header of the request.
    for (const name in source) {
      const place = this.#placeOf(name);
      if (place === -1 || !Object.hasOwn(source, name)) continue;
      const value = source[name];
      if (value === undefined) continue;
      if (!Array.isArray(value)) {
        add(found, place, value);
        continue;
      }
      if (value.length > mostLines) return false;
      for (const one of value) add(found, place, one);
    }
    return true;
  }

  #readLines(source: Iterable<unknown>, found: HeaderValue[]): boolean {
    let lines = 0;
    let flatName: string | undefined;
    for (const line of source) {
      lines += 1;
      if (lines > mostLines) return false;
      if (flatName !== undefined) {
        this.#addLine(found, flatName, line);
        flatName = undefined;
      } else if (typeof line === 'string') {
        flatName = line;
      } else if (Array.isArray(line) && line.length === 2) {
        if (typeof line[0] === 'string') this.#addLine(found, line[0], line[1]);
      } else {
        return false;
      }
    }
    return flatName === undefined;
  }

  #addLine(found: HeaderValue[], name: string, line: unknown): void {
    const place = this.#placeOf(name);
    if (place !== -1) add(found, place, line);
  }

  /** -1 for a header that is not wanted. */
  #placeOf(name: string): number {
    if (name.length >= this.#placesByLength.length) return -1;
    const places = this.#placesByLength[name.length] as readonly number[];
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number;
      const wanted = this.#names[place] as string;
      if (name === wanted || (endsAlike(name, wanted) && name.toLowerCase() === wanted))
        return place;
    }
    return -1;
  }
}

/** Whether the last letters are the same in lower case: most others are told from the wanted by that. */
function endsAlike(name: string, wanted: string): boolean {
  const last = wanted.length - 1;
  return (name.charCodeAt(last) | 32) === (wanted.charCodeAt(last) | 32);
}

function add(found: HeaderValue[], place: number, line: unknown): void {
  const before = found[place];
  const text = typeof line === 'string' ? line : undefined;
  if (before === undefined) found[place] = text ?? new HeaderLines([undefined]);
  else if (typeof before === 'string') found[place] = new HeaderLines([before, text]);
  else before.lines.push(text);
}

const NONE: readonly never[] = Object.freeze([]);

/** All lines of one header in their order. */
export function linesOf(value: HeaderValue): readonly (string | undefined)[] {
  if (value === undefined) return NONE;
  return typeof value === 'string' ? [value] : value.lines;
}

function isIterable(source: object): source is Iterable<unknown> {
  return typeof (source as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

/** The media type of a content-type value: lower case, without parameters. */
export function mediaType(value: string): string {
  const semicolon = value.indexOf(';');
  return (semicolon === -1 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}
