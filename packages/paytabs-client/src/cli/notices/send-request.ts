import type { Clock } from '@nestcms/circuit-breaker';
import { request as send } from 'undici';
import type { SignedRequest } from '../../testing/simulator/notices/notice-request.js';

/** So long a receiver may take, as with the simulator; what the gateway allows is not published. */
const timeoutMs = 10_000;

/** What the receiver said. */
export interface Answer {
  /** HTTP status; absent when none came. */
  readonly status?: number;
  /** Why none came. */
  readonly error?: string;
  readonly ms: number;
}

/** Sends it once, follows no redirect, and never throws. */
export async function sendRequest(
  { url, ...request }: SignedRequest,
  clock: Pick<Clock, 'now'>,
): Promise<Answer> {
  const startedAt = clock.now();
  const took = () => Math.round(clock.now() - startedAt);
  try {
    const answer = await send(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    await answer.body.dump();
    return { status: answer.statusCode, ms: took() };
  } catch (error) {
    return { error: whyOf(error), ms: took() };
  }
}

function whyOf(error: unknown): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return String(typeof code === 'string' ? code : message);
}
