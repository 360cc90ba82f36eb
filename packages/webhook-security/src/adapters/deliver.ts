import type { AcceptedVerdict, RefusedVerdict, WebhookAnswer } from '../verdict.js';

export function jsonAnswer(status: number, value: unknown): WebhookAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** A handshake has a text of the request given back: no browser may take it for anything but its type. */
export function answerHeaders({ contentType }: WebhookAnswer): Readonly<Record<string, string>> {
  return { 'content-type': contentType, 'x-content-type-options': 'nosniff' };
}

/** A repeat is given the first answer again, where that was kept. */
export function refusalAnswer({ status, reason, answer }: RefusedVerdict): WebhookAnswer {
  return answer ?? jsonAnswer(status, { reason });
}

/** What a handler's answer comes to; `kept` where all of it is known. */
export interface SentAnswer {
  readonly status: number;
  readonly kept: WebhookAnswer | undefined;
}

export function sentAsJson(
  status: number,
  value: unknown,
): SentAnswer & { readonly kept: WebhookAnswer } {
  return { status, kept: jsonAnswer(status, value ?? { received: true }) };
}

/**
 * Runs the handler of an accepted delivery: confirms the claim when it succeeded, releases it when it
 * threw or answered with a status from 400 up, so that the sender's retry is taken.
 */
export async function runHandler<Sent extends SentAnswer>(
  { claim }: AcceptedVerdict,
  handler: () => Promise<Sent>,
): Promise<Sent> {
  let sent: Sent;
  try {
    sent = await handler();
  } catch (error) {
    await claim.release();
    throw error;
  }
  await (sent.status < 400 ? claim.confirm(sent.kept) : claim.release());
  return sent;
}
