import type { Gateway } from './gateway.js';
import type { Delivery, Notice } from './notices/courier.js';
import { goJson, signBytes } from './notices/sign.js';

/**
 * How a repeated callback differs from the true one: `forged` is signed with another key, `unsigned` not at all,
 * `tampered` has another amount under the old signature, `reserialised` other white space under the old signature,
 * `stale` says (truly signed) that it happened thirty days ago, `otherProfile` (truly signed) names another profile.
 */
export type NoticeMutation =
  | 'forged'
  | 'unsigned'
  | 'tampered'
  | 'reserialised'
  | 'stale'
  | 'otherProfile'
  | ((body: Record<string, unknown>) => unknown);

export interface RedeliverOptions {
  /** How many copies; default 1. */
  readonly times?: number;
  /** How many at the same time; default 1. */
  readonly parallel?: number;
  readonly mutate?: NoticeMutation;
}

const monthMs = 30 * 86_400_000;

/** Sends the last callback of a transaction again, by the same bytes unless mutated. */
export async function redeliver(
  gateway: Gateway,
  tranRef: string,
  { times = 1, parallel = 1, mutate }: RedeliverOptions,
): Promise<readonly Delivery[]> {
  const original = gateway.notifier.last(tranRef);
  if (original === undefined) throw new Error(`No callback was ever sent for ${tranRef}`);
  const notice = mutate === undefined ? original : mutated(original, mutate);
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

function mutated(notice: Notice, mutation: NoticeMutation): Notice {
  const trueSignature = signBytes(notice.profile.serverKey, notice.body);
  const text = notice.body.toString('utf8');
  const body = JSON.parse(text) as Record<string, unknown>;
  const resigned = (changed: unknown): Notice => ({
    ...notice,
    body: Buffer.from(goJson(changed)),
  });
  const oldSignature = (changed: string): Notice => ({
    ...notice,
    body: Buffer.from(changed),
    signature: trueSignature,
  });
  if (typeof mutation === 'function') return resigned(mutation(body));
  switch (mutation) {
    case 'forged':
      return { ...notice, signature: signBytes('not the server key', notice.body) };
    case 'unsigned':
      return { ...notice, signature: null };
    case 'tampered':
      return oldSignature(goJson({ ...body, cart_amount: '0.01', tran_total: '0.01' }));
    case 'reserialised':
      return oldSignature(JSON.stringify(body, null, 2));
    case 'stale': {
      const result = body.payment_result as { transaction_time: string };
      const then = new Date(Date.parse(result.transaction_time) - monthMs);
      const transaction_time = `${then.toISOString().slice(0, 19)}Z`;
      return resigned({ ...body, payment_result: { ...result, transaction_time } });
    }
    case 'otherProfile':
      return resigned({ ...body, profile_id: Number(body.profile_id) + 1 });
  }
}
