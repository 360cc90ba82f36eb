import { createHash } from 'node:crypto';

/** A Lua script, run by its hash. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

const script = (source: string): Script => ({
  source,
  sha: createHash('sha1').update(source).digest('hex'),
});

/**
 * A new generation is 19 random characters from the client and the server's time in microseconds, so
 * that a command that is sent twice, as clients do after a lost connection, makes two generations.
 */
const FRESH_ID = `
local time = redis.call('TIME')
local fresh = ARGV[1] .. string.format('%08x%05x', time[1], time[2])
`;

/** Value (if there are two keys) with what is left of its life, and the generations, as of one moment. */
export const LOOK = script(`${FRESH_ID}
local answer = { false, 0 }
if KEYS[2] then
  local value = redis.pcall('GET', KEYS[2])
  -- Another type is somebody else's: an empty value is told apart from none.
  if type(value) == 'table' then value = '' end
  answer = { value, redis.call('PTTL', KEYS[2]) }
end
for i = 2, #ARGV do
  local generation = redis.call('HGET', KEYS[1], ARGV[i])
  if not generation then
    generation = fresh
    redis.call('HSET', KEYS[1], ARGV[i], generation)
  end
  answer[#answer + 1] = generation
end
return answer
`);

/**
 * Each collection gets a new generation and keeps the later of the two times; all processes are told. The
 * field is deleted before it is written: a server at its memory limit refuses a script's first write if
 * that may take memory, and an invalidation must get through when no value does.
 */
export const INVALIDATE = script(`${FRESH_ID}
local answer = {}
local message = '1'
for i = 3, #ARGV, 2 do
  local namespace, after = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[1], namespace)
  local knownAfter = known and string.sub(known, 33) or ''
  -- What is no time, or one that no write had (a day ahead or more), would be the later one for ever.
  local seconds = string.match(knownAfter, '^(%x%x%x%x%x%x%x%x)%x%x%x%x%x%x%x%x')
  if not seconds or tonumber(seconds, 16) > time[1] + 86400 then knownAfter = '' end
  if string.sub(knownAfter, 1, 16) > string.sub(after, 1, 16) then after = knownAfter end
  local generation = fresh .. after
  redis.call('HDEL', KEYS[1], namespace)
  redis.call('HSET', KEYS[1], namespace, generation)
  answer[#answer + 1] = generation
  message = message .. string.format('%08x', #namespace) .. namespace
    .. string.format('%08x', #generation) .. generation
end
redis.call('PUBLISH', ARGV[2], message)
return answer
`);

/**
 * Stores the value if every generation still stands. Under a budget the oldest values make room: \`sizes\`
 * knows what each value counts and, under '@total', all of them; \`order\` knows their age.
 */
export const STORE = script(`
local member, ttl, budget = ARGV[2], ARGV[3], tonumber(ARGV[4])
for i = 6, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[2], ARGV[i])
  if not known or string.sub(known, 1, 32) ~= ARGV[i + 1] then return 'moved' end
end
local size = #ARGV[1] + tonumber(ARGV[5])
if budget > 0 and size > budget then return 'refused' end
-- Before any other write: so a server at its memory limit refuses the whole script.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
if budget > 0 then
  local order, sizes = KEYS[3], KEYS[4]
  local prefix = string.sub(KEYS[1], 1, -(#member + 1))
  local total = tonumber(redis.call('HGET', sizes, '@total') or '0')
  total = total - tonumber(redis.call('HGET', sizes, member) or '0')
  redis.call('ZREM', order, member)
  local oldest = redis.call('ZRANGE', order, 0, 0)[1]
  -- Beside what is over the budget, what has expired since is written off.
  while oldest and (total + size > budget or redis.call('EXISTS', prefix .. oldest) == 0) do
    total = total - tonumber(redis.call('HGET', sizes, oldest) or '0')
    redis.call('DEL', prefix .. oldest)
    redis.call('ZREM', order, oldest)
    redis.call('HDEL', sizes, oldest)
    oldest = redis.call('ZRANGE', order, 0, 0)[1]
  end
  -- Nothing left to count: whatever the sum says (parts of it may have been evicted), it is zero.
  if not oldest then total = 0 end
  redis.call('ZADD', order, redis.call('HINCRBY', sizes, '@sequence', 1), member)
  redis.call('HSET', sizes, member, size, '@total', total + size)
end
return 'stored'
`);

/** Removes the value and what is known of its size. */
export const REMOVE = script(`
redis.call('DEL', KEYS[1])
local size = redis.call('HGET', KEYS[3], ARGV[1])
if size then
  redis.call('HINCRBY', KEYS[3], '@total', -tonumber(size))
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1
`);

/**
 * Told which run of the server this is, before anything of it is used. After a restart or a failover the
 * data may be older than what was acknowledged, generations included: all of them are given up. The
 * times stay, for they only ever make reads stricter. Generations of another format are none of ours to touch.
 */
export const ADOPT = script(`${FRESH_ID}
local format = redis.call('HGET', KEYS[1], '@format')
if format and format ~= ARGV[3] then
  return redis.error_reply('FORMAT is ' .. format .. ', not ' .. ARGV[3])
end
-- Deleted first, as in an invalidation: the server has to be adopted at its memory limit too.
redis.call('HDEL', KEYS[1], '@format')
redis.call('HSET', KEYS[1], '@format', ARGV[3])
if redis.call('HGET', KEYS[1], '@run') == ARGV[2] then return 0 end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  -- A namespace may begin with '@' too, as its database does.
  if all[i] ~= '@format' and all[i] ~= '@run' then
    redis.call('HSET', KEYS[1], all[i], fresh .. string.sub(all[i + 1], 33))
  end
end
redis.call('HSET', KEYS[1], '@run', ARGV[2])
return 1
`);
