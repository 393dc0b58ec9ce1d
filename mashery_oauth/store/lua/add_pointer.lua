-- Lists a token that keeps its place under the user that it was given to, and its grant for as long as that lives.
-- KEYS 1 index  2 marks
-- ARGV 1 JSON: application member (without its stamp) expiry retention most (0: any number)
--      grant (member, or false) grant_expiry (ms; 0 where there is none)
-- Returns "ok" or "full".
local a = cjson.decode(ARGV[1])
local now = clock()
local raw = redis.call('GET', KEYS[2])
local m = marks_of(raw)
local given = m.p or 0
if a.most > 0 and given >= a.most then
  given = 0
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%d', now), '+inf')) do
    if string.sub(member, 1, 1) == '>' then given = given + 1 end
  end
  if given >= a.most then return 'full' end
end
m.p = given + 1
list_token(KEYS[1], a.expiry, string.format('>%s.%d.%s', a.application, m.s, a.member), a.retention, now)
if a.grant then list_token(KEYS[1], a.grant_expiry, a.grant, a.retention, now) end
keep_marks(KEYS[2], raw, m, true, math.max(a.expiry, a.grant_expiry, now + 1000) - now, now)
return 'ok'
