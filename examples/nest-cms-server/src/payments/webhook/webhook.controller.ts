import type { PayTabsNotification } from '@nestcms/paytabs-client';
import type { AcceptedVerdict, Verdict } from '@nestcms/webhook-security';
import { WebhookRoute, WebhookVerdict } from '@nestcms/webhook-security/nestjs';
import { Controller, Get, Post, Redirect, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../identity/access.js';
import { Answers } from '../../platform/http/answers.js';
import { PaymentRepository } from '../payment.repository.js';
import { Reconciler } from '../reconciler.js';
import { DescribesNotice, DescribesReturn, DescribesUnsignedReturn } from './gateway-routes.js';
import { Inbox } from './inbox.js';
import { InboxProcessor } from './inbox-processor.js';
import { CALLBACK_VERIFIER, RETURN_VERIFIER } from './verifiers.js';

const receivedSchema = z
  .object({
    received: z.literal(true),
    duplicate: z.literal(true).optional(),
    stale: z.literal(true).optional(),
  })
  .meta({ id: 'Received' });

const returnedSchema = z.object({ cartId: z.string().max(64) });

/** The gateway's side of a payment: its notices, and the browsers it sends back. */
@ApiTags('payments')
@Controller({ path: 'payments', version: '2' })
export class WebhookController {
  constructor(
    private readonly inbox: Inbox,
    private readonly processor: InboxProcessor,
    private readonly payments: PaymentRepository,
    private readonly reconciler: Reconciler,
  ) {}

  /** Stores a signed notice and answers; what it means is found out afterwards. */
  @Post('webhook')
  @Public()
  @WebhookRoute(CALLBACK_VERIFIER)
  @DescribesNotice()
  @Answers({ schema: receivedSchema, about: 'The notice is stored; a copy of it was before.' })
  async receive(
    @WebhookVerdict() { payload: notice, stale }: AcceptedVerdict<PayTabsNotification>,
    @Req() request: FastifyRequest,
  ): Promise<z.output<typeof receivedSchema>> {
    const { profileId, tranRef, status, cartId } = notice;
    const body = (request.body as Buffer).toString('utf8');
    const isNew = await this.inbox.store({ profileId, tranRef, status, cartId, body, stale });
    if (isNew) this.processor.wake();
    return {
      received: true,
      ...(!isNew && { duplicate: true as const }),
      ...(stale && { stale: true as const }),
    };
  }

  /** Leads the browser back to its payment. Decides nothing: at most the gateway is asked earlier. */
  @Post('return')
  @Public()
  @WebhookRoute(RETURN_VERIFIER, { refused: 'handle' })
  @DescribesReturn()
  @Redirect('/', 303)
  async return(@WebhookVerdict() verdict: Verdict): Promise<{ url: string }> {
    if (verdict.verdict !== 'accepted') return { url: '/' };
    const returned = returnedSchema.safeParse(verdict.payload);
    if (!returned.success) return { url: '/' };
    const { cartId } = returned.data;
    const payment = await this.payments.findByCart(cartId);
    if (!payment) return { url: '/' };
    await this.reconciler.checkSoon(payment._id, cartId);
    return { url: `/?payment=${payment._id.toHexString()}` };
  }

  /** Some set-ups of the gateway send the browser back by GET, with nothing that could be checked. */
  @Get('return')
  @Public()
  @DescribesUnsignedReturn()
  @Redirect('/', 303)
  returnUnsigned(): void {}
}
