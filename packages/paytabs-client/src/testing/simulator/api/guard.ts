import type { Call } from './call.js';
import { GatewayRefusal, refuseRequest } from './gateway-error.js';
import type { PaymentFields } from './payment-fields.js';

/** Refuses what was asked lately. @throws GatewayRefusal 409 */
export function guard(
  { cartId, amount }: PaymentFields,
  { gateway, profile: { profileId } }: Pick<Call, 'gateway' | 'profile'>,
): void {
  if (!gateway.guard.isDuplicate({ profileId, cartId, amount })) return;
  throw new GatewayRefusal(409, 4, 'Duplicate Request');
}

/** Refuses what is beyond the merchant's own limit. @throws GatewayRefusal 325 */
export function checkLimit({ amount }: PaymentFields, { profile }: Pick<Call, 'profile'>): void {
  const limit = profile.limits?.[amount.currency];
  if (limit === undefined || amount.minor <= limit) return;
  refuseRequest(325, 'Amount is outside the limits of the merchant');
}
