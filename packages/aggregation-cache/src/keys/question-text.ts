import { BSON, type Document } from 'mongodb';

/**
 * The values in a text that the writer wrote:
 *
 *     z null   u undefined   t true   f false   < MinKey   > MaxKey
 *     i1;  d1.5;  l<low>,<high>;  T<low>,<high>;  D<ms>;       numbers, Timestamp, Date
 *     o<hex>  m<hex>                                          ObjectId, Decimal128
 *     s3:abc  y3:abc  r2:^a1:i  c3:abc<scope>  b0:4:YWJj       texts, RegExp, Code, bytes
 *     [<value>…]  {3:abc<value>…}                              lists and documents
 *
 * What is read here is what is sent, so a key stands for exactly that. Values that nobody else holds.
 */
export class QuestionText {
  readonly #text: string;
  #at: number;

  constructor(text: string, begin: number) {
    this.#text = text;
    this.#at = begin;
  }

  read(): unknown {
    const type = this.#take(1);
    const read = READERS[type];
    if (read === undefined) throw new Error(`No value begins with '${type}'.`);
    return read(this);
  }

  until(end: string): string {
    const found = this.#text.indexOf(end, this.#at);
    const part = this.#text.slice(this.#at, found);
    this.#at = found + 1;
    return part;
  }

  word(): string {
    return this.#take(Number(this.until(':')));
  }

  bytes(length: number): Buffer {
    return Buffer.from(this.#take(length * 2), 'hex');
  }

  halves(): { readonly low: number; readonly high: number } {
    return { low: Number(this.until(',')), high: Number(this.until(';')) };
  }

  list(): unknown[] {
    const list: unknown[] = [];
    while (!this.#ends(']')) list.push(this.read());
    return list;
  }

  document(): Document | Map<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.#ends('}')) entries.push([this.word(), this.read()]);
    // An object would put names like these first, in an order of its own.
    if (entries.some(([name]) => /^\d+$/.test(name))) return new Map(entries);
    // Not by assignment: a name such as `__proto__` must become a field like any other.
    return Object.fromEntries(entries);
  }

  #take(length: number): string {
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  #ends(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }
}

const READERS: Readonly<Record<string, (text: QuestionText) => unknown>> = {
  z: () => null,
  u: () => undefined,
  t: () => true,
  f: () => false,
  '<': () => new BSON.MinKey(),
  '>': () => new BSON.MaxKey(),
  i: (text) => Number(text.until(';')),
  d: (text) => new BSON.Double(Number(text.until(';'))),
  D: (text) => new Date(Number(text.until(';'))),
  l: (text) => {
    const { low, high } = text.halves();
    return new BSON.Long(low, high);
  },
  T: (text) => {
    const { low, high } = text.halves();
    return new BSON.Timestamp(BSON.Long.fromBits(low, high));
  },
  o: (text) => new BSON.ObjectId(text.bytes(12)),
  m: (text) => new BSON.Decimal128(text.bytes(16)),
  s: (text) => text.word(),
  y: (text) => new BSON.BSONSymbol(text.word()),
  r: (text) => new BSON.BSONRegExp(text.word(), text.word()),
  c: (text) => new BSON.Code(text.word(), text.read() as Document | null),
  b: (text) => {
    const subtype = Number(text.until(':'));
    return new BSON.Binary(Buffer.from(text.word(), 'base64'), subtype);
  },
  '[': (text) => text.list(),
  '{': (text) => text.document(),
};

/** The value that begins there. */
export const readText = (text: string, begin: number): unknown =>
  new QuestionText(text, begin).read();
