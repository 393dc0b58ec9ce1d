-- Lists a token that was given to a user, and has ended, as one that expired.
-- KEYS 1 index
-- ARGV 1 place (tag and digest)  2 retention (ms)
-- Returns nothing.
local now = clock()
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%d', now), '+inf')) do
  if string.match(member, '^>[^.]*%.%d+%.[^.]*%.(' .. string.rep('.', #ARGV[1]) .. ')') == ARGV[1] then
    list_ended(KEYS[1], member, tonumber(ARGV[2]), now)
  end
end
