import { INTENT_VERSION } from '../../intents/intent.js';

/**
 * Each step is one script. All keys of a profile hold the same hash tag, so they are on one node of a cluster. A record is
 * a text of JSON; the sorted set of due references goes by milliseconds, and each version of the format has its own. What
 * is written holds a token of its own, so that a driver that sends a command twice, after a connection broke, is answered
 * as if it had sent it once: equal texts are one call.
 */

/** KEYS: record, due. ARGV: text, reference, due time or ''. Answers 1, or 0 where the reference was begun before. */
export const beginScript = `
local held = redis.pcall('GET', KEYS[1])
if held and held ~= ARGV[1] then return '0' end
if ARGV[3] ~= '' then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
redis.call('SET', KEYS[1], ARGV[1])
return '1'`;

/**
 * KEYS: record, due. ARGV: text, reference, due time or '', the revision it replaces, milliseconds to keep it or ''.
 * Answers 1, or 0 where another revision is there. It begins with a removal: after that a script may write though the
 * memory is full, and what is in flight can be ended.
 */
export const replaceScript = `
local held = redis.call('GET', KEYS[1])
if not held then return '0' end
if held ~= ARGV[1] then
  local isRead, record = pcall(cjson.decode, held)
  if not isRead or type(record) ~= 'table' then return '0' end
  if record.v ~= ${INTENT_VERSION} or record.revision ~= tonumber(ARGV[4]) then return '0' end
end
redis.call('ZREM', KEYS[2], ARGV[2])
if ARGV[5] == '' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[5]) end
if ARGV[3] ~= '' then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
return '1'`;

/** KEYS: record. As a script it is asked of the primary, whatever the client does with reads. */
export const findScript = `return redis.call('GET', KEYS[1])`;

/**
 * KEYS: due, and what the keys of records begin with. ARGV: latest due time, how many to skip, how many to list. Answers
 * pairs of reference and text; the text is empty where there is something else, and nil where there is nothing.
 */
export const listDueScript = `
local pairs = {}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', ARGV[2], ARGV[3])
for index, reference in ipairs(due) do
  local text = redis.pcall('GET', KEYS[2] .. reference)
  if type(text) == 'table' then text = '' end
  pairs[index] = { reference, text }
end
return pairs`;

/** KEYS: one of the node's. Answers the policy and whether there is an append-only file; '' for what it may not ask. */
export const checkScript = `
local function ask(section, name)
  local info = redis.pcall('INFO', section)
  return type(info) == 'string' and string.match(info, name .. ':([^\\r\\n]+)') or ''
end
return { ask('memory', 'maxmemory_policy'), ask('persistence', 'aof_enabled') }`;
