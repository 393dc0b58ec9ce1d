-- Adds to a counter, which ends some time after it began.
-- KEYS 1 counter
-- ARGV 1 life (ms)  2 how many
-- Returns what it stands at.
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
