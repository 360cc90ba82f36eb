import { readJson, valueAt } from '../payload/content.js';
import type { WebhookAnswer } from '../verdict.js';

/** Longer answers are not kept: a repeat is then answered as if none had been. */
const longestAnswer = 8_192;

/** An answer as a store keeps it. */
export function writeAnswer(answer: WebhookAnswer | undefined): string | undefined {
  if (answer === undefined) return undefined;
  const { status, contentType, body } = answer;
  const text = JSON.stringify([status, contentType, body]);
  return text.length <= longestAnswer ? text : undefined;
}

/** Undefined for what is none: the store may have been written into by others. */
export function readAnswer(text: string): WebhookAnswer | undefined {
  const kept = readJson(text);
  const [status, contentType, body] = ['0', '1', '2'].map((place) => valueAt(kept, [place]));
  const isAnswer =
    Number.isInteger(status) && typeof contentType === 'string' && typeof body === 'string';
  return isAnswer ? { status: status as number, contentType, body } : undefined;
}
