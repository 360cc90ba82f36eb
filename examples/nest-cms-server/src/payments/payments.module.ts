import { PayTabsClient } from '@nestcms/paytabs-client';
import { MongoIntentStore } from '@nestcms/paytabs-client/mongodb';
import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ContractsModule } from '../features/contracts/contracts.module.js';
import { Metrics } from '../operations/metrics.js';
import { ReadingModule } from '../reading/reading.module.js';
import { CheckoutService } from './checkout.service.js';
import { gatewayProviders } from './gateway.js';
import { Journal } from './journal.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsService } from './payments.service.js';
import { Reconciler } from './reconciler.js';
import { Settlement } from './settlement.js';
import { Inbox } from './webhook/inbox.js';
import { InboxProcessor } from './webhook/inbox-processor.js';
import { verifierProviders } from './webhook/verifiers.js';
import { WebhookController } from './webhook/webhook.controller.js';

@Module({
  imports: [ContractsModule, ReadingModule],
  controllers: [PaymentsController, WebhookController],
  providers: [
    ...gatewayProviders,
    PaymentsService,
    CheckoutService,
    PaymentRepository,
    ...verifierProviders,
    Inbox,
    InboxProcessor,
    Settlement,
    Journal,
    Reconciler,
  ],
})
export class PaymentsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly gateway: PayTabsClient,
    private readonly intents: MongoIntentStore,
    inbox: Inbox,
    metrics: Metrics,
  ) {
    metrics.watchQueue({
      name: 'webhook_inbox',
      about: 'notices of the gateway that have not been processed yet',
      lag: () => inbox.lag(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.intents.ensureIndexes();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.gateway.close();
  }
}
