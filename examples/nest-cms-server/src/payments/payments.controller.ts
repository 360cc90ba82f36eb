import { Body, Controller, Get, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ObjectId } from 'mongodb';
import { CurrentCaller, Roles } from '../identity/access.js';
import type { Caller } from '../identity/caller.js';
import { Answers } from '../platform/http/answers.js';
import { HeaderValue } from '../platform/http/header-value.js';
import { type Page, type PageQuery, pageOf, pageQuerySchema } from '../platform/http/page.js';
import { QueryOf } from '../platform/http/query-of.js';
import { objectIdSchema } from '../platform/http/validation.js';
import { idempotencyKeySchema } from '../platform/idempotency/idempotency-key.js';
import { setCacheHeaders } from '../reading/cache-headers.js';
import {
  type PaymentStatisticsView,
  paymentStatisticsView,
  paymentStatisticsViewSchema,
} from '../reading/payment-statistics.js';
import { CheckoutService } from './checkout.service.js';
import {
  type CreatePayment,
  createPaymentSchema,
  type PaymentView,
  type ProcessedPayment,
  paymentView,
  paymentViewSchema,
  processedPaymentSchema,
} from './payment.schema.js';
import { PaymentsService } from './payments.service.js';

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  about: 'One effect for each key.',
  schema: idempotencyKeySchema,
};
const OPTIONAL_KEY = {
  ...IDEMPOTENCY_KEY,
  about: 'One try for each key.',
  schema: idempotencyKeySchema.optional(),
};

/** Payments as their two sides see them. The road begins here; the gateway's side is in `webhook/`. */
@ApiTags('payments')
@Controller({ path: 'payments', version: '2' })
export class PaymentsController {
  constructor(
    private readonly payments: PaymentsService,
    private readonly checkout: CheckoutService,
  ) {}

  @Post('create')
  @Roles('employee', 'manager')
  @Answers({
    status: 201,
    schema: paymentViewSchema,
    about: 'The invoice, to be paid by the client.',
  })
  create(
    @CurrentCaller() caller: Caller,
    @HeaderValue(IDEMPOTENCY_KEY) key: string,
    @Body({ schema: createPaymentSchema }) input: CreatePayment,
  ): Promise<PaymentView> {
    return this.payments.create(caller, key, input);
  }

  @Post('process/:id')
  @Roles('client')
  @Answers({ schema: processedPaymentSchema, about: 'The page to pay on.' })
  @ApiResponse({
    status: HttpStatus.ACCEPTED,
    description: 'No page yet: the word of the gateway is awaited. See Retry-After.',
    standardSchema: processedPaymentSchema,
  })
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
  @Answers({ schema: pageOf(paymentViewSchema), about: 'Own payments, newest first.' })
  list(
    @CurrentCaller() caller: Caller,
    @QueryOf(pageQuerySchema) page: PageQuery,
  ): Promise<Page<PaymentView>> {
    return this.payments.list(caller, page);
  }

  @Get('stats')
  @Roles('client', 'employee', 'manager')
  @Answers({ schema: paymentStatisticsViewSchema, about: 'Own payments in numbers.' })
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
  @Answers({ schema: paymentViewSchema, about: 'The payment with its history.' })
  find(
    @CurrentCaller() caller: Caller,
    @Param('id', { schema: objectIdSchema }) id: ObjectId,
  ): Promise<PaymentView> {
    return this.payments.find(caller, id);
  }
}
