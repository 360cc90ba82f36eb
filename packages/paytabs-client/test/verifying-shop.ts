import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '@nestcms/webhook-security';
import {
  createNotificationVerifier,
  createReturnVerifier,
  type PayTabsNotification,
  type PayTabsReturn,
} from '../src/index.js';
import { listenForTest } from './listen-for-test.js';

/** What the shop's verifier made of one request. */
export type Heard<Payload> =
  | { readonly kind: string; readonly stale: boolean; readonly payload: Payload }
  | { readonly refused: string };

export interface VerifyingShop {
  readonly callbackUrl: string;
  readonly returnUrl: string;
  readonly notices: readonly Heard<PayTabsNotification>[];
  readonly returns: readonly Heard<PayTabsReturn>[];
  /** Headers and bodies of the callbacks. */
  readonly callbacks: readonly { readonly headers: Headers; readonly body: string }[];
  /** What good callbacks are answered with from now on, one each, then 200. */
  answerWith(...statuses: number[]): void;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A shop that answers 403 to what its verifiers refuse. It is gone after the test. */
export async function startVerifyingShop(options: {
  readonly keys: readonly string[];
  readonly clock?: Clock;
}): Promise<VerifyingShop> {
  const noticeVerifier = createNotificationVerifier(options);
  const returnVerifier = createReturnVerifier({ ...options, exclude: ['shop'] });
  const notices: Heard<PayTabsNotification>[] = [];
  const returns: Heard<PayTabsReturn>[] = [];
  const callbacks: { headers: Headers; body: string }[] = [];
  let statuses: number[] = [];
  const hear = async (request: IncomingMessage): Promise<number> => {
    const body = await buffer(request);
    const { url = '', method = '', headers } = request;
    if (url.startsWith('/return')) {
      const verdict = await returnVerifier.verify({ method, url, headers, body });
      returns.push(heard(verdict));
      return verdict.verdict === 'accepted' ? 303 : 403;
    }
    callbacks.push({ headers, body: body.toString('utf8') });
    const verdict = await noticeVerifier.verify({ method, url, headers, body });
    notices.push(heard(verdict));
    return verdict.verdict === 'accepted' ? (statuses.shift() ?? 200) : 403;
  };
  const server = createServer((request, response) => {
    void hear(request).then((status) => response.writeHead(status).end());
  });
  const port = await listenForTest(server);
  return {
    callbackUrl: `http://127.0.0.1:${port}/callback`,
    returnUrl: `http://127.0.0.1:${port}/return`,
    notices,
    returns,
    callbacks,
    answerWith: (...next) => {
      statuses = next;
    },
  };
}

function heard<Payload extends { readonly kind: string }>(verdict: {
  readonly verdict: string;
  readonly reason?: string;
  readonly stale?: boolean;
  readonly payload?: Payload;
}): Heard<Payload> {
  const { payload, stale = false, reason = '' } = verdict;
  return payload === undefined ? { refused: reason } : { kind: payload.kind, stale, payload };
}
