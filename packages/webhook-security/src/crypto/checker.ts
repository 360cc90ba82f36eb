import type { Message } from '../signature/message.js';

/**
 * Whether one of the signatures is that of the message under the key it was made with. Where the
 * platform can only do that later, a promise.
 */
export type SignatureChecker = (
  message: Message,
  signatures: readonly Uint8Array[],
) => boolean | Promise<boolean>;
