import type { z } from 'zod';
import type { Asked } from '../client/answers.js';
import type { Answer } from '../client/gateway-caller.js';
import type { Reading } from '../client/writes.js';
import type { AmountRange } from '../intents/amount-range.js';
import type { WriteOperation } from '../intents/intent.js';
import type { Money } from '../money/money.js';

/** What each request that is remembered has. */
export interface KeyedRequest {
  readonly cartId: string;
  readonly amount: Money;
}

/** One operation that may move money: how its request is checked, written, and how its answer is read. */
export interface WriteSpec<Schema extends z.ZodType<KeyedRequest>> {
  readonly operation: WriteOperation;
  readonly request: Schema;
  /** The gateway's word for it. */
  readonly type: (request: z.output<Schema>) => string;
  /** The body without `profile_id` and `tran_type`. What is undefined is left out. */
  readonly body: (request: z.output<Schema>) => Readonly<Record<string, unknown>>;
  /** The transaction it acts on. */
  readonly target?: (request: z.output<Schema>) => string;
  /** Between which amounts the shopper may choose. */
  readonly range?: (request: z.output<Schema>) => AmountRange | undefined;
  /** How long the page lives that it may be answered with, in minutes. */
  readonly pageMinutes?: (request: z.output<Schema>) => number;
  /** Texts of the request that must show nowhere, whoever echoes them. */
  readonly secrets?: (request: z.output<Schema>) => readonly string[];
  readonly read: (answer: Answer, asked: Asked) => Reading;
}

/** Keeps the types of a specification together. */
export const defineWrite = <Schema extends z.ZodType<KeyedRequest>>(
  spec: WriteSpec<Schema>,
): WriteSpec<Schema> => Object.freeze(spec);
