import type { MaybeLater } from '../platform/platform.js';
import type { AcceptedVerdict } from '../verdict.js';
import { replayKey, replayKeyPrefix } from '../verifier/delivery-id.js';

/** One spelling for each triple of scheme, tenant and delivery: the same as the replay store's. */
export function inboxKey({ scheme, tenant = '', deliveryId }: AcceptedVerdict): MaybeLater<string> {
  return replayKey(replayKeyPrefix(scheme, tenant), deliveryId);
}
