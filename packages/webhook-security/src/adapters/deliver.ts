import type { AcceptedVerdict, ChallengedVerdict, RefusedVerdict } from '../verdict.js';

/** An HTTP answer, for adapters that have no reply object of their own. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function jsonAnswer(status: number, value: unknown): WebhookAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}

export function refusalAnswer({ status, reason }: RefusedVerdict): WebhookAnswer {
  return jsonAnswer(status, { reason });
}

export function challengeAnswer({ reply }: ChallengedVerdict): WebhookAnswer {
  return {
    status: reply.status,
    headers: { 'content-type': reply.contentType },
    body: reply.body,
  };
}

/**
 * Runs the handler of an accepted delivery: confirms the claim when it succeeded, releases it when it
 * threw or answered with a status from 400 up, so that the sender's retry is taken.
 */
export async function runHandler<Answer>(
  { claim }: AcceptedVerdict,
  handler: () => Answer | PromiseLike<Answer>,
  statusOf: (answer: Answer) => number,
): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await handler();
  } catch (error) {
    await claim.release();
    throw error;
  }
  await (statusOf(answer) < 400 ? claim.confirm() : claim.release());
  return answer;
}
