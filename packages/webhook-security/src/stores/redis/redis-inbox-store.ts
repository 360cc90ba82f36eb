import { type ErrorKind, errorKind } from '../../observer.js';
import type { DeadLetter, InboxStore, TakenEntry } from '../../ports/inbox-store.js';
import { invalid, refuseUnknown, requireMethods } from '../../validation.js';
import { cursorOf, placeOf } from '../dead-letter-cursor.js';
import { readDelivery } from '../read-delivery.js';
import { unknownFormat } from '../unknown-format.js';
import * as scripts from './inbox-scripts.js';
import type { RedisCommands } from './redis-replay-store.js';

export interface RedisInboxStoreOptions {
  readonly redis: RedisCommands;
  /**
   * Names the inbox. Default `webhook-inbox`. All its keys hold it in braces, as their hash tag, so that they
   * are together on one node of a cluster.
   */
  readonly keyPrefix?: string;
}

/**
 * An inbox in Redis: each step one script. Use a server that does not evict (`maxmemory-policy noeviction`)
 * and writes to disk (`appendonly yes`): the sender will not send again what was stored here. A fail-over
 * may lose what the replica had not received yet; where that may not be, use MongoDB.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createRedisInboxStore(options: RedisInboxStoreOptions): InboxStore {
  refuseUnknown('', options, ['redis', 'keyPrefix']);
  const { redis, keyPrefix = 'webhook-inbox' } = options;
  requireMethods('redis', redis, ['eval'], 'a client with eval');
  if (typeof keyPrefix !== 'string' || !/^[^{}]{1,200}$/.test(keyPrefix)) {
    throw invalid('keyPrefix', keyPrefix, 'a text of 1 to 200 characters without braces');
  }
  const sets = [`{${keyPrefix}}:open`, `{${keyPrefix}}:dead`];
  const entryPrefix = `{${keyPrefix}}:entry:`;
  const ofAll = (script: string, ...args: (string | number)[]) =>
    redis.eval(script, 2, ...sets, ...args.map(String));
  const ofOne = async (script: string, key: string, ...args: (string | number)[]) => {
    const result = await redis.eval(
      script,
      3,
      ...sets,
      entryPrefix + key,
      key,
      ...args.map(String),
    );
    if (result === scripts.UNKNOWN) throw unknownFormat();
    return result;
  };
  const isDone = async (...step: Parameters<typeof ofOne>) => (await ofOne(...step)) === 'done';

  return {
    add: async (key, delivery) =>
      (await ofOne(scripts.addScript, key, JSON.stringify(delivery))) === 'added'
        ? 'added'
        : 'known',
    take: async ({ token, leaseMs, limit }) => {
      const result = await ofAll(scripts.takeScript, entryPrefix, token, leaseMs, limit);
      const [taken, unreadable] = result as [[string, string, number][], string[]];
      const entries: TakenEntry[] = [];
      for (const [key, text, attempt] of taken) {
        const delivery = readDelivery(parsed(text));
        if (delivery === undefined) unreadable.push(key);
        else entries.push({ key, delivery, attempt });
      }
      return { entries, unreadable };
    },
    renew: (key, { token, leaseMs }) => isDone(scripts.renewScript, key, token, leaseMs),
    complete: (key, { token, keepMs }) => isDone(scripts.completeScript, key, token, keepMs),
    retry: (key, { token, delayMs, error }) =>
      isDone(scripts.retryScript, key, token, delayMs, errorText(error)),
    bury: (key, { token, error }) => isDone(scripts.buryScript, key, token, errorText(error)),
    deadLetters: async ({ limit, after }) => {
      const place = placeOf(after);
      const from = place === undefined ? ['', ''] : [place.buriedAt, place.key];
      const result = await ofAll(scripts.deadLettersScript, entryPrefix, limit, ...from);
      const found = result as [string, string, string, string, string][];
      const page = found.slice(0, limit);
      const [lastKey = '', , , lastTime] = page.at(-1) ?? [];
      return {
        entries: page.flatMap(deadLetterOf),
        next:
          found.length > limit ? cursorOf({ buriedAt: Number(lastTime), key: lastKey }) : undefined,
      };
    },
    replay: (key) => isDone(scripts.replayScript, key),
    counts: async () => {
      const [due, later, dead] = (await ofAll(scripts.countsScript)) as [number, number, number];
      return { due, later, dead };
    },
  };
}

const errorText = ({ name, code }: ErrorKind) => JSON.stringify({ name, code });

/** None for a damaged one, which is left as it is. */
function deadLetterOf([key, text, attempts, buriedAt, error]: [
  string,
  string,
  string,
  string,
  string,
]): DeadLetter[] {
  const delivery = readDelivery(parsed(text));
  if (delivery === undefined) return [];
  return [
    {
      key,
      delivery,
      attempts: Number(attempts),
      buriedAt: Number(buriedAt),
      error: errorKind(parsed(error)),
    },
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
