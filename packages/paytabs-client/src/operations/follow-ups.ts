import { z } from 'zod';
import { readCompleted } from '../client/answers.js';
import { cart, tranRef, webUrl } from './request-fields.js';
import { cartFields } from './wire-fields.js';
import { defineWrite } from './write-spec.js';

const request = z.strictObject({ tranRef, ...cart, callbackUrl: webUrl.optional() });

const defineFollowUp = (
  operation: 'capture' | 'void' | 'release' | 'refund' | 'extendAuthorisation',
  type: string,
) =>
  defineWrite({
    operation,
    request,
    type: () => type,
    target: (followUp) => followUp.tranRef,
    body: (followUp) => ({
      tran_class: 'ecom',
      tran_ref: followUp.tranRef,
      ...cartFields(followUp),
      callback: followUp.callbackUrl,
    }),
    read: readCompleted,
  });

/** Takes money from a hold, all of it or a part. */
export const capture = defineFollowUp('capture', 'capture');
/** Gives up a hold of which nothing was taken. */
export const voidHold = defineFollowUp('void', 'void');
/** Gives up a hold, or what is left of it. */
export const release = defineFollowUp('release', 'release');
/** Gives money back, all of it or a part. */
export const refund = defineFollowUp('refund', 'refund');
/** Makes a hold last longer. */
export const extendAuthorisation = defineFollowUp('extendAuthorisation', 'authext');

/**
 * Acts on an earlier transaction: `tranRef` is the sale's or capture's for a refund, the hold's for the others. `cartId` must be
 * new, or a lost answer cannot be found again.
 */
export type FollowUpRequest = z.input<typeof request>;
