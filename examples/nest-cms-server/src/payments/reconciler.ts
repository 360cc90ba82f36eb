import { isPayTabsError, PayTabsClient } from '@nestcms/paytabs-client';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { ObjectId } from 'mongodb';
import { CLOCK, type Clock } from '../platform/clock.js';
import { LOGGER, type Logger } from '../platform/logger.js';
import { WorkLoop } from '../platform/work-loop.js';
import { type Attempt, currentAttempt, type PaymentDocument } from './payment.document.js';
import { PaymentRepository } from './payment.repository.js';
import { checkNext } from './payment.transitions.js';
import { type Asked, Settlement } from './settlement.js';
import { nextCheckAfter, silentFrom, undecidedFrom, watchedUntil } from './windows.js';

const INTERVAL_MS = 15_000;

/** A payment in the hands of an instance that died has its next turn after this. */
const TURN_MS = 60_000;

/**
 * Asks the gateway about tries of which nobody has told the end: a notice that never came, a page
 * request whose end is unknown, a page nobody used; and for some days about those that are over,
 * whose page may have taken money all the same.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(
    private readonly payments: PaymentRepository,
    private readonly settlement: Settlement,
    private readonly gateway: PayTabsClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.loop = new WorkLoop({
      clock,
      intervalMs: INTERVAL_MS,
      work: () => this.checkOne(),
      onError: (error) => logger.warn({ err: error }, 'payments could not be reconciled'),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Before the connections close: what is in hand is finished. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Ends when no payment is due. */
  drain(): Promise<void> {
    return this.loop.drain();
  }

  /** Lets this try be asked about without waiting for its turn, whatever has become of it. */
  async checkSoon(paymentId: ObjectId, cartId: string): Promise<void> {
    const now = new Date(this.clock.wallTime());
    await this.payments.reschedule(paymentId, (latest) =>
      latest.attempts.some((one) => one.cartId === cartId && one.end !== 'paid')
        ? checkNext(latest, cartId, now)
        : latest,
    );
    this.loop.wake();
  }

  private async checkOne(): Promise<boolean> {
    // While the gateway is known to be away no payment loses its turn.
    if (this.gateway.breakers.read.state === 'open') return false;
    const now = this.clock.wallTime();
    const payment = await this.payments.takeDue(new Date(now), new Date(now + TURN_MS));
    if (!payment) return false;
    for (const attempt of payment.attempts) {
      if ((attempt.nextCheckAt?.getTime() ?? Number.POSITIVE_INFINITY) > now) continue;
      // One that cannot be asked about keeps its turn of above, and holds no other up.
      await this.check(payment, attempt, now).catch((error: unknown) =>
        this.logger.warn({ err: error, cartId: attempt.cartId }, 'a try could not be asked about'),
      );
    }
    return true;
  }

  private async check(payment: PaymentDocument, attempt: Attempt, now: number): Promise<void> {
    const isOld = now >= undecidedFrom(attempt);
    const asked = await this.settlement.ask(payment, attempt).catch(async (error: unknown) => {
      // No trouble of the network: an answer that will not become readable by itself.
      if (isOld && isPayTabsError(error, 'UNEXPECTED_REPLY')) {
        await this.settlement.tellUndecided(payment, attempt);
      }
      throw error;
    });
    if (isOld && asked.undecided) await this.settlement.tellUndecided(payment, attempt);
    const end = this.endOf(asked, attempt, now);
    if (end) await this.settlement.expire(payment._id, attempt.cartId, end);
    const next = now < watchedUntil(attempt, asked) ? nextCheckAfter(attempt, now) : undefined;
    await this.payments.reschedule(payment._id, (latest) => checkUnlessOver(latest, attempt, next));
  }

  /** Why the running try is called expired now, if it is. */
  private endOf(
    { payment, known, undecided }: Asked,
    attempt: Attempt,
    now: number,
  ): 'silence' | 'undecided' | undefined {
    const isRunning =
      payment.status === 'processing' && currentAttempt(payment)?.cartId === attempt.cartId;
    if (!isRunning) return undefined;
    if (!known && now >= silentFrom(attempt)) return 'silence';
    return undecided && now >= watchedUntil(attempt, { undecided }) ? 'undecided' : undefined;
  }
}

/** A try that was found paid, or never sent, has no next turn. */
function checkUnlessOver(
  latest: PaymentDocument,
  { cartId }: Attempt,
  next: Date | undefined,
): PaymentDocument {
  const isWatched = latest.attempts.some((one) => one.cartId === cartId && one.nextCheckAt);
  return isWatched ? checkNext(latest, cartId, next) : latest;
}
