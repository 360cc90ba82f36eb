import type { Gateway } from './gateway.js';
import type { Delivery } from './notices/courier.js';
import { mutateNotice, type NoticeMutation } from './notices/mutate-notice.js';

export interface RedeliverOptions {
  /** How many copies; default 1. */
  readonly times?: number;
  /** How many at the same time; default 1. */
  readonly parallel?: number;
  readonly mutate?: NoticeMutation;
}

/** Sends the last callback of a transaction again, by the same bytes unless mutated. */
export async function redeliver(
  gateway: Gateway,
  tranRef: string,
  { times = 1, parallel = 1, mutate }: RedeliverOptions,
): Promise<readonly Delivery[]> {
  const original = gateway.notifier.last(tranRef);
  if (original === undefined) throw new Error(`No callback was ever sent for ${tranRef}`);
  const notice = mutate === undefined ? original : mutateNotice(original, mutate);
  const deliveries: Delivery[] = [];
  let left = times;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      deliveries.push(await gateway.notifier.courier.send(notice));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, times) }, worker));
  return deliveries;
}
