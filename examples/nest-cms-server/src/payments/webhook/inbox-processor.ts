import { withTimeout } from '@nestcms/circuit-breaker';
import {
  isPayTabsError,
  PayTabsClient,
  readNotification,
  type Transaction,
} from '@nestcms/paytabs-client';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { CLOCK, type Clock } from '../../platform/clock.js';
import { LOGGER, type Logger } from '../../platform/logger.js';
import { Database } from '../../platform/mongo/database.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { requestContext } from '../../platform/request-context.js';
import { WorkLoop } from '../../platform/work-loop.js';
import type { PaymentDocument } from '../payment.document.js';
import { type MoneyAlertReason, moneyAlert } from '../payment.events.js';
import { PaymentRepository } from '../payment.repository.js';
import { type Ruling, ruleOn } from '../ruling.js';
import { Settlement } from '../settlement.js';
import { Inbox } from './inbox.js';
import type { NoticeDocument, NoticeResult } from './notice.document.js';

const WORKERS = 4;

/** Shorter than the lease of a notice, so that its effect is never two workers' at once. */
const QUERY_TIMEOUT_MS = 10_000;

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** One that could not be asked about so often, for about an hour and a half, is told to a person. It goes on waiting. */
const TELL_AFTER_TRIES = 25;

/** A signed notice whose transaction the gateway does not know is given up after so many such answers. */
const MOST_UNKNOWN_ANSWERS = 8;

/** Takes stored notices and finds out what they mean: compared, asked for, compared again, applied. */
@Injectable()
export class InboxProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly profileId: number;
  private readonly loop: WorkLoop;

  constructor(
    private readonly inbox: Inbox,
    private readonly payments: PaymentRepository,
    private readonly settlement: Settlement,
    private readonly gateway: PayTabsClient,
    private readonly database: Database,
    private readonly outbox: Outbox,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ENVIRONMENT) environment: Environment,
  ) {
    this.profileId = environment.paytabs.profileId;
    this.loop = new WorkLoop({
      clock,
      intervalMs: environment.outbox.pollMs,
      concurrency: WORKERS,
      work: () => this.workOnOne(),
      onError: (error) => logger.warn({ err: error }, 'the inbox could not be read'),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Before the connections close: what is in hand is finished. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  wake(): void {
    this.loop.wake();
  }

  /** Ends when no notice is due. */
  drain(): Promise<void> {
    return this.loop.drain();
  }

  private async workOnOne(): Promise<boolean> {
    const notice = await this.inbox.take();
    if (!notice) return false;
    const context = { requestId: notice.correlationId };
    await requestContext.run(context, () =>
      this.process(notice).catch((e) => this.retry(notice, e)),
    );
    return true;
  }

  private async process(notice: NoticeDocument): Promise<void> {
    const reported = readNotification(JSON.parse(notice.body));
    const payment = await this.payments.findByCart(notice.cartId);
    if (!payment) return this.alertAndFinish(notice, 'unmatched', 'unknownCart');

    const first = ruleOn({
      payment,
      transaction: reported,
      profileId: this.profileId,
      journaled: false,
    });
    if (first.kind === 'refuse') {
      return this.alertAndFinish(notice, 'refused', 'bindingMismatch', first.mismatches);
    }
    // Of a follow-up that changes nothing there is nothing to ask.
    if (first.kind === 'leave' && first.reason === 'followUp') {
      return this.finish(notice, { verdict: 'unchanged', reason: 'followUp' });
    }
    const transaction = await this.query(notice);
    if (transaction) return this.apply(notice, payment, transaction);
    // A stale notice has had its one question.
    if (notice.stale) return this.finish(notice, { verdict: 'unchanged', reason: 'unknown' });
    const unknownAnswers = (notice.unknownAnswers ?? 0) + 1;
    if (unknownAnswers < MOST_UNKNOWN_ANSWERS) {
      return this.inbox.putBack(notice, pauseAfter(unknownAnswers), { unknown: true });
    }
    return this.alertAndFinish(notice, 'abandoned', 'unknownTransaction');
  }

  /** What the gateway itself says of the transaction; nothing when it does not know it. */
  private async query({ tranRef }: NoticeDocument): Promise<Transaction | undefined> {
    try {
      return await withTimeout(({ signal }) => this.gateway.query({ tranRef }, { signal }), {
        timeoutMs: QUERY_TIMEOUT_MS,
        clock: this.clock,
      });
    } catch (error) {
      if (isPayTabsError(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }

  private async apply(
    notice: NoticeDocument,
    payment: PaymentDocument,
    transaction: Transaction,
  ): Promise<void> {
    const { ruling } = await this.settlement.apply(payment._id, transaction, {
      onlyMoney: notice.stale,
      alongside: (session, ruling) => this.inbox.finish(session, notice, resultOf(ruling)),
    });
    const { verdict, reason } = resultOf(ruling);
    this.logger.info({ noticeId: notice._id.toHexString(), verdict, reason }, 'notice processed');
  }

  private async finish(notice: NoticeDocument, result: NoticeResult): Promise<void> {
    await this.database.transaction((session) => this.inbox.finish(session, notice, result));
    this.logger.info({ noticeId: notice._id.toHexString(), ...result }, 'notice processed');
  }

  private async alertAndFinish(
    notice: NoticeDocument,
    verdict: NoticeResult['verdict'],
    reason: MoneyAlertReason,
    mismatches: readonly string[] = [],
  ): Promise<void> {
    const { cartId, tranRef } = notice;
    const aggregate = { type: 'notice', id: notice._id.toHexString() };
    await this.database.transaction(async (session) => {
      await this.inbox.finish(session, notice, { verdict, reason });
      await this.outbox.append(
        session,
        moneyAlert(reason, aggregate, { cartId, tranRef, mismatches }),
      );
    });
    // The alert itself is told at `error`, when it is delivered.
    this.logger.warn({ noticeId: aggregate.id, verdict, reason }, 'notice not applied');
  }

  private async tellUndecided({ _id, cartId, tranRef }: NoticeDocument): Promise<void> {
    const aggregate = { type: 'notice', id: _id.toHexString() };
    await this.database.transaction((session) =>
      this.outbox.append(session, moneyAlert('undecided', aggregate, { cartId, tranRef })),
    );
  }

  private async retry(notice: NoticeDocument, error: unknown): Promise<void> {
    this.logger.warn({ err: error, noticeId: notice._id.toHexString() }, 'a notice has to wait');
    if (notice.tries === TELL_AFTER_TRIES) await this.tellUndecided(notice);
    const askedMs = (isPayTabsError(error) && error.retryAfterMs) || 0;
    await this.inbox.putBack(notice, Math.max(pauseAfter(notice.tries), askedMs));
  }
}

const pauseAfter = (tries: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS);

function resultOf(ruling: Ruling): NoticeResult {
  switch (ruling.kind) {
    case 'pay':
    case 'surplus':
      return { verdict: 'applied', reason: ruling.kind };
    case 'end':
      return { verdict: 'applied', reason: ruling.reason };
    case 'refuse':
      return { verdict: 'refused', reason: 'bindingMismatch' };
    case 'alert':
    case 'leave':
      return { verdict: 'unchanged', reason: ruling.reason };
  }
}
