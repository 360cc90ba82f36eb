import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession } from 'mongodb';
import { MongoError } from 'mongodb';
import type { Clock, Random } from '../clock.js';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

export interface TransactionRun<T> {
  readonly session: ClientSession;
  readonly clock: Clock;
  /** Spreads the pauses, so that those who collided do not collide again. */
  readonly random: Random;
  /** No attempt begins and no commit is repeated after this time. */
  readonly timeoutMs: number;
  readonly work: () => Promise<T>;
}

/**
 * The retry rules of a transaction, bounded by our own time limit: the driver's `withTransaction` goes on for two
 * minutes, far longer than anyone waits for an answer.
 * @throws the last error when the time is over; after a commit whose end is unknown that is the commit's error
 */
export async function runTransaction<T>(run: TransactionRun<T>): Promise<T> {
  const { session, clock } = run;
  const deadline = clock.now() + run.timeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
    try {
      const result = await run.work();
      await commit(session, clock, deadline);
      return result;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      if (!hasLabel(error, 'TransientTransactionError') || clock.now() >= deadline) throw error;
    }
    // Real time even under a test's clock: what is waited for is another transaction, on a real server.
    await sleep(Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * run.random());
  }
}

async function commit(session: ClientSession, clock: Clock, deadline: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!hasLabel(error, 'UnknownTransactionCommitResult') || clock.now() >= deadline)
        throw error;
    }
  }
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}
