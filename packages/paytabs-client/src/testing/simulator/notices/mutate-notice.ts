import type { Notice } from './courier.js';
import { goJson, signBytes } from './sign.js';

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

const monthMs = 30 * 86_400_000;

/** The notice as somebody else might send it, or the gateway by mistake. @throws Error for a notice without a body */
export function mutateNotice(notice: Notice, mutation: NoticeMutation): Notice {
  if (notice.body.length === 0) {
    throw new Error(
      'Over plain HTTP the gateway sends nothing, so the notice has no body to change',
    );
  }
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
