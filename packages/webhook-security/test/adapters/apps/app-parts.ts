import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import type { AcceptedVerdict, WebhookVerifier } from '../../../src/index.js';

export const noticeSchema = z.looseObject({ tran_ref: z.string() });
export type Notice = z.infer<typeof noticeSchema>;

/** The application that a suite has an adapter start. */
export interface AppParts {
  /** At POST /hook, and with `SLOW_LIMITS` at POST /slow. */
  readonly hook: WebhookVerifier<Notice>;
  /** The handler of both; what it returns is the answer. */
  readonly handle: (verdict: AcceptedVerdict<Notice>) => unknown;
  /** Has something before the webhook decode what comes in, with `setEncoding`. */
  readonly decode?: boolean;
  /** At POST /return; answers 200 with the fields, or with the reason whatever was refused. */
  readonly back: WebhookVerifier;
  /** At POST and GET /asked; answers with the payload. */
  readonly asked: WebhookVerifier;
  /** At POST /chat, the same. */
  readonly chat: WebhookVerifier;
}

export interface RunningApp {
  /** An address of IPv4. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Besides those routes POST /echo answers `{ type: typeof body, body }` of the parsed JSON body. */
export type StartApp = (parts: AppParts) => Promise<RunningApp>;

export const SLOW_LIMITS = Object.freeze({ bodyTimeoutMs: 300, maxBodies: 2 });

export const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

/** Of both families where the machine has both. */
export const HOST = hasIPv6 ? '::' : '127.0.0.1';
