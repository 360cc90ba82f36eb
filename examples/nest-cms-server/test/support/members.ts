import {
  type CommandStartedEvent,
  type CommandSucceededEvent,
  type Document,
  type MongoClient,
  ReadPreference,
} from 'mongodb';
import type { ServerHandle } from './start-server.js';

interface MemberConfig {
  readonly host: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Names the members of the set by their tag, as command monitoring shows their addresses. */
async function memberTags(client: MongoClient): Promise<(address: string) => string> {
  const { config } = (await client.db('admin').command({ replSetGetConfig: 1 })) as unknown as {
    config: { members: readonly MemberConfig[] };
  };
  const tags = new Map(config.members.map(({ host, tags }) => [host, tags?.replica ?? 'primary']));
  return (address) => tags.get(address) ?? address;
}

const READS = new Set(['find', 'aggregate', 'count', 'distinct']);

/** Aggregations of these are questions of single documents (`countDocuments`), no pipeline classes. */
const NO_PIPELINES = new Set(['outbox', 'journal']);

/** The cache asks a member for nothing, to learn whether it has come far enough. */
const isProbe = (name: string, { comment }: Document): boolean =>
  name === 'find' && String(comment).startsWith('aggregation-cache: waits for');

/**
 * By command monitoring: the pipelines that were served, by whom, and whatever else a secondary
 * answered, as `contracts on replica1` or `find users on replica2`.
 */
export class ReadMonitor {
  #reads: string[] = [];

  static async of(client: MongoClient): Promise<ReadMonitor> {
    const monitor = new ReadMonitor();
    const tagOf = await memberTags(client);
    const asked = new Map<number, string>();
    client.on('commandStarted', ({ commandName, command, requestId }: CommandStartedEvent) => {
      if (READS.has(commandName) && !isProbe(commandName, command)) {
        asked.set(requestId, String(command[commandName]));
      }
    });
    client.on('commandFailed', ({ requestId }) => asked.delete(requestId));
    client.on('commandSucceeded', ({ commandName, requestId, address }: CommandSucceededEvent) => {
      const collection = asked.get(requestId);
      if (collection === undefined || !asked.delete(requestId)) return;
      const member = tagOf(address);
      const isPipeline = commandName === 'aggregate' && !NO_PIPELINES.has(collection);
      if (isPipeline) monitor.#reads.push(`${collection} on ${member}`);
      else if (member !== 'primary') {
        monitor.#reads.push(`${commandName} ${collection} on ${member}`);
      }
    });
    return monitor;
  }

  /** What was read since the last time. */
  take(): string[] {
    const reads = this.#reads;
    this.#reads = [];
    return reads;
  }
}

/** Longer than any machine starves a member. */
const CATCH_UP_MS = 60_000;

/**
 * Waits until these members have everything that is written by now. One that lags is rightly passed
 * over by the router, so a test that says who answers lets them come along first.
 */
export async function caughtUp(
  { db }: Pick<ServerHandle, 'db'>,
  replicas: readonly string[] = ['replica1', 'replica2'],
): Promise<void> {
  const session = db.client.startSession({ causalConsistency: true });
  try {
    // Gives the session the time of now; a member answers only once it has come that far.
    await db.command({ ping: 1 }, { session, readPreference: 'primary' });
    for (const replica of replicas) {
      await db.collection('users').findOne(
        {},
        {
          session,
          readPreference: new ReadPreference('secondary', [{ replica }]),
          readConcern: { level: 'majority' },
          maxTimeMS: CATCH_UP_MS,
        },
      );
    }
  } finally {
    await session.endSession();
  }
}
