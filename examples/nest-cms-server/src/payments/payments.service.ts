import { AggregationCache } from '@nestcms/aggregation-cache';
import type { Clock } from '@nestcms/circuit-breaker';
import type { Money } from '@nestcms/paytabs-client';
import { Inject, Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { mayInvoice } from '../features/contracts/contract.policy.js';
import { ContractRepository } from '../features/contracts/contract.repository.js';
import type { ContractDocument } from '../features/contracts/contract.schema.js';
import { visibleTo } from '../features/parties.policy.js';
import type { Caller } from '../identity/caller.js';
import { CLOCK } from '../platform/clock.js';
import { type Page, type PageQuery, toPage } from '../platform/http/page.js';
import { conflict, forbidden, notFound, unprocessable } from '../platform/http/problem.js';
import { fingerprintOf, Idempotency } from '../platform/idempotency/idempotency.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { moneyToBson } from '../platform/money.js';
import { paymentStatistics } from '../reading/payment-statistics.js';
import type { PaymentDocument } from './payment.document.js';
import { PaymentRepository } from './payment.repository.js';
import { type CreatePayment, type PaymentView, paymentView } from './payment.schema.js';

@Injectable()
export class PaymentsService {
  /**
   * Invoices of one contract would run into each other in the database and begin anew, again and
   * again; within this process they wait instead. The database alone decides, whoever waits.
   */
  private readonly queue = new KeyedQueue();

  constructor(
    private readonly payments: PaymentRepository,
    private readonly contracts: ContractRepository,
    private readonly idempotency: Idempotency,
    private readonly cache: AggregationCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes an invoice: the key's record, what the contract has left and the payment in one
   * transaction.
   *
   * @throws Problem 404 for a foreign contract, 403 for its client, 409 `CONTRACT_NOT_ACTIVE` or
   *   `CONTRACT_AMOUNT_EXCEEDED`, 422 `CURRENCY_MISMATCH` or `IDEMPOTENCY_KEY_REUSED`
   */
  async create(caller: Caller, key: string, input: CreatePayment): Promise<PaymentView> {
    const contract = await this.contracts.find(input.contractId, visibleTo(caller));
    if (!contract) throw notFound();
    if (!mayInvoice(caller, contract)) throw forbidden();
    const { result, token } = await this.queue.run(contract._id.toHexString(), () =>
      this.idempotency.run(
        {
          caller: caller.userId.toHexString(),
          route: 'POST /payments/create',
          key,
          fingerprint: fingerprintOf(input),
        },
        async (session) => {
          const now = new Date(this.clock.wallTime());
          if (!(await this.contracts.reserve(session, contract._id, input.amount, now))) {
            throw whyNotReserved(contract, input.amount);
          }
          const payment = newPayment(contract, input, now);
          await this.payments.insert(session, payment);
          return paymentView(payment);
        },
      ),
    );
    await this.cache.invalidate({ collections: ['payments', 'contracts'], after: token });
    return result;
  }

  async list(caller: Caller, page: PageQuery): Promise<Page<PaymentView>> {
    return toPage(await this.payments.list(visibleTo(caller), page), page, paymentView);
  }

  /** @throws Problem 404 for an unknown or foreign payment */
  async find(caller: Caller, id: ObjectId): Promise<PaymentView> {
    const payment = await this.payments.find(id, visibleTo(caller));
    if (!payment) throw notFound();
    return paymentView(payment);
  }

  /** Numbers and sums of the caller's own payments. */
  statistics(caller: Caller) {
    return this.cache.read(paymentStatistics, visibleTo(caller));
  }
}

function newPayment(contract: ContractDocument, input: CreatePayment, now: Date): PaymentDocument {
  return {
    _id: new ObjectId(),
    v: 1,
    version: 1,
    contractId: contract._id,
    clientId: contract.clientId,
    employeeId: contract.employeeId,
    title: input.title,
    amount: moneyToBson(input.amount),
    status: 'created',
    attempts: [],
    history: [{ to: 'created', at: now, reason: 'invoiced' }],
    createdAt: now,
    updatedAt: now,
  };
}

function whyNotReserved(contract: ContractDocument, amount: Money) {
  if (contract.amount.currency !== amount.currency) {
    return unprocessable(
      'CURRENCY_MISMATCH',
      `The contract is in ${contract.amount.currency}; so must its invoices be.`,
    );
  }
  if (contract.status !== 'active') {
    return conflict('CONTRACT_NOT_ACTIVE', 'Only an active contract is invoiced.');
  }
  return conflict(
    'CONTRACT_AMOUNT_EXCEEDED',
    'The invoices of a contract never exceed its amount; less than this is left.',
  );
}
