import type { CircuitBreaker } from '@nestcms/circuit-breaker';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  type ClientSession,
  type ClusterTime,
  type Collection,
  type Db,
  type Document,
  MongoClient,
  type Timestamp,
} from 'mongodb';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { BREAKERS, type CircuitBreakerRegistry } from '../breakers.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../clock.js';
import { LOGGER, type Logger } from '../logger.js';
import { classifyPrimaryUse } from './failures.js';
import { guardCollection } from './guarded-collection.js';
import { COLLECTIONS, type CollectionSpec, ensureCollections } from './schema.js';
import { runTransaction } from './transaction.js';

/** The point in the cluster's history after which a write is visible; handed to readers of replicas. */
export interface CausalToken {
  readonly operationTime: Timestamp;
  readonly clusterTime: ClusterTime;
}

/**
 * The one connection of the server. Writes, and reads that must see them, go to the primary with majority;
 * reads of pipeline classes go to tagged members through the aggregation cache, over the same client.
 *
 * Every use of the primary passes one breaker (`mongodb-primary`): server selection errors and network time-outs
 * count as failures, what the server answers (a duplicate key, a refused document) does not.
 */
@Injectable()
export class Database implements OnModuleInit, OnApplicationShutdown {
  readonly client: MongoClient;
  readonly db: Db;
  readonly breaker: CircuitBreaker;
  readonly #transactionTimeoutMs: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #collections: readonly CollectionSpec[];
  readonly #afterCommit = new WeakMap<ClientSession, Map<string, () => void>>();

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    @Inject(BREAKERS) breakers: CircuitBreakerRegistry,
    @Inject(CLOCK) clock: Clock,
    @Inject(RANDOM) random: Random,
    @Inject(LOGGER) logger: Logger,
    @Inject(COLLECTIONS) collections: readonly CollectionSpec[],
  ) {
    this.client = new MongoClient(environment.mongodbUri, {
      appName: 'nestcms',
      monitorCommands: true,
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      retryReads: true,
      retryWrites: true,
      promoteLongs: true,
      ignoreUndefined: true,
      maxPoolSize: environment.mongodbMaxPoolSize,
      waitQueueTimeoutMS: environment.mongodbServerSelectionTimeoutMs,
      serverSelectionTimeoutMS: environment.mongodbServerSelectionTimeoutMs,
      socketTimeoutMS: environment.mongodbSocketTimeoutMs,
    });
    this.db = this.client.db(environment.mongodbDatabase);
    this.breaker = breakers.getOrCreate({
      name: 'mongodb-primary',
      clock,
      classify: classifyPrimaryUse,
      // Few calls, so that under load a dead primary is noticed by the first ones that run into it.
      window: { kind: 'count', size: 20 },
      minimumCalls: 5,
      // An election takes two to ten seconds.
      openForMs: 2_000,
      halfOpen: { trials: 1 },
    });
    this.#transactionTimeoutMs = environment.transactionTimeoutMs;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#collections = collections;
  }

  /** Connects, makes sure that transactions work, and makes the collections with their indexes. */
  async onModuleInit(): Promise<void> {
    await this.client.connect();
    const hello = await this.db.admin().command({ hello: 1 });
    if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
      throw new Error(
        'The MongoDB server is not a member of a replica set. NestCMS needs transactions: start mongod with --replSet and initiate the set.',
      );
    }
    await ensureCollections(this.db, this.#collections);
    this.#logger.info(
      { database: this.db.databaseName, replicaSet: hello.setName },
      'database ready',
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }

  /**
   * A collection whose operations pass the primary's breaker. Longs stay Longs: a document that is
   * read, changed and written again would else hold its money as an int32 or, larger, as a double.
   */
  collection<T extends Document>(name: string): Collection<T> {
    const collection = this.db.collection<T>(name, { promoteLongs: false });
    return guardCollection(collection, this.breaker);
  }

  /**
   * Runs `work` in one transaction and commits it with majority. `work` may run several times (a conflict, a new
   * primary), so it must have no other effect than its writes. Every operation in it must be given the session.
   * @throws whatever `work` throws, after the transaction was aborted
   */
  async transaction<T>(
    work: (session: ClientSession) => Promise<T>,
  ): Promise<{ result: T; token: CausalToken }> {
    return this.breaker.execute(async () => {
      const session = this.client.startSession();
      try {
        const result = await runTransaction({
          session,
          clock: this.#clock,
          random: this.#random,
          timeoutMs: this.#transactionTimeoutMs,
          work: () => {
            this.#afterCommit.delete(session);
            return work(session);
          },
        });
        for (const callback of this.#afterCommit.get(session)?.values() ?? []) callback();
        return { result, token: causalTokenOf(session) };
      } finally {
        await session.endSession();
      }
    });
  }

  /** Calls back once after the running transaction of `session` was committed; never when it was not. */
  afterCommit(session: ClientSession, key: string, callback: () => void): void {
    const callbacks = this.#afterCommit.get(session) ?? new Map<string, () => void>();
    callbacks.set(key, callback);
    this.#afterCommit.set(session, callbacks);
  }
}

function causalTokenOf(session: ClientSession): CausalToken {
  const { operationTime, clusterTime } = session;
  if (operationTime === undefined || clusterTime === undefined) {
    throw new Error('The transaction asked the server nothing');
  }
  return { operationTime, clusterTime };
}
