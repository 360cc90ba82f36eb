import { z } from 'zod';
import { type Acknowledgement, acknowledgementReader } from '../gateway/acknowledgement.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { Done, WriteUnknown } from './outcomes.js';

const cancelAgreement = z.strictObject({
  agreementId: z.union([z.int().min(1), z.string().regex(/^[\w-]{1,64}$/)]),
});

/** Names the instalments that the gateway takes by itself. */
export type CancelAgreementRequest = z.input<typeof cancelAgreement>;

/**
 * Instalments that the gateway takes by itself. Not in the gateway's own documentation: known from the code of other
 * integrators, one of whom shows an answer.
 */
export class Agreements {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Stops what is still to come. `unknown`: instalments may go on; there is nothing to ask by but the dashboard. */
  async cancel(
    request: CancelAgreementRequest,
    call: CallOptions = {},
  ): Promise<Done<Acknowledgement> | WriteUnknown> {
    const { agreementId } = this.#desk.checked(cancelAgreement, request);
    return this.#desk.write(
      {
        operation: 'cancelAgreement',
        path: '/payment/agreement/cancel',
        fields: { agreement_id: agreementId },
      },
      acknowledgementReader,
      call,
    );
  }
}
