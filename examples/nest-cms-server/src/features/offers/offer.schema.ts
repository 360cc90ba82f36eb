import type { ObjectId } from 'mongodb';
import { z } from 'zod';
import { objectIdSchema, textSchema } from '../../platform/http/validation.js';
import {
  moneyView,
  moneyViewSchema,
  positiveMoneySchema,
  type StoredMoney,
} from '../../platform/money.js';
import type { CollectionSpec } from '../../platform/mongo/schema.js';
import { type OfferStatus, offerMachine } from './offer.machine.js';

export const createOfferSchema = z
  .strictObject({
    title: textSchema(200),
    content: textSchema(10_000),
    clientId: objectIdSchema,
    price: positiveMoneySchema,
  })
  .meta({ id: 'CreateOffer' });

export const acceptOfferSchema = z
  .strictObject({ offerId: objectIdSchema })
  .meta({ id: 'AcceptOffer' });

export const offerViewSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    content: z.string(),
    price: moneyViewSchema,
    clientId: z.string(),
    employeeId: z.string(),
    status: z.enum(offerMachine.states),
    contractId: z.string().optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Offer' });

export type CreateOffer = z.output<typeof createOfferSchema>;
export type OfferView = z.output<typeof offerViewSchema>;

export interface OfferDocument {
  _id: ObjectId;
  v: 1;
  title: string;
  content: string;
  price: StoredMoney;
  clientId: ObjectId;
  employeeId: ObjectId;
  status: OfferStatus;
  contractId?: ObjectId;
  createdAt: Date;
  updatedAt: Date;
}

export const offerCollection: CollectionSpec = {
  name: 'offers',
  indexes: [{ key: { clientId: 1, _id: -1 } }, { key: { employeeId: 1, _id: -1 } }],
};

export function offerView(offer: OfferDocument): OfferView {
  return {
    id: offer._id.toHexString(),
    title: offer.title,
    content: offer.content,
    price: moneyView(offer.price),
    clientId: offer.clientId.toHexString(),
    employeeId: offer.employeeId.toHexString(),
    status: offer.status,
    ...(offer.contractId && { contractId: offer.contractId.toHexString() }),
    createdAt: offer.createdAt.toISOString(),
    updatedAt: offer.updatedAt.toISOString(),
  };
}
