import { isoSeconds } from '../../testing/simulator/bodies.js';
import { signBytes } from '../../testing/simulator/notices/sign.js';
import { madeUpReference } from './gateway-probe.js';

/** A notice as the gateway would send it. */
export interface SampleNotice {
  readonly body: Buffer;
  readonly signature: string;
}

/**
 * A signed notice about a payment that was declined, under a reference that no shop has: whoever acts on it without
 * looking ships nothing.
 */
export function sampleNotice({
  profileId,
  serverKey,
  at,
}: {
  readonly profileId: number;
  readonly serverKey: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}): SampleNotice {
  const money = {
    cart_currency: 'AED',
    cart_amount: '1.00',
    tran_currency: 'AED',
    tran_total: '1.00',
  };
  const body = Buffer.from(
    JSON.stringify({
      tran_ref: 'TST0000000000000',
      merchant_id: 0,
      profile_id: profileId,
      cart_id: madeUpReference(),
      cart_description: 'Check of the callback address',
      ...money,
      tran_type: 'Sale',
      tran_class: 'ECom',
      customer_details: {},
      payment_result: {
        response_status: 'D',
        response_code: '300',
        response_message: 'Not authorised',
        transaction_time: isoSeconds(at),
      },
      payment_info: { card_scheme: '', payment_description: 'No Payment' },
      ipn_trace: `IPNS0000.${Math.floor(at / 1000)
        .toString(16)
        .toUpperCase()}.00000001`,
      paymentChannel: 'Payment Page',
    }),
  );
  return { body, signature: signBytes(serverKey, body) };
}
