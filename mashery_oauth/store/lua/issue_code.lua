-- Keeps an authorization code, stamped like a token, so that a revocation reaches it before it is redeemed.
-- KEYS 1 code  2 marks  3 kept answer (with an idempotency key)
-- ARGV 1 JSON: the code's members without its stamp, and life (ms)  2 JSON: once once_life, as issue_token
-- Returns {"ok"} or {"kept", answer}; its own candidate again, the same, whatever has become of it.
local a, k = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
local life = a.life
local before, raw = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local kept = kept_answer(KEYS[3], k.once)
if kept then return kept end
if before then return {'ok'} end
local m = marks_of(raw)
a.life, a.stamp = nil, m.s
redis.call('SET', KEYS[1], cjson.encode(a), 'PX', string.format('%d', life))
keep_marks(KEYS[2], raw, m, false, life, 0)
keep_answer(KEYS[3], k, '')
return {'ok'}
