import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../ports/clock.js';
import { clockOption, integer } from '../validation.js';
import { CollectedBody } from './collected-body.js';
import { type UnreadBody, unreadBody } from './unread-body.js';

/** Limits on what a route reads before anything is known of the sender. */
export interface BodyLimitOptions {
  /** How long the whole body may take, in ms. Default 10,000; 1 to 600,000. */
  readonly bodyTimeoutMs?: number;
  /** How many bodies may be read at a time. Default 256; 1 to 100,000. More are answered 503. */
  readonly maxBodies?: number;
}

export const BODY_LIMITS = Object.freeze({ bodyTimeoutMs: 10_000, maxBodies: 256 });

export const bodyLimitNames = ['bodyTimeoutMs', 'maxBodies'] as const;

/** The limits among the options of a route. */
export function limitsOf({ bodyTimeoutMs, maxBodies }: BodyLimitOptions): BodyLimitOptions {
  return {
    ...(bodyTimeoutMs !== undefined && { bodyTimeoutMs }),
    ...(maxBodies !== undefined && { maxBodies }),
  };
}

/** What counts towards one route's limits: it holds `maxBodies` times `maxBytes` of memory at most. */
export class BodyGate {
  readonly #maxBytes: number;
  readonly #timeoutMs: number;
  readonly #maxBodies: number;
  readonly #clock: Clock;
  #reading = 0;

  /** @throws WebhookSecurityError INVALID_OPTION */
  constructor(maxBytes: number, options: BodyLimitOptions = {}, clock: Clock = systemClock) {
    const { bodyTimeoutMs, maxBodies } = { ...BODY_LIMITS, ...options };
    this.#maxBytes = maxBytes;
    this.#timeoutMs = integer('bodyTimeoutMs', bodyTimeoutMs, 1, 600_000);
    this.#maxBodies = integer('maxBodies', maxBodies, 1, 100_000);
    this.#clock = clockOption(clock);
  }

  /**
   * Reads a body, counting the bytes received: a Content-Length is only believed when it is already
   * too large. Past a limit reading stops and nothing is kept, and so it does where something
   * turned the bytes into text (`setEncoding`): what was received cannot be told from that any more.
   */
  async collect(
    stream: Readable,
    contentLength: string | undefined,
  ): Promise<Uint8Array | UnreadBody> {
    return this.#guard(contentLength, (collected) => readStream(stream, collected));
  }

  /** The same for a web stream; null stands for no body. */
  async collectWeb(
    stream: ReadableStream<Uint8Array> | null,
    contentLength: string | undefined,
  ): Promise<Uint8Array | UnreadBody> {
    if (stream === null) return new Uint8Array();
    return this.#guard(contentLength, (collected) => readWebStream(stream, collected));
  }

  async #guard(
    contentLength: string | undefined,
    read: (collected: CollectedBody) => Promise<void>,
  ): Promise<Uint8Array | UnreadBody> {
    if (Number(contentLength) > this.#maxBytes) return unreadBody('body-too-large');
    if (this.#reading >= this.#maxBodies) return unreadBody('server-busy');
    this.#reading += 1;
    const collected = new CollectedBody(this.#maxBytes);
    const cancel = this.#clock.setTimer(() => collected.giveUp('body-timeout'), this.#timeoutMs);
    try {
      await read(collected);
      return collected.result();
    } finally {
      this.#reading -= 1;
      cancel();
    }
  }
}

function readStream(stream: Readable, collected: CollectedBody): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (chunk: unknown) => collected.add(chunk);
    const leave = () => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    };
    const onEnd = () => {
      leave();
      resolve();
    };
    const onError = (cause?: Error) => {
      leave();
      reject(cutOff(cause));
    };
    const onClose = () => onError();
    collected.stop = () => {
      leave();
      stream.pause();
      resolve();
    };
    stream.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

async function readWebStream(
  stream: ReadableStream<Uint8Array>,
  collected: CollectedBody,
): Promise<void> {
  const reader = stream.getReader();
  // Cancelled, it gives no more pieces; what it says to that matters to nobody, and may never come.
  collected.stop = () => void reader.cancel().catch(() => {});
  while (!collected.isOver) {
    const { done, value } = await reader.read();
    if (done) return;
    collected.add(value);
  }
}

/** By its status, which every framework reads, it is no fault of the application. */
function cutOff(cause: Error | undefined): Error {
  const error = new Error('the body broke off before its end', { cause });
  return Object.assign(error, { statusCode: 400 });
}
