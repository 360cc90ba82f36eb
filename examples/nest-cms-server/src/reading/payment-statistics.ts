import { definePipelineClass } from '@nestcms/aggregation-cache';
import type { Document } from 'mongodb';
import { z } from 'zod';
import type { Parties } from '../features/parties.policy.js';
import { paymentMachine } from '../payments/payment.machine.js';
import { moneyView, moneyViewSchema } from '../platform/money.js';
import { ROUTES } from './routes.js';
import { storedMoneySchema } from './stored-money.js';

const paymentStatisticsRow = z.object({
  _id: z.object({
    status: z.enum(paymentMachine.states),
    currency: storedMoneySchema.shape.currency,
  }),
  count: z.int(),
  minor: storedMoneySchema.shape.minor,
});

/** Number and sum of payments by state and currency. Who asks is a parameter, so part of the key. */
export const paymentStatistics = definePipelineClass({
  name: 'paymentStatistics',
  collection: 'payments',
  version: 1,
  rows: paymentStatisticsRow,
  pipeline: (visible: Partial<Parties>): Document[] => [
    { $match: visible },
    {
      $group: {
        _id: { status: '$status', currency: '$amount.currency' },
        count: { $sum: 1 },
        minor: { $sum: '$amount.minor' },
      },
    },
    { $sort: { '_id.status': 1, '_id.currency': 1 } },
  ],
  ...ROUTES.statistics,
});

export const paymentStatisticsViewSchema = z
  .object({
    byStatus: z.array(
      z.object({
        status: z.enum(paymentMachine.states),
        count: z.int(),
        amount: moneyViewSchema,
      }),
    ),
  })
  .meta({ id: 'PaymentStatistics' });

export type PaymentStatisticsView = z.output<typeof paymentStatisticsViewSchema>;

export function paymentStatisticsView(
  rows: readonly z.output<typeof paymentStatisticsRow>[],
): PaymentStatisticsView {
  return {
    byStatus: rows.map(({ _id: { status, currency }, count, minor }) => ({
      status,
      count,
      amount: moneyView({ minor, currency }),
    })),
  };
}
