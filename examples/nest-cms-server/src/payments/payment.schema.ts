import { z } from 'zod';
import { objectIdSchema, textSchema } from '../platform/http/validation.js';
import { moneyView, moneyViewSchema, positiveMoneySchema } from '../platform/money.js';
import type { PaymentDocument } from './payment.document.js';
import { paymentMachine } from './payment.machine.js';

export const createPaymentSchema = z
  .strictObject({
    contractId: objectIdSchema,
    title: textSchema(120),
    amount: positiveMoneySchema,
  })
  .meta({ id: 'CreatePayment' });

const statusSchema = z.enum(paymentMachine.states);

export const paymentViewSchema = z
  .object({
    id: z.string(),
    contractId: z.string(),
    clientId: z.string(),
    employeeId: z.string(),
    title: z.string(),
    amount: moneyViewSchema,
    status: statusSchema,
    tries: z.int(),
    tranRef: z.string().optional(),
    paidAt: z.string().optional(),
    history: z.array(
      z.object({
        from: statusSchema.optional(),
        to: statusSchema,
        at: z.string(),
        reason: z.string(),
      }),
    ),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Payment' });

export const processedPaymentSchema = z
  .object({ payment: paymentViewSchema, redirectUrl: z.string().optional() })
  .meta({ id: 'ProcessedPayment' });

export type CreatePayment = z.output<typeof createPaymentSchema>;
export type PaymentView = z.output<typeof paymentViewSchema>;
export type ProcessedPayment = z.output<typeof processedPaymentSchema>;

export function paymentView(payment: PaymentDocument): PaymentView {
  return {
    id: payment._id.toHexString(),
    contractId: payment.contractId.toHexString(),
    clientId: payment.clientId.toHexString(),
    employeeId: payment.employeeId.toHexString(),
    title: payment.title,
    amount: moneyView(payment.amount),
    status: payment.status,
    tries: payment.attempts.length,
    ...(payment.tranRef && { tranRef: payment.tranRef }),
    ...(payment.paidAt && { paidAt: payment.paidAt.toISOString() }),
    history: payment.history.map(({ from, to, at, reason }) => ({
      ...(from && { from }),
      to,
      at: at.toISOString(),
      reason,
    })),
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}
