-- Makes a token, lists it under its user, and begins its refresh family if it has one.
-- KEYS 1 token  2 marks  3 index  4 family  5 kept answer (with an idempotency key)
-- ARGV 1 JSON: application service floor version life (ms) endless retention (ms) body member start mac single cap rail
--      listed;
--      with a refresh token also family refresh absolute (ms from now, 0 none) refresh_life;
--      with an idempotency key also once (sealed answer) once_life (ms)
-- Returns {"ok", expiry ms} {"kept", answer} or {"full"}; its own candidates again, the first answer.
local a = cjson.decode(ARGV[1])
local now = clock()
local before = redis.call('GET', KEYS[1])
local kept = kept_answer(KEYS[5], a.once)
if kept then return kept end
if before then return {'ok', fields(before)[5]} end
local raw = redis.call('GET', KEYS[2])
local m = marks_of(raw)
if a.listed and not a.single and full(KEYS[3], m, a.application, a.floor, a.cap, a.rail, now) then
  return refused(KEYS[2], raw, m, now)
end

if a.single then replace_others(m, a.application) end
local expiry = now + a.life
redis.call('SET', KEYS[1], token(m.s, a.version, a.service, a.application, a.endless and -expiry or expiry, a.family, '',
  a.start, a.mac, a.body),
  'PX', string.format('%d', a.life))
if a.listed then
  list_token(KEYS[3], expiry, string.format('%s.%d.%s.%s', a.application, m.s, a.family, a.member), a.retention, now)
  shorten(KEYS[3], m, a.rail, now)
end
if a.refresh then
  local absolute = a.absolute > 0 and now + a.absolute or 0
  redis.call('SET', KEYS[4], family_text({application = a.application, service = a.service, current = a.refresh,
    absolute = absolute, stamp = m.s, version = a.version, body = a.body, owner = '', listed = a.listed, last = expiry}),
    'PX', string.format('%d', a.refresh_life))
end
if a.listed or a.refresh then keep_marks(KEYS[2], raw, m, a.single, math.max(a.life, a.refresh_life or 0), now) end
keep_answer(KEYS[5], a, a.body)
return {'ok', string.format('%d', expiry)}
