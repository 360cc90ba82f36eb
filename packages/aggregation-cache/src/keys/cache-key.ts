import { hash } from 'node:crypto';
import type { Document } from 'mongodb';
import { readQuestion } from './question.js';
import { unsupported } from './unsupported.js';

/** What a question is asked within; it is part of the key. */
export interface KeyScope {
  readonly database: string;
  readonly collection: string;
  readonly pipelineClass?:
    | {
        readonly name: string;
        readonly version: number;
        /** Answers of audited classes are of exact moments, so they share no key with others. */
        readonly auditRate?: number | undefined;
      }
    | undefined;
  readonly tenant?: string | undefined;
  /** Keeps apart what shares a remote store. */
  readonly prefix?: string | undefined;
}

/** Everything that an answer depends on. */
export interface KeyParts extends KeyScope {
  readonly pipeline: readonly Document[];
  /** The aggregation's options. Those that cannot change the answer are left out of the key. */
  readonly options?: Document | undefined;
  /** As the driver will send it: whether `undefined` becomes null or nothing. Default: null. */
  readonly ignoreUndefined?: boolean | undefined;
}

/** Raised when the encoding changes, so that keys of two encodings never meet. */
const KEY_FORMAT = 2;

const word = (name: string, text: string | undefined): string => {
  if (text === undefined) return '-';
  if (!(text as string & { isWellFormed(): boolean }).isWellFormed()) {
    throw unsupported(name, 'half of a character');
  }
  return `${text.length}:${text}`;
};

/** What the text of every key begins with. @throws UNSUPPORTED_VALUE */
export const keyHeader = ({
  prefix,
  pipelineClass,
  tenant,
  database,
  collection,
}: KeyScope): string => {
  const name = word('name', pipelineClass?.name);
  const place = `${word('database', database)}${word('collection', collection)}`;
  return `${KEY_FORMAT}|${word('prefix', prefix)}${name}|${pipelineClass?.version ?? ''}${pipelineClass?.auditRate ? '!' : ''}|${word('tenant', tenant)}${place}`;
};

/** What stands for a text. */
export const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

/** The same in 43 characters. */
export const hashKey = (text: string): string => digestOf(text).toString('base64url');

/**
 * 43 characters that stand for one question. Two questions that may be answered differently never share
 * a key: the hash is over a text that tells apart whatever BSON does, types included. Spellings of one
 * question share one: the order of a stage's options and of a filter's fields, time limits, comments.
 * @throws UNSUPPORTED_VALUE for what BSON would drop or bend in silence: functions, symbols, cycles
 * @throws WRITE_STAGE
 */
export const cacheKey = (parts: KeyParts): string => {
  const { database, pipeline, options = {}, ignoreUndefined = false } = parts;
  const undefinedAs = ignoreUndefined ? 'nothing' : 'null';
  const operation = { kind: 'aggregate', pipeline, options } as const;
  return hashKey(readQuestion(operation, { database, undefinedAs }, keyHeader(parts)).text);
};
