import type { Call } from './call.js';
import { GatewayRefusal } from './gateway-error.js';
import type { PaymentFields } from './payment-fields.js';

/** Refuses what was asked lately. @throws GatewayRefusal 409 */
export function guard(
  { cartId, amount }: PaymentFields,
  { gateway, profile: { profileId } }: Pick<Call, 'gateway' | 'profile'>,
): void {
  if (!gateway.guard.isDuplicate({ profileId, cartId, amount })) return;
  throw new GatewayRefusal(409, 4, 'Duplicate Request');
}
