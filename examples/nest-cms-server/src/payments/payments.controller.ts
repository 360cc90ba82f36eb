import { Body, Controller, Get, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ObjectId } from 'mongodb';
import { CurrentCaller, Roles } from '../identity/access.js';
import type { Caller } from '../identity/caller.js';
import { HeaderValue } from '../platform/http/header-value.js';
import { type Page, type PageQuery, pageQuerySchema } from '../platform/http/page.js';
import { objectIdSchema } from '../platform/http/validation.js';
import { idempotencyKeySchema } from '../platform/idempotency/idempotency-key.js';
import { setCacheHeaders } from '../reading/cache-headers.js';
import {
  type PaymentStatisticsView,
  paymentStatisticsView,
} from '../reading/payment-statistics.js';
import { CheckoutService } from './checkout.service.js';
import {
  type CreatePayment,
  createPaymentSchema,
  type PaymentView,
  type ProcessedPayment,
  paymentView,
} from './payment.schema.js';
import { PaymentsService } from './payments.service.js';

const IDEMPOTENCY_KEY = { name: 'Idempotency-Key', schema: idempotencyKeySchema };
const OPTIONAL_KEY = { ...IDEMPOTENCY_KEY, schema: idempotencyKeySchema.optional() };

/** Payments as their two sides see them. The road begins here; the gateway's side is in `webhook/`. */
@Controller({ path: 'payments', version: '2' })
export class PaymentsController {
  constructor(
    private readonly payments: PaymentsService,
    private readonly checkout: CheckoutService,
  ) {}

  @Post('create')
  @Roles('employee', 'manager')
  create(
    @CurrentCaller() caller: Caller,
    @HeaderValue(IDEMPOTENCY_KEY) key: string,
    @Body({ schema: createPaymentSchema }) input: CreatePayment,
  ): Promise<PaymentView> {
    return this.payments.create(caller, key, input);
  }

  @Post('process/:id')
  @Roles('client')
  async process(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: objectIdSchema }) id: ObjectId,
    @HeaderValue(OPTIONAL_KEY) key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProcessedPayment> {
    const { payment, redirectUrl, retryAfterSeconds } = await this.checkout.process(
      caller,
      id,
      key,
    );
    reply.status(retryAfterSeconds === undefined ? HttpStatus.OK : HttpStatus.ACCEPTED);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return { payment: paymentView(payment), ...(redirectUrl && { redirectUrl }) };
  }

  @Get()
  @Roles('client', 'employee', 'manager')
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: pageQuerySchema }) page: PageQuery,
  ): Promise<Page<PaymentView>> {
    return this.payments.list(caller, page);
  }

  @Get('stats')
  @Roles('client', 'employee', 'manager')
  async statistics(
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentStatisticsView> {
    const read = await this.payments.statistics(caller);
    setCacheHeaders(reply, read);
    return paymentStatisticsView(read.rows);
  }

  @Get(':id')
  @Roles('client', 'employee', 'manager')
  find(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: objectIdSchema }) id: ObjectId,
  ): Promise<PaymentView> {
    return this.payments.find(caller, id);
  }
}
