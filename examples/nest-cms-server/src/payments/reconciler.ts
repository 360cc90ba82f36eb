import { PayTabsClient } from '@nestcms/paytabs-client';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../platform/clock.js';
import { LOGGER, type Logger } from '../platform/logger.js';
import { WorkLoop } from '../platform/work-loop.js';
import { currentAttempt, type PaymentDocument } from './payment.document.js';
import { PaymentRepository } from './payment.repository.js';
import { Settlement } from './settlement.js';
import { nextCheckAfter, silentFrom } from './windows.js';

const INTERVAL_MS = 15_000;

/** A payment in the hands of an instance that died has its next turn after this. */
const TURN_MS = 60_000;

/**
 * Asks the gateway about payments that have been processing for long: a notice that never came, a
 * page request whose end is unknown, a page nobody used.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(
    private readonly payments: PaymentRepository,
    private readonly settlement: Settlement,
    private readonly gateway: PayTabsClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
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

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Ends when no payment is due. */
  drain(): Promise<void> {
    return this.loop.drain();
  }

  /** Lets this payment be asked about without waiting for its turn. */
  async checkSoon(payment: PaymentDocument): Promise<void> {
    await this.payments.setNextCheck(payment._id, new Date(this.clock.wallTime()));
    this.loop.wake();
  }

  private async checkOne(): Promise<boolean> {
    // While the gateway is known to be away no payment loses its turn.
    if (this.gateway.breakers.read.state === 'open') return false;
    const now = this.clock.wallTime();
    const payment = await this.payments.takeDue(new Date(now), new Date(now + TURN_MS));
    const attempt = payment && currentAttempt(payment);
    if (!attempt) return false;
    const asked = await this.settlement.ask(payment, attempt);
    if (asked.payment.status !== 'processing') return true;
    if (!asked.known && now >= silentFrom(attempt)) {
      await this.settlement.expire(payment._id, attempt.cartId);
    } else {
      await this.payments.setNextCheck(payment._id, nextCheckAfter(attempt, now));
    }
    return true;
  }
}
