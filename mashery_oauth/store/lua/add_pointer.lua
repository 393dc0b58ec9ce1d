-- Lists a token that keeps its place under the user that it was given to.
-- KEYS 1 index  2 marks
-- ARGV 1 JSON: application member (without its stamp) expiry life retention most
-- Returns "ok" or "full".
local a = cjson.decode(ARGV[1])
local now = clock()
local raw = redis.call('GET', KEYS[2])
local m = marks_of(raw)
if (m.p or 0) >= a.most then return 'full' end
m.p = (m.p or 0) + 1
list_token(KEYS[1], a.expiry, string.format('>%s.%d.%s', a.application, m.s, a.member), a.retention, now)
keep_marks(KEYS[2], raw, m, true, a.life, now)
return 'ok'
