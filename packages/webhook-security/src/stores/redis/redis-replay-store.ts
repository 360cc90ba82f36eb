import type { ClaimResult, ReplayStore } from '../../ports/replay-store.js';
import { invalid, refuseUnknown, requireMethods } from '../../validation.js';
import { unknownFormat } from '../unknown-format.js';

/** The one command this store needs; an ioredis `Redis` or `Cluster` fits. */
export interface RedisCommands {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export interface RedisReplayStoreOptions {
  readonly redis: RedisCommands;
  /** Stands before each key. Default `webhook:`. */
  readonly keyPrefix?: string;
}

/**
 * Values: `1:claimed:<token>`, `1:confirmed` and `1:confirmed:<answer>`. The number is the format version; a value of
 * another version is an error, so that two versions in one store never both let a delivery in.
 */
const claimScript = `
local value = redis.call('GET', KEYS[1])
if value then
  if string.sub(value, 1, 11) == '1:confirmed' then return value end
  if string.sub(value, 1, 10) ~= '1:claimed:' then return 'unknown' end
  if value ~= '1:claimed:' .. ARGV[1] then return 'claimedElsewhere' end
end
redis.call('SET', KEYS[1], '1:claimed:' .. ARGV[1], 'PX', ARGV[2])
return 'claimed'`;

const confirmScript = `
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 2) ~= '1:' then return 'unknown' end
-- What was done must be known: after a DEL a script may write though the memory is full.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], '1:confirmed' .. ARGV[2], 'PX', ARGV[1])
return 'confirmed'`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == '1:claimed:' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'released'`;

/**
 * Remembers deliveries in Redis: each step one script on one key, so it works on a cluster, too.
 * Use a server that does not evict (`maxmemory-policy noeviction`): an evicted delivery can be
 * replayed. A fail-over may forget what the replica had not received yet.
 */
export function createRedisReplayStore(options: RedisReplayStoreOptions): ReplayStore {
  refuseUnknown('', options, ['redis', 'keyPrefix']);
  const { redis, keyPrefix = 'webhook:' } = options;
  requireMethods('redis', redis, ['eval'], 'a client with eval');
  if (typeof keyPrefix !== 'string') throw invalid('keyPrefix', keyPrefix, 'a text');
  const run = (script: string, key: string, ...args: string[]) =>
    redis.eval(script, 1, `${keyPrefix}${key}`, ...args);
  return {
    claim: async (key, { claimMs, token }) => {
      const result = await run(claimScript, key, token, String(claimMs));
      const found = readResult(result);
      if (found !== undefined) return found;
      throw unknownFormat();
    },
    confirm: async (key, { keepMs, answer }) => {
      const kept = answer === undefined ? '' : `:${answer}`;
      const result = await run(confirmScript, key, String(keepMs), kept);
      if (result !== 'confirmed') throw unknownFormat();
    },
    release: async (key, { token }) => {
      await run(releaseScript, key, token);
    },
  };
}

const CONFIRMED = '1:confirmed';

function readResult(value: unknown): ClaimResult | undefined {
  if (value === 'claimed' || value === 'claimedElsewhere') return value;
  if (value === CONFIRMED) return 'confirmed';
  if (typeof value !== 'string' || !value.startsWith(`${CONFIRMED}:`)) return undefined;
  return { result: 'confirmed', answer: value.slice(CONFIRMED.length + 1) };
}
