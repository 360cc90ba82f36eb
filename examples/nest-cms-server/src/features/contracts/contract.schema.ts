import type { ObjectId } from 'mongodb';
import { z } from 'zod';
import { objectIdSchema, textSchema } from '../../platform/http/validation.js';
import { moneyView, moneyViewSchema, type StoredMoney } from '../../platform/money.js';
import type { CollectionSpec } from '../../platform/mongo/schema.js';
import { type ContractStatus, contractMachine } from './contract.machine.js';

/** What is left out is taken from the offer; amount and currency always are. */
export const createContractSchema = z
  .strictObject({
    offerId: objectIdSchema,
    title: textSchema(200).optional(),
    content: textSchema(10_000).optional(),
  })
  .meta({ id: 'CreateContract' });

export const contractViewSchema = z
  .object({
    id: z.string(),
    offerId: z.string(),
    title: z.string(),
    content: z.string(),
    amount: moneyViewSchema,
    invoiced: moneyViewSchema,
    clientId: z.string(),
    employeeId: z.string(),
    status: z.enum(contractMachine.states),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Contract' });

export type CreateContract = z.output<typeof createContractSchema>;
export type ContractView = z.output<typeof contractViewSchema>;

export interface ContractDocument {
  _id: ObjectId;
  v: 1;
  offerId: ObjectId;
  title: string;
  content: string;
  amount: StoredMoney;
  /** Sum of the contract's invoices, written in the transaction of each of them. */
  invoiced: StoredMoney;
  clientId: ObjectId;
  employeeId: ObjectId;
  status: ContractStatus;
  createdAt: Date;
  updatedAt: Date;
}

export const contractCollection: CollectionSpec = {
  name: 'contracts',
  indexes: [
    { key: { clientId: 1, _id: -1 } },
    { key: { employeeId: 1, _id: -1 } },
    { key: { offerId: 1 }, unique: true },
  ],
};

export function contractView(contract: ContractDocument): ContractView {
  return {
    id: contract._id.toHexString(),
    offerId: contract.offerId.toHexString(),
    title: contract.title,
    content: contract.content,
    amount: moneyView(contract.amount),
    invoiced: moneyView(contract.invoiced),
    clientId: contract.clientId.toHexString(),
    employeeId: contract.employeeId.toHexString(),
    status: contract.status,
    createdAt: contract.createdAt.toISOString(),
    updatedAt: contract.updatedAt.toISOString(),
  };
}
