import type { Document } from 'mongodb';
import { Findings } from '../classes/findings.js';
import { STAGES } from '../classes/stages.js';
import type { Operation } from '../ports/source.js';
import { EXPRESSION, FILTER, LITERAL, place, VARIABLES } from './place.js';
import { readText } from './question-text.js';
import { QuestionWriter, type WriterOptions } from './question-writer.js';

/** A question, read once. */
export interface Question {
  /** Tells it apart from any other that may be answered differently. */
  readonly text: string;
  /** What the text stands for, read from it: values that nobody else holds. */
  readonly operation: () => Operation;
  readonly findings: Findings;
  /** Whether it brings rules of its own for comparing texts. */
  readonly collation: boolean;
}

export interface QuestionOptions {
  readonly database: string;
  readonly undefinedAs: WriterOptions['undefinedAs'];
  /** What `$$NOW` stands for, if it is frozen. */
  readonly now?: Date | undefined;
}

/** Options that change how a result is made, never what it is. */
const MEANINGLESS = new Set([
  'maxTimeMS',
  'comment',
  'allowDiskUse',
  'batchSize',
  'cursor',
  'readPreference',
  'signal',
  'session',
]);

/** What belongs to a question beside stages and filter. */
const OPTIONS = place({
  order: 'free',
  names: LITERAL,
  fields: {
    collation: place({ order: 'free', names: LITERAL }),
    let: VARIABLES,
    projection: EXPRESSION,
  },
});

/**
 * @param header what the text begins with
 * @throws WRITE_STAGE, UNSUPPORTED_VALUE
 */
export const readQuestion = (
  asked: Operation,
  { database, undefinedAs, now }: QuestionOptions,
  header = '',
): Question => {
  const findings = new Findings(database, now);
  const { onNote, onVariable } = findings;
  const writer = new QuestionWriter({ undefinedAs, onNote, onVariable }, `${header}${asked.kind}`);
  const parts: Parts = {};
  if (asked.kind === 'aggregate') parts.pipeline = writer.add('pipeline', asked.pipeline, STAGES);
  else parts.filter = writer.add('filter', asked.filter, FILTER);
  if (asked.kind === 'distinct') parts.field = writer.add('field', asked.field, LITERAL);
  const { told, others } = sortOut(asked.options ?? {});
  if (told !== undefined) parts.options = writer.add('options', told, OPTIONS);
  const { text } = writer;
  const collation = told?.collation !== undefined;
  return {
    text,
    findings,
    collation,
    operation: () => readOperation(asked.kind, text, parts, others),
  };
};

/** Where in the text each part begins. */
type Parts = { [K in 'pipeline' | 'filter' | 'field' | 'options']?: number };

const sortOut = (options: object): { told?: Document; others?: Document } => {
  const told: Document = {};
  const others: Document = {};
  let isTold = false;
  let isOther = false;
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (MEANINGLESS.has(name)) {
      others[name] = value;
      isOther = true;
    } else {
      told[name] = value;
      isTold = true;
    }
  }
  return { ...(isTold && { told }), ...(isOther && { others }) };
};

const readOperation = (
  kind: Operation['kind'],
  text: string,
  parts: Parts,
  others: Document | undefined,
): Operation => {
  const operation: Document = { kind, options: { ...others } };
  for (const [name, begin] of Object.entries(parts)) {
    const value = readText(text, begin);
    operation[name] = name === 'options' ? { ...others, ...(value as Document) } : value;
  }
  return operation as Operation;
};
