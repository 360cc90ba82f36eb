import { Long, ObjectId } from 'mongodb';
import type { PaymentDocument } from '../../src/payments/payment.document.js';

/** An invoice over 149.50 AED that nobody has tried to pay. */
export const newPayment = (at: Date): PaymentDocument => ({
  _id: new ObjectId(),
  v: 1,
  version: 1,
  contractId: new ObjectId(),
  clientId: new ObjectId(),
  employeeId: new ObjectId(),
  title: 'First half',
  amount: { minor: Long.fromNumber(14_950), currency: 'AED' },
  status: 'created',
  attempts: [],
  history: [{ to: 'created', at, reason: 'invoiced' }],
  createdAt: at,
  updatedAt: at,
});
