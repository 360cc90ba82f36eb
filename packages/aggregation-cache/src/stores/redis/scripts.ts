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

/** Version of the layout of state and generations; a server that holds another one is stayed away from. */
const STATE_FORMAT = '2';

/** Milliseconds; 31 days. What nobody has asked for or changed since is forgotten, which only makes more void. */
export const LIFE_MS = 31 * 86_400_000;

/**
 * KEYS[1] is the state in all scripts. The identity of a run: a server gets another one whenever it starts
 * and whenever it is made a primary.
 */
const RUN = `
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)') or ''
`;

/**
 * Whoever answers must be the run that was adopted. As the script itself looks, it does not matter which way
 * the command came: redirected, sent again after a lost connection, or answered by a promoted replica.
 */
const CHECK_RUN = `${RUN}
if run ~= ARGV[1] then return redis.error_reply('RUN changed') end
`;

/**
 * A write that changes nothing. A replica refuses it, and so does a primary that has lost more replicas than
 * it may. After it, a server at its memory limit lets the script write, which invalidations must.
 */
const MAY_WRITE = `
redis.call('PERSIST', KEYS[1])
`;

const TIME = `
local time = redis.call('TIME')
local function nowMs()
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/**
 * A generation begins with its id: random characters from the client, the server's time and a count, so that a
 * command that is sent twice, as clients do after a lost connection, makes two.
 */
const GENERATIONS = `
${TIME}
local made = 0
local function fresh()
  made = made + 1
  return ARGV[2] .. string.format('%08x%05x%03x', time[1], time[2], made)
end
local function isWhole(generation)
  if not generation or #generation < 32 then return false end
  local other = string.find(generation, '[^0-9a-f]')
  return not other or other > 32
end
-- What is no time, or one that no write had (a day ahead or more), would be the latest for ever.
local function believable(after)
  local seconds = after and string.match(after, '^(%x%x%x%x%x%x%x%x)%x%x%x%x%x%x%x%x')
  return seconds and tonumber(seconds, 16) <= time[1] + 86400 and after or ''
end
local function later(one, other)
  return string.sub(one, 1, 16) > string.sub(other, 1, 16) and one or other
end
-- The generation of everything. Lost, it comes back without a time: nobody knows what else was lost.
local function epoch()
  local known = redis.call('HGET', KEYS[1], 'epoch')
  if isWhole(known) then return known end
  local begun = fresh()
  redis.call('HSET', KEYS[1], 'format', '${STATE_FORMAT}', 'run', run, 'epoch', begun)
  return begun
end
`;

/**
 * Tells which run of the server this is, before anything of it is used. After a restart or a
 * failover the data may be older than what was acknowledged: a new epoch makes all of it void. State of
 * another format is none of ours to touch.
 */
export const ADOPT = script(`${RUN}${GENERATIONS}
local format = redis.call('HGET', KEYS[1], 'format')
if format and format ~= '${STATE_FORMAT}' then
  return redis.error_reply('FORMAT is ' .. format .. ', not ${STATE_FORMAT}')
end
${MAY_WRITE}
if run == '' or redis.call('HGET', KEYS[1], 'run') ~= run then
  redis.call('HSET', KEYS[1], 'format', '${STATE_FORMAT}', 'run', run, 'epoch', fresh())
end
return run
`);

/**
 * Epoch, the server's time in milliseconds, and the generations: all as of one moment. Values are read
 * beside it, for out of a script they take three times as long.
 */
export const LOOK = script(`${CHECK_RUN}${GENERATIONS}
local generations = #KEYS > 1 and redis.call('MGET', unpack(KEYS, 2)) or {}
local newest
for i = 1, #generations do
  if not isWhole(generations[i]) then
    newest = newest or believable(redis.call('HGET', KEYS[1], 'newest'))
    generations[i] = fresh() .. newest
    -- Refused at the memory limit, it is one that nothing can be stored under.
    redis.pcall('SET', KEYS[i + 1], generations[i], 'PX', ${LIFE_MS})
  end
