import { Global, Inject, Module } from '@nestjs/common';
import { BREAKERS, type CircuitBreakerRegistry } from '../platform/breakers.js';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';

/** How the server is doing. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [Health, Metrics],
  exports: [Health, Metrics],
})
export class OperationsModule {
  constructor(
    metrics: Metrics,
    @Inject(BREAKERS) breakers: CircuitBreakerRegistry,
    relay: OutboxRelay,
  ) {
    metrics.watchBreakers(() => breakers.list());
    metrics.watchOutbox(() => relay.lag());
  }
}
