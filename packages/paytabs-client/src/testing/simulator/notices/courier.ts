import { Agent, request as send } from 'undici';
import { BoundedLog } from '../books/bounded-log.js';
import type { SimulatorClock } from '../clock.js';
import type { SimulatorProfile } from '../options.js';
import { noticeRequest } from './notice-request.js';

/** One try to deliver a callback. */
export interface Delivery {
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
  readonly tranRef: string;
  readonly url: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** HTTP status of the receiver; absent when it could not be reached. */
  readonly status?: number;
  readonly error?: string;
}

/** A notice ready to go: the bytes stay the same through all its tries, unless it can be rewritten. */
export interface Notice {
  readonly tranRef: string;
  readonly url: string;
  readonly body: Buffer;
  readonly profile: SimulatorProfile;
  /** Default: made from the body. `null` sends none. */
  readonly signature?: string | null;
  readonly userAgent?: string;
  /** Writes the body of a further try. */
  readonly rewrite?: () => Buffer;
}

/** Carries callbacks to the merchant, with the retries of the gateway. */
export class Courier {
  readonly #clock: SimulatorClock;
  readonly #retryDelaysMs: readonly number[];
  readonly #agent: Agent;
  readonly #log: BoundedLog<Delivery>;
  #underway = 0;
  #idle: (() => void)[] = [];

  constructor(options: {
    clock: SimulatorClock;
    retryDelaysMs: readonly number[];
    timeoutMs: number;
    logLimit: number;
  }) {
    this.#log = new BoundedLog(options.logLimit);
    this.#clock = options.clock;
    this.#retryDelaysMs = options.retryDelaysMs;
    this.#agent = new Agent({
      connect: { timeout: options.timeoutMs },
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
    });
  }

  /**
   * Sends after `delayMs` and again, growing later, until the answer is exactly 200 or the tries are used up.
   * Resolves after the first try, or at once when that is later.
   */
  async post(notice: Notice, delayMs: number): Promise<void> {
    const attempt = async (number: number): Promise<void> => {
      const body = number === 1 ? undefined : notice.rewrite?.();
      const delivery = await this.send(body === undefined ? notice : { ...notice, body }, number);
      const next = this.#retryDelaysMs[number - 1];
      if (delivery.status === 200 || next === undefined) return;
      this.#clock.setTimer(() => void this.#track(attempt(number + 1)), next);
    };
    if (delayMs === 0) await this.#track(attempt(1));
    else this.#clock.setTimer(() => void this.#track(attempt(1)), delayMs);
  }

  /** One delivery, now. Never throws. */
  async send(notice: Notice, attempt = 1): Promise<Delivery> {
    const facts = {
      at: this.#clock.wallTime(),
      tranRef: notice.tranRef,
      url: notice.url,
      attempt,
    };
    const { url, ...request } = noticeRequest(notice);
    let delivery: Delivery;
    try {
      const answer = await send(url, { ...request, dispatcher: this.#agent });
      await answer.body.dump();
      delivery = { ...facts, status: answer.statusCode };
    } catch (error) {
      delivery = { ...facts, error: error instanceof Error ? error.message : String(error) };
    }
    this.#log.push(delivery);
    return delivery;
  }

  log(): readonly Delivery[] {
    return this.#log.list();
  }

  /** Resolves when no delivery is on its way. Scheduled retries do not count. */
  async idle(): Promise<void> {
    while (this.#underway > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
  }

  #track(work: Promise<void>): Promise<void> {
    this.#underway += 1;
    return work.finally(() => {
      this.#underway -= 1;
      if (this.#underway > 0) return;
      const waiting = this.#idle;
      this.#idle = [];
      for (const resolve of waiting) resolve();
    });
  }
}
