import type { ParseArgsConfig } from 'node:util';
import type { CommandIo } from '../command.js';
import { UsageError } from '../usage-error.js';
import type { StorePlace } from './open-store.js';

/** Options of each command that looks into a shop's store. */
export const placeFlags = {
  mongodb: { type: 'string' },
  database: { type: 'string' },
  collection: { type: 'string' },
  redis: { type: 'string' },
  prefix: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

type PlaceFlags = Readonly<Partial<Record<keyof typeof placeFlags, string | undefined>>>;

/** Where the intents are, or undefined where nobody says it. @throws UsageError */
export function readPlace(flags: PlaceFlags, env: CommandIo['env']): StorePlace | undefined {
  const { mongodb, redis, database, collection, prefix } = flags;
  const isNamed = mongodb !== undefined || redis !== undefined;
  const mongoUrl = isNamed ? mongodb : env.PAYTABS_MONGODB_URL || undefined;
  const redisUrl = isNamed ? redis : env.PAYTABS_REDIS_URL || undefined;
  if (mongoUrl !== undefined && redisUrl !== undefined) {
    throw new UsageError('Say where the intents are: either --mongodb or --redis');
  }
  if (mongoUrl === undefined) {
    refuse(database ?? collection, '--database and --collection go with --mongodb');
  }
  if (redisUrl === undefined) refuse(prefix, '--prefix goes with --redis');
  if (mongoUrl !== undefined) return inMongo(mongoUrl, { database, collection });
  if (redisUrl === undefined) return undefined;
  const url = checkUrl(redisUrl, { name: 'redis', form: /^rediss?:\/\/./i });
  return { kind: 'redis', url, prefix };
}

function inMongo(
  asked: string,
  { database, collection }: { database: string | undefined; collection: string | undefined },
): StorePlace {
  const url = checkUrl(asked, { name: 'mongodb', form: /^mongodb(?:\+srv)?:\/\/./i });
  // The driver would look into a database "test", and find that nothing is due.
  if (!database && !/^[^/]+\/\/[^/]+\/[^?]/.test(url)) {
    throw new UsageError('Say which database: --database, or in the URL after the host');
  }
  return { kind: 'mongodb', url, database, collection };
}

function refuse(value: string | undefined, message: string): void {
  if (value !== undefined) throw new UsageError(message);
}

/** Does not show it: it may hold a password. */
function checkUrl(url: string, { name, form }: { name: string; form: RegExp }): string {
  if (form.test(url)) return url;
  throw new UsageError(`--${name} must be a URL that begins with ${name}://`);
}
