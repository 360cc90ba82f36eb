import { z } from 'zod';
import { type Acknowledgement, acknowledgementReader } from '../gateway/acknowledgement.js';
import { type TokenDetails, tokenReader } from '../gateway/token-reply.js';
import { token } from '../operations/saved-card.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { Done, WriteUnknown } from './outcomes.js';

const tokenRequest = z.strictObject({ token });

/** Names a saved card. */
export type TokenRequest = z.input<typeof tokenRequest>;

/** Saved cards. */
export class Tokens {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Which card it is and which transaction it was saved by. */
  async get(request: TokenRequest, call: CallOptions = {}): Promise<TokenDetails> {
    const fields = this.#desk.checked(tokenRequest, request);
    const errand = { operation: 'getToken', path: '/payment/token', fields } as const;
    return this.#desk.read({ ...errand, secrets: [fields.token] }, tokenReader, call);
  }

  /**
   * Makes it useless. What was charged by it stays. `unknown`: ask with `get`, or delete it again: nothing comes of it but
   * that it is gone.
   */
  async delete(
    request: TokenRequest,
    call: CallOptions = {},
  ): Promise<Done<Acknowledgement> | WriteUnknown> {
    const fields = this.#desk.checked(tokenRequest, request);
    const errand = { operation: 'deleteToken', path: '/payment/token/delete', fields } as const;
    return this.#desk.write({ ...errand, secrets: [fields.token] }, acknowledgementReader, call);
  }
}
