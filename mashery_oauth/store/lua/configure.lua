-- Writes configuration records, all or none, as the version after the one that the writer had read.
-- KEYS 1 version "n:nonce"  2 log  3.. one hash per kind of record
-- ARGV 1 version number read  2 nonce of the new version  3 JSON list of {hash number, field, value or false}
--      4 length that the log may have
-- Returns the new version number, or -1 when somebody else wrote first.
local current = redis.call('GET', KEYS[1]) or '0:'
local number = tonumber(string.match(current, '^(%d+):'))
local wanted = tonumber(ARGV[1]) + 1
local mine = string.format('%d:%s', wanted, ARGV[2])
if current == mine then return wanted end
if number ~= wanted - 1 then return -1 end

for _, change in ipairs(cjson.decode(ARGV[3])) do
  local hash, field, value = KEYS[2 + change[1]], change[2], change[3]
  if value then redis.call('HSET', hash, field, value) else redis.call('HDEL', hash, field) end
  redis.call('ZADD', KEYS[2], wanted, mine .. ':' .. change[1] .. ':' .. field)
end
redis.call('SET', KEYS[1], mine)
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[4]))
return wanted