end
${MAY_WRITE}
return { epoch(), nowMs(), unpack(generations) }
`);

/** How far the announcements are. */
export const POSITION = script(`${CHECK_RUN}${GENERATIONS}${MAY_WRITE}
return { epoch(), redis.call('HGET', KEYS[1], 'sequence') or '0' }
`);

/**
 * Each dependency gets a new generation and keeps the later of the two times; all processes are told. One that
 * has no generation gets none to keep: nothing that is stored depends on it, and who asks for it next is
 * given the newest time of all.
 */
export const INVALIDATE = script(`${CHECK_RUN}${GENERATIONS}${MAY_WRITE}
local channel, nameAt, ofEverything = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local newest = believable(redis.call('HGET', KEYS[1], 'newest'))
local before = newest
local known = #KEYS > 1 and redis.call('MGET', unpack(KEYS, 2)) or {}
local answer, message = {}, ''
local function tell(name, generation)
  answer[#answer + 1] = generation
  message = message .. string.format('%08x', #name) .. name
    .. string.format('%08x', #generation) .. generation
end
for i = 2, #KEYS do
  local after, old = ARGV[4 + i], known[i - 1]
  newest = later(newest, after)
  if isWhole(old) then after = later(believable(string.sub(old, 33)), after) end
  local generation = fresh() .. after
  if old then redis.call('SET', KEYS[i], generation, 'PX', ${LIFE_MS}) end
  tell(string.sub(KEYS[i], nameAt), generation)
end
local begun = epoch()
if ofEverything ~= '-' then
  newest = later(newest, ofEverything)
  begun = fresh() .. later(believable(string.sub(begun, 33)), ofEverything)
  redis.call('HSET', KEYS[1], 'epoch', begun)
  tell('*', begun)
end
if newest ~= before then redis.call('HSET', KEYS[1], 'newest', newest) end
local sequence = redis.call('HINCRBY', KEYS[1], 'sequence', 1)
redis.call('PUBLISH', channel, '2' .. string.sub(begun, 1, 32)
  .. string.format('%014x', sequence) .. message)
return answer
`);

/** A lease is kept as 'L', its fence, and whether somebody waits for it; a failure as 'F' and its bytes. */
const LEASES = `
local function holds(key, fence)
  local kept = redis.call('GET', key)
  return kept and #kept == 18 and string.sub(kept, 1, 17) == 'L' .. fence and kept
end
local function finish(key, kept, channel, name)
  redis.call('DEL', key)
  if string.sub(kept, 18) == '1' then redis.call('PUBLISH', channel, name) end
end
`;

/**
 * Stores the value, after the time at which it ends, if every generation still stands, and the lease, if there is one, is held; ends that.
 * Under a budget the oldest values make room: `sizes` knows what each value counts and, under '@total', all
 * of them; `order` knows their age.
 */
export const STORE = script(`${CHECK_RUN}${TIME}${LEASES}
local bytes, member, ttl, budget = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local size = #bytes + tonumber(ARGV[6])
local fence, channel, name = ARGV[8], ARGV[9], ARGV[10]
local lease = fence ~= '' and holds(KEYS[5], fence)
if fence ~= '' and not lease then return 'fenced' end
local function ends(outcome)
  if lease then finish(KEYS[5], lease, channel, name) end
  return outcome
end
if ARGV[7] ~= '' and string.sub(redis.call('HGET', KEYS[1], 'epoch') or '', 1, 32) ~= ARGV[7] then
  return ends('moved')
end
local known = #KEYS > 5 and redis.call('MGET', unpack(KEYS, 6)) or {}
for i = 1, #known do
  if not known[i] or string.sub(known[i], 1, 32) ~= ARGV[10 + i] then return ends('moved') end
end
if budget > 0 and size > budget then return ends('refused') end
-- What is of another type is none of ours, and goes; it is told of.
local isOurs = ({ none = true, string = true })[redis.call('TYPE', KEYS[2]).ok]
-- Before any other write: so a server at its memory limit refuses it.
local set = redis.pcall('SET', KEYS[2], string.format('%016.0f', nowMs() + ttl) .. bytes, 'PX', ttl)
if set.err then return ends(set) end
if budget > 0 then
  local order, sizes = KEYS[3], KEYS[4]
  local prefix = string.sub(KEYS[2], 1, -(#member + 1))
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
return ends(isOurs and 'stored' or 'replaced')
`);

/** Removes the value and what is known of its size. */
export const REMOVE = script(`${CHECK_RUN}
redis.call('DEL', KEYS[2])
local size = redis.call('HGET', KEYS[4], ARGV[2])
if size then
  redis.call('HINCRBY', KEYS[4], '@total', -tonumber(size))
  redis.call('HDEL', KEYS[4], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
end
return 1
`);

/**
 * A fence is the server's time in microseconds, or one more than the last: should that be lost, no lease
 * that was given before is the newest again.
 */
export const LEASE = script(`${CHECK_RUN}${TIME}${MAY_WRITE}
local kept = redis.call('GET', KEYS[2])
local kind = kept and string.sub(kept, 1, 1)
if kind == 'F' then return { 0, string.sub(kept, 2) } end
if kind == 'L' and #kept == 18 then
  if string.sub(kept, 18) == '0' then redis.call('SETRANGE', KEYS[2], 17, '1') end
  return { 0 }
end
local last = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0') or 0
local fence = string.format('%016.0f', math.max(time[1] * 1000000 + time[2], last + 1))
redis.call('HSET', KEYS[1], 'fence', fence)
redis.call('SET', KEYS[2], 'L' .. fence .. '0', 'PX', ARGV[2])
return { 1, fence }
`);

export const RENEW = script(`${CHECK_RUN}${MAY_WRITE}${LEASES}
return holds(KEYS[2], ARGV[2]) and redis.call('PEXPIRE', KEYS[2], ARGV[3]) or 0
`);

/** Ends a lease that is held; ARGV[6], if there, is the failure to be told for ARGV[5] milliseconds. */
export const RELEASE = script(`${CHECK_RUN}${MAY_WRITE}${LEASES}
local kept = holds(KEYS[2], ARGV[2])
if not kept then return 0 end
finish(KEYS[2], kept, ARGV[3], ARGV[4])
if ARGV[6] then redis.call('SET', KEYS[2], 'F' .. ARGV[6], 'PX', ARGV[5]) end
return 1
`);

export const PROGRESS = script(`${CHECK_RUN}${MAY_WRITE}
return redis.call('GET', KEYS[2])
`);

export const SAVE_PROGRESS = script(`${CHECK_RUN}${MAY_WRITE}${LEASES}
if not holds(KEYS[2], ARGV[2]) then return 0 end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ${LIFE_MS})
return 1
`);
