import { randomUUID } from 'node:crypto';
import {
  CircuitBreakerRegistry,
  GuardedEmitter,
  systemClock,
  systemRandom,
} from '@nestcms/circuit-breaker';
import type { Db, MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import type { AggregationCacheEvents } from '../../src/cache/events.js';
import { resolveOptions } from '../../src/options.js';
import { MongoSource, type MongoSourceParts } from '../../src/router/mongo-source.js';

/** The router alone, with the defaults of a cache. */
export const openSource = (
  client: MongoClient,
  database: Db,
  parts: Partial<MongoSourceParts> = {},
) => {
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const passedOver: string[] = [];
  events.on('memberPassedOver', ({ member, reason }) => {
    passedOver.push(`${member} ${reason}`);
  });
  const { memberBreaker } = resolveOptions({ client, database });
  const source = new MongoSource({
    client,
    database,
    events,
    breakers: new CircuitBreakerRegistry(),
    memberBreaker,
    keyPrefix: randomUUID(),
    clock: systemClock,
    random: systemRandom,
    selectionTimeoutMs: 2_000,
    lagBudgetMs: 1_000,
    lagProbeMs: 1_000,
    primaryShare: 0.5,
    ...parts,
  });
  onTestFinished(() => source.close());
  return { source, events, passedOver };
};
