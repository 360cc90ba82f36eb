/**
 * The steps of the Redis inbox, each one script. KEYS[1] is the sorted set of open entries by due time (or
 * end of lease), KEYS[2] that of dead letters by time of burial, KEYS[3] the entry in question, a hash:
 * `v` (format version 1), `state` (open, completed, dead), `delivery` (JSON), `attempts`, `token`, `error`
 * (JSON). An entry of another version is never written to.
 *
 * Where the memory is full a script may write once it has removed something. So each that works off what is
 * there begins with a removal, or a full inbox could not be emptied; `add` does not, and is refused.
 */

/** What a script answers where it found an entry that this version does not know. */
export const UNKNOWN = 'unknown';

/** Milliseconds by the server's clock, in a form that Lua does not write as 1.7e+12. */
const now = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`;

/** An entry is whole where all that its state needs is there and of its kind. */
const readEntry = `
local function read(key)
  if redis.call('TYPE', key).ok ~= 'hash' then return nil end
  local e = redis.call('HMGET', key, 'v', 'state', 'delivery', 'attempts', 'token', 'error')
  if e[1] ~= '1' then return nil end
  if e[2] == 'completed' then return e end
  if e[2] ~= 'open' and e[2] ~= 'dead' then return nil end
  if not e[3] or string.sub(e[3], 1, 1) ~= '{' or not string.match(e[4] or '', '^%d+$') then return nil end
  if e[2] == 'dead' and not e[6] then return nil end
  return e
end`;

/** ARGV: member, delivery. */
export const addScript = `${now}${readEntry}
if redis.call('EXISTS', KEYS[3]) == 1 then
  if read(KEYS[3]) then return 'known' end
  return '${UNKNOWN}'
end
redis.call('HSET', KEYS[3], 'v', '1', 'state', 'open', 'delivery', ARGV[2], 'attempts', '0')
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 'added'`;

/**
 * ARGV: what entry keys begin with, token, leaseMs, limit. Steps over entries that it cannot read, and
 * says which; the longest list of them is short, and a call looks at so many at most.
 */
export const takeScript = `${now}${readEntry}
local limit, taken, unreadable, offset = tonumber(ARGV[4]), {}, {}, 0
local leaseEnd = string.format('%.0f', now + ARGV[3])
while #taken < limit and offset < 1000 do
  local members = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', offset, limit)
  if #members == 0 then break end
  for _, member in ipairs(members) do
    local key = ARGV[1] .. member
    local e = read(key)
    if #taken == limit then break end
    if e and e[2] == 'open' then
      redis.call('HDEL', key, 'token')
      local attempts = redis.call('HINCRBY', key, 'attempts', 1)
      redis.call('HSET', key, 'token', ARGV[2])
      redis.call('ZADD', KEYS[1], leaseEnd, member)
      taken[#taken + 1] = { member, e[3], attempts }
    else
      if #unreadable < 10 then unreadable[#unreadable + 1] = member end
      offset = offset + 1
    end
  end
end
return { taken, unreadable }`;

/** What the lease holder's steps begin with. ARGV: member, token, more. */
const held = `${now}${readEntry}
if redis.call('EXISTS', KEYS[3]) == 0 then return 'lost' end
local e = read(KEYS[3])
if not e then return '${UNKNOWN}' end
if e[2] ~= 'open' or e[5] ~= ARGV[2] then return 'lost' end`;

/** ARGV: member, token, leaseMs. */
export const renewScript = `${held}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
return 'done'`;

/** ARGV: member, token, keepMs. */
export const completeScript = `${held}
redis.call('HDEL', KEYS[3], 'delivery', 'attempts', 'token', 'error')
redis.call('HSET', KEYS[3], 'state', 'completed')
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('ZREM', KEYS[1], ARGV[1])
return 'done'`;

/** ARGV: member, token, delayMs, error. */
export const retryScript = `${held}
redis.call('HDEL', KEYS[3], 'token')
redis.call('HSET', KEYS[3], 'error', ARGV[4])
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
return 'done'`;

/** ARGV: member, token, error. */
export const buryScript = `${held}
redis.call('HDEL', KEYS[3], 'token')
redis.call('HSET', KEYS[3], 'state', 'dead', 'error', ARGV[3])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now, ARGV[1])
return 'done'`;

/**
 * ARGV: what entry keys begin with, limit, and where the page before ended: time and member, or empty
 * texts. One more than the limit says that there is a next page.
 */
export const deadLettersScript = `${readEntry}
-- Equal times are in the order of their bytes; Lua's own comparison goes by the server's language.
local function isGreater(one, other)
  for index = 1, math.min(#one, #other) do
    local a, b = string.byte(one, index), string.byte(other, index)
    if a ~= b then return a > b end
  end
  return #one > #other
end
local limit, found, offset = tonumber(ARGV[2]) + 1, {}, 0
local from = ARGV[3] == '' and '-inf' or ARGV[3]
while #found < limit do
  local page = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf', 'WITHSCORES', 'LIMIT', offset, limit)
  if #page == 0 then break end
  for index = 1, #page, 2 do
    local member, score = page[index], page[index + 1]
    local isAfter = ARGV[3] == '' or tonumber(score) > tonumber(ARGV[3]) or isGreater(member, ARGV[4])
    local e = isAfter and #found < limit and read(ARGV[1] .. member)
    if e and e[2] == 'dead' then found[#found + 1] = { member, e[3], e[4], score, e[6] } end
    offset = offset + 1
  end
end
return found`;

/** ARGV: member. */
export const replayScript = `${now}${readEntry}
if redis.call('EXISTS', KEYS[3]) == 0 then return 'absent' end
local e = read(KEYS[3])
if not e then return '${UNKNOWN}' end
if e[2] ~= 'dead' then return 'absent' end
redis.call('HDEL', KEYS[3], 'error')
redis.call('HSET', KEYS[3], 'state', 'open', 'attempts', '0')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 'done'`;

export const countsScript = `${now}
local due = redis.call('ZCOUNT', KEYS[1], '-inf', now)
return { due, redis.call('ZCARD', KEYS[1]) - due, redis.call('ZCARD', KEYS[2]) }`;
