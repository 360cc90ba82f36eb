import { types } from 'node:util';
import { BSON, type Document } from 'mongodb';
import {
  bsonText,
  bytesText,
  doubleText,
  isOfBson,
  longText,
  referenceFields,
  regExpText,
} from './bson-value.js';
import { findUnwritable } from './find-unwritable.js';
import { LITERAL, type Note, type Place } from './place.js';
import { readText } from './question-text.js';
import { unsupported } from './unsupported.js';

/** A field that means something, told when its value has been written. */
export interface Noted {
  readonly note: Note;
  readonly field: string;
  /** As it was given. Only a text is surely what was written. */
  readonly value: unknown;
  /** Names and numbers that lead to it; its own is the one at `depth`, and those after it mean nothing. */
  readonly path: readonly (string | number)[];
  readonly depth: number;
  /** The value as it was written. */
  readonly read: () => unknown;
}

export interface WriterOptions {
  /** What becomes of an undefined field: null or nothing, as the driver would have it, or what it is. */
  readonly undefinedAs: 'null' | 'nothing' | 'undefined';
  readonly onNote?: ((noted: Noted) => void) | undefined;
  /** Told of each text that may be a variable, such as `$$NOW`; returns what to write in its place, if anything. */
  readonly onVariable?: ((text: string) => unknown) | undefined;
}

/** MongoDB itself refuses what is nested deeper. */
const DEEPEST = 200;
/** Characters. A question of so many is a mistake, and takes a good part of a second to write. */
const LONGEST = 4 * 1024 * 1024;
/** Names of a path that a message shows. */
const LONGEST_PATH = 30;

/** What of the flags of a RegExp reaches the server; `g` becomes `s`. Others are lost in silence. */
const FLAGS = new Map([
  ['i', 'i'],
  ['m', 'm'],
  ['g', 's'],
  ['u', ''],
  ['d', ''],
]);

/**
 * Reads a question once and writes it as a text, to be hashed and to be sent: what is sent is read from the
 * text, so a key stands for it whatever getters, proxies or the owner do later. The text tells apart whatever
 * BSON does, and is the same for spellings of one meaning, as far as the places say.
 */
export class QuestionWriter {
  readonly #options: WriterOptions;
  readonly #path: (string | number)[] = [];
  #text: string;

