import { isPayTabsError, PayTabsClient, type PayTabsErrorCode } from '@nestcms/paytabs-client';
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
import { type Attempt, type PaymentDocument, runningAttempt } from './payment.document.js';
import { PaymentRepository } from './payment.repository.js';
import { checkNext, noteAnswer } from './payment.transitions.js';
import { type Asked, Settlement } from './settlement.js';
import { isUndecidedForLong, nextCheckAfter, silentFrom, watchedUntil } from './windows.js';

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
    const turn = new Date(now + TURN_MS);
    const payment = await this.payments.takeDue(new Date(now), turn);
    if (!payment) return false;
    for (const attempt of payment.attempts) {
      if ((attempt.nextCheckAt?.getTime() ?? Number.POSITIVE_INFINITY) > now) continue;
      // One that cannot be asked about holds no other up.
      await this.check(payment, attempt, turn, now).catch((error: unknown) =>
        this.logger.warn({ err: error, cartId: attempt.cartId }, 'a try could not be asked about'),
      );
    }
    return true;
  }

  private async check(
    payment: PaymentDocument,
    attempt: Attempt,
    turn: Date,
    now: number,
  ): Promise<void> {
    const later = nextCheckAfter(attempt, now);
    const asked = await this.settlement.ask(payment, attempt).catch(async (error: unknown) => {
      // Trouble that passes keeps the turn of above; what will be refused again is asked more seldom.
      if (!passes(error)) {
        await this.reschedule(payment, attempt, turn, (one) =>
          checkNext(one, attempt.cartId, later),
        );
      }
      throw error;
    });
    const isOver = now >= watchedUntil(attempt, asked);
    if (isOver || (!asked.known && now >= silentFrom(attempt))) {
      await this.endRunning(asked, attempt);
    }
    await this.reschedule(payment, attempt, turn, (latest) =>
      noteAnswer(
        checkNext(latest, attempt.cartId, isOver ? undefined : later),
        attempt.cartId,
        asked.undecided,
        new Date(now),
      ),
    );
    if (asked.undecided && isUndecidedForLong(attempt, now)) {
      await this.settlement.tellUndecided(payment, attempt);
    }
  }

  /** A try that is still the running one is called expired. */
  private async endRunning({ payment, known }: Asked, { cartId }: Attempt): Promise<void> {
    if (runningAttempt(payment)?.cartId !== cartId) return;
    await this.settlement.expire(payment._id, cartId, known ? 'undecided' : 'silence');
  }

  /**
   * Changes when the try is asked about next, unless somebody else did since this turn began: a
   * return of the browser wants it asked about at once, and one that was found paid never again.
   */
  private reschedule(
    { _id }: PaymentDocument,
    { cartId }: Attempt,
    turn: Date,
    decide: (latest: PaymentDocument) => PaymentDocument,
  ): Promise<void> {
    return this.payments.reschedule(_id, (latest) => {
      const next = latest.attempts.find((one) => one.cartId === cartId)?.nextCheckAt;
      return next?.getTime() === turn.getTime() ? decide(latest) : latest;
    });
  }
}

const PASSING: readonly PayTabsErrorCode[] = ['GATEWAY_UNAVAILABLE', 'RATE_LIMITED', 'ABORTED'];

/** What is not the gateway's answer passes too: a database that changes its primary, say. */
const passes = (error: unknown): boolean => !isPayTabsError(error) || PASSING.includes(error.code);
