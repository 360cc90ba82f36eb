import { Global, Inject, Module } from '@nestjs/common';
import { BREAKERS, type CircuitBreakerRegistry } from '../platform/breakers.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { Alerts } from './alerts.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';

/** How the server is doing. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [Alerts, Health, Metrics],
  exports: [Health, Metrics],
})
export class OperationsModule {
  constructor(
    metrics: Metrics,
    @Inject(BREAKERS) breakers: CircuitBreakerRegistry,
    relay: OutboxRelay,
  ) {
    metrics.watchBreakers(() => breakers.list());
    metrics.watchQueue({
      name: 'outbox',
      about: 'events that some subscriber has not taken yet',
      lag: () => relay.lag(),
    });
  }
}
