-- Counts a caller's call within one second.
-- KEYS 1 counter of the caller and second
-- ARGV 1 life (ms)
-- Returns the count, this call included.
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
