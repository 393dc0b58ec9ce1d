-- Keeps an authorization code, stamped like a token, so that a revocation reaches it before it is redeemed.
-- KEYS 1 code  2 marks
-- ARGV 1 JSON: the code's members without its stamp, and life (ms)
-- Returns "ok".
local a = cjson.decode(ARGV[1])
local life = a.life
local raw = redis.call('GET', KEYS[2])
local m = marks_of(raw)
a.life, a.stamp = nil, m.s
redis.call('SET', KEYS[1], cjson.encode(a), 'PX', string.format('%d', life))
keep_marks(KEYS[2], raw, m, false, life, 0)
return 'ok'
