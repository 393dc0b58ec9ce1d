-- Goes before the scripts that end a token as its time would have ended it: what that does to a list.

-- A token that is ended before its time moves back to now in its list, and the list ends when it would have ended
-- then: with what else is on it, unless something that is on it no more than by name held it longer.
local function list_ended(key, member, retention, now)
  local held = redis.call('PTTL', key) - (tonumber(redis.call('ZSCORE', key, member)) - now + retention)
  redis.call('ZADD', key, 'XX', string.format('%d', now), member)
  if held > 1000 then return end
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIRE', key, string.format('%d', tonumber(last[2]) - now + retention))
end
