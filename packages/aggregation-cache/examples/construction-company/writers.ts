import { type AggregationCache, causalToken } from '@nestcms/aggregation-cache';
import type { ClientSession, Db, MongoClient } from 'mongodb';

interface User {
  readonly _id: number;
  readonly name: string;
}

interface Payment {
  readonly contractId: number;
  readonly minor: number;
}

interface Contract {
  readonly _id: number;
  readonly projectId: number;
  readonly title: string;
  readonly state: string;
  readonly employeeIds: readonly number[];
}

/** Whoever writes invalidates, once the write is acknowledged, with its time. */
export class Writers {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #cache: AggregationCache;

  constructor(client: MongoClient, database: Db, cache: AggregationCache) {
    this.#client = client;
    this.#database = database;
    this.#cache = cache;
  }

  async renameUser({ _id, name }: User): Promise<void> {
    const after = await this.#write((session) =>
      this.#database.collection<User>('users').updateOne({ _id }, { $set: { name } }, { session }),
    );
    await this.#cache.invalidate({ documents: [{ collection: 'users', ids: [_id] }], after });
  }

  async addContract(contract: Contract): Promise<void> {
    const after = await this.#write((session) =>
      this.#database.collection<Contract>('contracts').insertOne({ ...contract }, { session }),
    );
    await this.#cache.invalidate({ collections: ['contracts'], after });
  }

  async addPayment(payment: Payment): Promise<void> {
    const after = await this.#write((session) =>
      this.#database.collection<Payment>('payments').insertOne({ ...payment }, { session }),
    );
    await this.#cache.invalidate({ collections: ['payments'], after });
  }

  #write(work: (session: ClientSession) => Promise<unknown>) {
    return this.#client.withSession(async (session) => {
      await work(session);
      return causalToken(session);
    });
  }
}
