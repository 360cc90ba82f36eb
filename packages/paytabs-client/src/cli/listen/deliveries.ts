import type { Clock } from '@nestcms/circuit-breaker';
import type { Transaction } from '../../gateway/transaction.js';
import { readNotification } from '../../notifications/read-notification.js';
import {
  noticeRequest,
  type SignedRequest,
} from '../../testing/simulator/notices/notice-request.js';
import { goJson } from '../../testing/simulator/notices/sign.js';
import type { SimulatorProfile } from '../../testing/simulator/options.js';
import type { CommandIo } from '../command.js';
import { deliveryLine } from '../notices/delivery-line.js';
import { sendRequest } from '../notices/send-request.js';
import { noticeBodyOf } from './notice-body.js';
import { showDelay } from './show-delay.js';

interface DeliveriesParts {
  readonly clock: Clock;
  readonly io: Pick<CommandIo, 'print' | 'warn'>;
  readonly url: string;
  readonly profile: SimulatorProfile;
  readonly retryDelaysMs: readonly number[];
}

interface Delivery {
  readonly request: SignedRequest;
  readonly transaction: Transaction;
  readonly kind: string;
}

/** Brings changes to the shop, with the further tries of the gateway. */
export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #underway = new Set<Promise<void>>();
  /** Further tries, by how each is called off. */
  readonly #scheduled = new Set<() => void>();
  #isStopped = false;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Resolves after the first try; the bytes stay the same through all of them. */
  deliver(transaction: Transaction): Promise<void> {
    const { url, profile } = this.#parts;
    const body = noticeBodyOf(transaction, profile.profileId);
    const { kind } = readNotification(body);
    const notice = { tranRef: transaction.tranRef, url, profile, body: Buffer.from(goJson(body)) };
    return this.#begin({ request: noticeRequest(notice), transaction, kind }, 1);
  }

  /** Calls off further tries, and waits for what is under way. @returns how many were called off */
  async stop(): Promise<number> {
    this.#isStopped = true;
    const { size } = this.#scheduled;
    for (const callOff of this.#scheduled) callOff();
    await Promise.all(this.#underway);
    return size;
  }

  #begin(delivery: Delivery, attempt: number): Promise<void> {
    const work = this.#attempt(delivery, attempt).finally(() => this.#underway.delete(work));
    this.#underway.add(work);
    return work;
  }

  async #attempt(delivery: Delivery, attempt: number): Promise<void> {
    const { clock, io, retryDelaysMs } = this.#parts;
    const { request, kind, transaction } = delivery;
    const { cartId, tranRef, status } = transaction;
    const at = clock.wallTime();
    const answer = await sendRequest(request, clock);
    const line = deliveryLine({ at, cartId, tranRef, kind, status, answer });
    const delayMs = retryDelaysMs[attempt - 1];
    if (answer.status === 200) io.print(line);
    else if (delayMs === undefined || this.#isStopped) io.print(`${line}  given up`);
    else {
      io.print(`${line}  again in ${showDelay(delayMs)}`);
      this.#schedule(delivery, { attempt: attempt + 1, delayMs });
    }
  }

  #schedule(delivery: Delivery, { attempt, delayMs }: { attempt: number; delayMs: number }): void {
    const cancel = this.#parts.clock.setTimer(() => {
      this.#scheduled.delete(cancel);
      void this.#begin(delivery, attempt);
    }, delayMs);
    this.#scheduled.add(cancel);
  }
}
