import { z } from 'zod';

export const bankActions = [
  'charge',
  'hold',
  'capture',
  'reversal',
  'refund',
  'extension',
] as const;

export const followUpKinds = ['capture', 'void', 'release', 'refund', 'authext'] as const;

const decline = z.strictObject({
  kind: z.literal('decline'),
  code: z.string(),
  message: z.string(),
});

/** How the bank is to take a request, as the control API takes it. */
export const behaviour = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['approve', 'challenge']) }),
  decline,
  z.strictObject({ kind: z.literal('stall'), carriesOut: z.boolean().optional() }),
  z.strictObject({
    kind: z.literal('late'),
    afterMs: z.number().min(0),
    decision: decline.optional(),
  }),
]);

const minor = z.int().transform(BigInt).optional();

/** A merchant's books, as the control API takes them: whole minor units by cart and kind. */
export const merchantBooks = z.record(
  z.string(),
  z.strictObject({ charge: minor, hold: minor, capture: minor, reversal: minor, refund: minor }),
);
