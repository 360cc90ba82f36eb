import { definePipelineClass } from '@nestcms/aggregation-cache';
import { type Document, ObjectId } from 'mongodb';
import { z } from 'zod';
import { contractMachine } from '../features/contracts/contract.machine.js';
import { contractView, contractViewSchema } from '../features/contracts/contract.schema.js';
import { paymentMachine } from '../payments/payment.machine.js';
import { moneyView, moneyViewSchema } from '../platform/money.js';
import { ROUTES } from './routes.js';
import { storedMoneySchema } from './stored-money.js';

const personRow = z.object({
  _id: z.instanceof(ObjectId),
  fullName: z.string(),
  email: z.string(),
});

const paymentRow = z.object({
  _id: z.instanceof(ObjectId),
  title: z.string(),
  amount: storedMoneySchema,
  status: z.enum(paymentMachine.states),
  paidAt: z.date().optional(),
  createdAt: z.date(),
});

/** The contract with what belongs to it. Checked before it is kept and when it comes from Redis. */
const contractDetailsRow = z.object({
  _id: z.instanceof(ObjectId),
  v: z.literal(1),
  offerId: z.instanceof(ObjectId),
  title: z.string(),
  content: z.string(),
  amount: storedMoneySchema,
  invoiced: storedMoneySchema,
  clientId: z.instanceof(ObjectId),
  employeeId: z.instanceof(ObjectId),
  status: z.enum(contractMachine.states),
  createdAt: z.date(),
  updatedAt: z.date(),
  client: personRow,
  employee: personRow,
  payments: z.array(paymentRow),
  totals: z.object({
    paid: storedMoneySchema,
    open: storedMoneySchema,
    remaining: storedMoneySchema,
  }),
});

type ContractDetailsRow = z.output<typeof contractDetailsRow>;

const person = (field: 'clientId' | 'employeeId', as: 'client' | 'employee'): Document[] => [
  {
    $lookup: {
      from: 'users',
      localField: field,
      foreignField: '_id',
      // Named fields only: whatever else a user document holds never enters a cache.
      pipeline: [{ $project: { fullName: 1, email: 1 } }],
      as,
    },
  },
  { $unwind: `$${as}` },
];

const money = (minor: Document | string): Document => ({
  minor: { $toLong: minor },
  currency: '$amount.currency',
});

/** A contract with its people, its payments and what is paid, open and not invoiced yet. */
export const contractDetails = definePipelineClass({
  name: 'contractDetails',
  collection: 'contracts',
  version: 1,
  rows: contractDetailsRow,
  pipeline: ({ contractId }: { contractId: ObjectId }): Document[] => [
    { $match: { _id: contractId } },
    ...person('clientId', 'client'),
    ...person('employeeId', 'employee'),
    {
      $lookup: {
        from: 'payments',
        localField: '_id',
        foreignField: 'contractId',
        pipeline: [
          { $sort: { _id: 1 } },
          { $project: { title: 1, amount: 1, status: 1, paidAt: 1, createdAt: 1 } },
        ],
        as: 'payments',
      },
    },
    {
      $set: {
        invoicedMinor: { $sum: '$payments.amount.minor' },
        paidMinor: {
          $sum: {
            $map: {
              input: '$payments',
              in: { $cond: [{ $eq: ['$$this.status', 'paid'] }, '$$this.amount.minor', 0] },
            },
          },
        },
      },
    },
    {
      $set: {
        totals: {
          paid: money('$paidMinor'),
          open: money({ $subtract: ['$invoicedMinor', '$paidMinor'] }),
          remaining: money({ $subtract: ['$amount.minor', '$invoicedMinor'] }),
        },
      },
    },
    { $unset: ['invoicedMinor', 'paidMinor'] },
  ],
  ...ROUTES.contractEmployee,
});

const personViewSchema = z.object({ id: z.string(), fullName: z.string(), email: z.string() });

export const contractDetailsViewSchema = contractViewSchema
  .extend({
    client: personViewSchema,
    employee: personViewSchema,
    payments: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        amount: moneyViewSchema,
        status: z.enum(paymentMachine.states),
        createdAt: z.string(),
        paidAt: z.string().optional(),
      }),
    ),
    totals: z.object({ paid: moneyViewSchema, open: moneyViewSchema, remaining: moneyViewSchema }),
  })
  .meta({ id: 'ContractDetails' });

export type ContractDetailsView = z.output<typeof contractDetailsViewSchema>;

const personView = ({ _id, fullName, email }: z.output<typeof personRow>) => ({
  id: _id.toHexString(),
  fullName,
  email,
});

export function contractDetailsView(row: ContractDetailsRow): ContractDetailsView {
  return {
    ...contractView(row),
    client: personView(row.client),
    employee: personView(row.employee),
    payments: row.payments.map((line) => ({
      id: line._id.toHexString(),
      title: line.title,
      amount: moneyView(line.amount),
      status: line.status,
      createdAt: line.createdAt.toISOString(),
      ...(line.paidAt && { paidAt: line.paidAt.toISOString() }),
    })),
    totals: {
      paid: moneyView(row.totals.paid),
      open: moneyView(row.totals.open),
      remaining: moneyView(row.totals.remaining),
    },
  };
}
