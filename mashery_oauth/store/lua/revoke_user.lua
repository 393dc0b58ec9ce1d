-- Kills everything one user has at a service: with one application, or with all.
-- KEYS 1 marks
-- ARGV 1 application, or "" for all
-- Returns how many moved tokens must be followed; nothing is alive where there are no marks.
local raw = redis.call('GET', KEYS[1])
if not raw then return 0 end
local m = marks_of(raw)
m.s = m.s + 1
if ARGV[1] == '' then m.u = m.s else m.a[ARGV[1]] = m.s end
redis.call('SET', KEYS[1], cjson.encode(m), 'KEEPTTL')
return m.p or 0
