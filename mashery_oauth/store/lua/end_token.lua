-- Ends a token before its time, as its time would: its record goes, and the list of its user has it as one that expired.
-- KEYS 1 token  2 index
-- ARGV 1 retention (ms)
-- Returns the owner that the token was given to, "" where it was not; nothing where there is no token.
local now = clock()
local value = redis.call('GET', KEYS[1])
if not value then return nil end
local record = fields(value)
local gone = record[1] == 'x'
local member = not gone and member_of(KEYS[2], record[5], record[8]) or nil
redis.call('DEL', KEYS[1])
if member then list_ended(KEYS[2], member, tonumber(ARGV[1]), now) end
return gone and '' or record[7]
