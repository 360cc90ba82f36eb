import { WebhookSecurityError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { withDeadline } from '../time/deadline.js';

/** The part of the global `fetch` that is used. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** What came of asking an address for a text. */
export interface FetchedText {
  /** Undefined where it has not changed. */
  readonly text: string | undefined;
  readonly etag: string | undefined;
}

/**
 * Asks an address for a text: no redirect followed, nothing but 200 or 304 taken, no more than
 * `maxBytes` read, and all of it within `timeoutMs`.
 * @throws WebhookSecurityError REMOTE_FAILED, without anything of the answer
 */
export async function fetchText(options: {
  readonly url: string;
  readonly etag?: string | undefined;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}): Promise<FetchedText> {
  const { url, clock, timeoutMs } = options;
  const abort = new AbortController();
  const failed = (why: string, cause?: unknown) =>
    new WebhookSecurityError('REMOTE_FAILED', `${new URL(url).host}: ${why}`, { cause });
  try {
    return await withDeadline(() => ask(options, abort.signal, failed), {
      clock,
      timeoutMs,
      expired: () => failed(`no answer within ${timeoutMs} ms`),
    });
  } catch (error) {
    if (error instanceof WebhookSecurityError) throw error;
    throw failed('the request failed', error);
  } finally {
    abort.abort();
  }
}

async function ask(
  options: Parameters<typeof fetchText>[0],
  signal: AbortSignal,
  failed: (why: string) => WebhookSecurityError,
): Promise<FetchedText> {
  const { url, etag, fetch, maxBytes } = options;
  const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
  // Not `error`, which Workers do not have: a redirect is then an answer like any other that is not 200.
  const answer = await fetch(url, { headers, redirect: 'manual', signal });
  if (answer.status === 304 && etag !== undefined) return { text: undefined, etag };
  if (answer.status !== 200) throw failed(`answered ${answer.status}`);
  const text = await readText(answer, maxBytes);
  if (text === undefined) throw failed(`answered with more than ${maxBytes} bytes`);
  return { text, etag: answer.headers.get('etag') ?? undefined };
}

async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let received = 0;
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    received += piece.length;
    if (received > maxBytes) return undefined;
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
