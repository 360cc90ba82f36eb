import type { ObjectId } from 'mongodb';
import { z } from 'zod';
import { objectIdSchema } from './validation.js';

/** Newest first; `before` is the `next` of the page read last. */
export const pageQuerySchema = z
  .strictObject({
    limit: z
      .string()
      .refine((text) => /^(?:[1-9]\d?|100)$/.test(text), 'must be a whole number from 1 to 100')
      .optional()
      .transform((text) => (text === undefined ? 50 : Number(text)))
      .meta({
        type: 'integer',
        minimum: 1,
        maximum: 100,
        description: 'Most items of the page; 50 when absent.',
      }),
    before: objectIdSchema
      .optional()
      .meta({ description: 'The `next` of the page that was read last.' }),
  })
  .meta({ id: 'PageQuery' });

export type PageQuery = z.output<typeof pageQuerySchema>;

/** What a list answers. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Stands there when more may follow. */
  readonly next?: string;
}

/** The filter for one page of documents in the order of their ids. */
export function pageFilter({ before }: PageQuery): { _id?: { $lt: ObjectId } } {
  return before ? { _id: { $lt: before } } : {};
}

export function toPage<Document extends { _id: ObjectId }, Item>(
  documents: readonly Document[],
  { limit }: PageQuery,
  view: (document: Document) => Item,
): Page<Item> {
  const last = documents.length === limit ? documents.at(-1) : undefined;
  return { items: documents.map(view), ...(last && { next: last._id.toHexString() }) };
}