  constructor(options: WriterOptions, text = '') {
    this.#options = options;
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Returns where the value begins. @param name of the part, for messages */
  add(name: string, value: unknown, place: Place): number {
    const begin = this.#text.length;
    this.#path[0] = name;
    this.#value(value, place, 0);
    if (!isSendable(this.#text)) {
      const found = findUnwritable(readText(this.#text, begin), name);
      if (found !== undefined) throw unsupported(found.path, found.kind);
    }
    return begin;
  }

  #value(value: unknown, place: Place, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.#string(value, place, depth);
        break;
      case 'number':
        this.#text +=
          (value | 0) === value && !Object.is(value, -0) ? `i${value};` : doubleText(value);
        break;
      case 'boolean':
        this.#text += value ? 't' : 'f';
        break;
      case 'object':
        if (value === null) this.#text += 'z';
        else this.#object(value, place, depth);
        break;
      case 'undefined':
        this.#text += this.#options.undefinedAs === 'undefined' ? 'u' : 'z';
        break;
      case 'bigint':
        this.#bigint(value, depth);
        break;
      default:
        throw this.#unsupported(depth, typeof value);
    }
  }

  #string(text: string, place: Place, depth: number): void {
    if (place.variables && text.startsWith('$$')) {
      const instead = this.#options.onVariable?.(text);
      if (instead !== undefined) {
        this.#value(instead, LITERAL, depth);
        return;
      }
    }
    this.#text += `s${text.length}:${text}`;
  }

  #bigint(value: bigint, depth: number): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw this.#unsupported(depth, 'integer of more than 64 bits');
    }
    const { low, high } = BSON.Long.fromBigInt(value);
    this.#text += longText(low, high);
  }

  #object(given: object, place: Place, depth: number): void {
    if (depth > DEEPEST) throw this.#unsupported(depth, 'cycle, or more than 200 levels');
    if (this.#text.length > LONGEST) throw this.#unsupported(depth, 'more than 4 MiB');
    let value = given as { toBSON?: unknown; _bsontype?: unknown };
    if (typeof value.toBSON === 'function') {
      const sent: unknown = value.toBSON();
      if (typeof sent !== 'object' || sent === null) {
        this.#value(sent, place, depth);
        return;
      }
      value = sent;
    }
    if (Array.isArray(value)) {
      this.#list(value, place.items, depth);
      return;
    }
    const type = value._bsontype;
    if (type !== undefined) this.#bson(value, type, depth);
    else if (isPlain(value)) this.#document(value as Document, place, depth);
    else this.#exotic(value, place, depth);
  }

  #list(list: readonly unknown[], item: Place, depth: number): void {
    this.#text += '[';
    for (let index = 0; index < list.length; index += 1) {
      this.#path[depth + 1] = index;
      this.#value(list[index], item, depth + 1);
      if (this.#text.length > LONGEST) throw this.#unsupported(depth, 'more than 4 MiB');
    }
    this.#text += ']';
  }

  #document(value: Document, given: Place, depth: number): void {
    const names = Object.keys(value);
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#unsupported(depth, 'symbol');
    const place = inOrder(names, given);
    this.#text += '{';
    for (const name of names) this.#field(name, value[name], place, depth + 1);
    this.#text += '}';
  }

  #map(value: ReadonlyMap<unknown, unknown>, given: Place, depth: number): void {
    const names = [...value.keys()].map((name) => {
      if (typeof name === 'string') return name;
      throw this.#unsupported(depth, `map with a ${typeof name} as a key`);
    });
    const place = inOrder(names, given);
    this.#text += '{';
    for (const name of names) this.#field(name, value.get(name), place, depth + 1);
    this.#text += '}';
  }

  #field(name: string, value: unknown, place: Place, depth: number): void {
    if (value === undefined && this.#options.undefinedAs === 'nothing') return;
    const inner = placeOf(name, place);
    this.#path[depth] = name;
    this.#text += `${name.length}:${name}`;
    if (inner.note === undefined) this.#value(value, inner, depth);
    else this.#notedField(inner.note, name, value, inner, depth);
  }

  #notedField(note: Note, field: string, value: unknown, inner: Place, depth: number): void {
    const begin = this.#text.length;
    this.#value(value, inner, depth);
    this.#options.onNote?.({
      note,
      field,
      value,
      path: this.#path,
      depth,
      read: () => readText(this.#text, begin),
    });
  }

  #exotic(value: object, place: Place, depth: number): void {
    if (types.isDate(value)) this.#date(value.getTime(), depth);
    else if (types.isUint8Array(value)) this.#text += bytesText(value, 0);
    else if (types.isRegExp(value)) this.#regExp(value, depth);
    else if (types.isMap(value)) this.#map(value, place, depth);
    else {
      const kind = Object.prototype.toString.call(value).slice(8, -1);
      if (kind !== 'Object') throw this.#unsupported(depth, kind);
      if (isHollow(value)) throw this.#unsupported(depth, 'object without fields of its own');
      this.#document(value as Document, place, depth);
    }
  }

  #bson(value: object, type: unknown, depth: number): void {
    if (!isOfBson(value)) throw this.#unsupported(depth, 'no value of BSON');
    if (type === 'DBRef') {
      this.#document(referenceFields(value), LITERAL, depth);
    } else if (type === 'Code') {
      const source = String(value.code);
      this.#text += `c${source.length}:${source}`;
      this.#path[depth + 1] = 'scope';
      this.#value(value.scope ?? null, LITERAL, depth + 1);
    } else {
      const text = bsonText(value);
      if (text === undefined) throw this.#unsupported(depth, 'no value of BSON');
      this.#text += text;
    }
  }

  #date(time: number, depth: number): void {
    if (Number.isNaN(time)) throw this.#unsupported(depth, 'invalid date');
    this.#text += `D${time};`;
  }

  #regExp({ source, flags }: RegExp, depth: number): void {
    const sent = flags.split('').map((flag) => {
      const known = FLAGS.get(flag);
      if (known !== undefined) return known;
      throw this.#unsupported(depth, `regular expression with the flag ${flag}, which BSON lacks`);
    });
    if (source.includes('\0')) throw this.#unsupported(depth, 'regular expression with a zero');
    this.#text += regExpText(source, sent);
  }

  #unsupported(depth: number, kind: string): Error {
    const path = this.#path.slice(0, Math.min(depth, LONGEST_PATH) + 1).join('.');
    return unsupported(depth > LONGEST_PATH ? `${path}.…` : path, kind);
  }
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const isOperator = (name: string): boolean => name.charCodeAt(0) === 36;

/** Puts the names into one order where theirs means nothing. Returns what the document is, then. */
const inOrder = (names: string[], place: Place): Place => {
  if (place.order === 'kept') return place;
  // `{ $ref, $id }` is a reference: a value.
  if (place.order === 'operators' && !(names.every(isOperator) && !names.includes('$ref'))) {
    return LITERAL;
  }
  sortFew(names);
  return place;
};

/** For the handful of names a document has, faster than the machine's own sort. */
const sortFew = (names: string[]): void => {
  if (names.length > 20) {
    names.sort();
    return;
  }
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] as string;
    let at = index;
    for (; at > 0 && (names[at - 1] as string) > name; at -= 1) names[at] = names[at - 1] as string;
    names[at] = name;
  }
};

const placeOf = (name: string, { fields, names, operators }: Place): Place =>
  fields?.get(name) ?? (isOperator(name) ? operators : names);

/** An instance whose state cannot be seen, such as private fields. `{}` of another realm is as plain as ours. */
const isHollow = (value: object): boolean =>
  Object.keys(value).length === 0 &&
  Object.getPrototypeOf(Object.getPrototypeOf(value) as object) !== null;

/** In one look: no half of a character, which UTF-8 cannot spell, and nothing that may be a zero in a name. */
const isSendable = (text: string): boolean =>
  (text as string & { isWellFormed(): boolean }).isWellFormed() && !text.includes('\0');
