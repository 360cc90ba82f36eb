import { PayTabsClient } from '@nestcms/paytabs-client';
import { MongoIntentStore } from '@nestcms/paytabs-client/mongodb';
import type { FactoryProvider, Provider } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { BREAKERS, type CircuitBreakerRegistry } from '../platform/breakers.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../platform/clock.js';
import { Database } from '../platform/mongo/database.js';

const intentStore: FactoryProvider<MongoIntentStore> = {
  provide: MongoIntentStore,
  inject: [Database],
  useFactory: ({ db }: Database) => new MongoIntentStore({ db }),
};

/** The gateway's client: intents in the database, its two breakers among those of the house. */
const gateway: FactoryProvider<PayTabsClient> = {
  provide: PayTabsClient,
  inject: [ENVIRONMENT, MongoIntentStore, BREAKERS, CLOCK, RANDOM],
  useFactory: (
    { paytabs: { profileId, serverKey, region, baseUrl } }: Environment,
    intents: MongoIntentStore,
    breakerRegistry: CircuitBreakerRegistry,
    clock: Clock,
    random: Random,
  ) =>
    new PayTabsClient({
      profileId,
      serverKey,
      ...(baseUrl === undefined ? { region: region ?? 'ARE' } : { baseUrl }),
      intents,
      breakerRegistry,
      clock,
      random,
    }),
};

export const gatewayProviders: readonly Provider[] = [intentStore, gateway];
