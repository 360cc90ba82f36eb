/** The values found, by the path's steps joined with dots. */
export type JsonFields = ReadonlyMap<string, string>;

/** Deeper JSON than any sender writes. */
const DEEPEST = 32;

/** What is wanted of a value: itself, under a name among the fields found, or what lies in it. */
interface Wanted {
  readonly name: string | undefined;
  readonly within: Map<string, Wanted>;
}

/**
 * Prepares to read the plain values at some paths out of JSON without building the rest: strings,
 * numbers as they are written, `true` and `false`; `null` and what is not there are left out. A step
 * `0` goes into a list, which must then have that one element.
 *
 * The reader gives undefined for what is no JSON, is too deep, has a name on one of the paths twice, or
 * holds a list or object where a plain value is wanted: readers differ on which of two they take, and
 * the one behind the signature must see what the signature was over.
 */
export function jsonFieldReader(
  paths: readonly (readonly string[])[],
): (text: string) => JsonFields | undefined {
  const root: Wanted = { name: undefined, within: new Map() };
  for (const path of paths) plant(root, path);
  return (text) => {
    const reader = new Reader(text);
    try {
      reader.readAll(root);
    } catch {
      return undefined;
    }
    return reader.found;
  };
}

function plant(root: Wanted, path: readonly string[]): void {
  let at = root;
  path.forEach((step, index) => {
    const name = index === path.length - 1 ? fieldName(path) : undefined;
    const next = at.within.get(step) ?? { name, within: new Map() };
    at.within.set(step, next);
    at = next;
  });
}

/** How a path is named among the fields found. */
export function fieldName(path: readonly string[]): string {
  return path.join('.');
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Throws where it finds a fault. Each plain value is read by the language's own reader, as strict as that is. */
class Reader {
  readonly found = new Map<string, string>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(root: Wanted): void {
    this.#value(root, 0);
    this.#blanks();
    if (this.#at !== this.#text.length) throw new SyntaxError();
  }

  #value(wanted: Wanted | undefined, depth: number): void {
    if (depth > DEEPEST) throw new SyntaxError();
    this.#blanks();
    switch (this.#text[this.#at]) {
      case '{':
        this.#object(inner(wanted), depth);
        return;
      case '[':
        this.#list(inner(wanted), depth);
        return;
      case '"':
        this.#keep(wanted, this.#string());
        return;
      default:
        this.#bare(wanted);
    }
  }

  #object(wanted: Wanted | undefined, depth: number): void {
    this.#at += 1;
    const seen = new Set<string>();
    if (this.#goesOver('}')) return;
    do {
      this.#blanks();
      const name = this.#string();
      const next = wanted?.within.get(name);
      if (next !== undefined) {
        if (seen.has(name)) throw new SyntaxError();
        seen.add(name);
      }
      this.#expect(':');
      this.#value(next, depth + 1);
    } while (this.#goesOver(','));
    this.#expect('}');
  }

  #list(wanted: Wanted | undefined, depth: number): void {
    this.#at += 1;
    const next = wanted?.within.get('0');
    if (this.#goesOver(']')) return;
    this.#value(next, depth + 1);
    while (this.#goesOver(',')) {
      if (next !== undefined) throw new SyntaxError();
      this.#value(undefined, depth + 1);
    }
    this.#expect(']');
  }

  /** A string with its quotes and escapes undone. What begins otherwise and ends in a quote is no JSON. */
  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (; end < this.#text.length; end += 1) {
      const code = this.#text.charCodeAt(end);
      if (code === QUOTE) break;
      if (code === BACKSLASH) end += 1;
    }
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, end + 1));
  }

  /** A number, `true`, `false` or `null`. */
  #bare(wanted: Wanted | undefined): void {
    const start = this.#at;
    while (this.#at < this.#text.length && !isEnd(this.#text.charCodeAt(this.#at))) this.#at += 1;
    const text = this.#text.slice(start, this.#at);
    if (JSON.parse(text) !== null) this.#keep(wanted, text);
  }

  #keep(wanted: Wanted | undefined, text: string): void {
    if (wanted === undefined) return;
    if (wanted.name === undefined) throw new SyntaxError();
    this.found.set(wanted.name, text);
  }

  #blanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  /** Whether this character comes next; then it is behind us. */
  #goesOver(character: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#goesOver(character)) throw new SyntaxError();
  }
}

/** Where something plain is wanted, a list or an object is a fault. */
function inner(wanted: Wanted | undefined): Wanted | undefined {
  if (wanted?.name !== undefined) throw new SyntaxError();
  return wanted;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** What may stand behind a number or a word. */
function isEnd(code: number): boolean {
  return isBlank(code) || code === 44 || code === 93 || code === 125;
}
