import { AggregationCache } from '@nestcms/aggregation-cache';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxRelay } from '../platform/outbox/outbox-relay.js';

/** What the events of each family may have changed. */
const CHANGED_BY: Readonly<Record<string, readonly string[]>> = {
  contract: ['contracts'],
  payment: ['payments', 'contracts'],
};

/**
 * Drops cached reads for each event of the outbox. The writers do it themselves after their commit;
 * this makes up for the one that died in between, and it is the only one for what another process
 * wrote.
 */
@Injectable()
export class CacheDropper implements OnModuleInit {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly cache: AggregationCache,
  ) {}

  onModuleInit(): void {
    this.relay.subscribe('cache', async ({ aggregate }) => {
      const collections = CHANGED_BY[aggregate.type];
      if (collections) await this.cache.invalidate({ collections });
    });
  }
}
