-- Turns an unused code into a token, once. A second redemption that is otherwise right marks the whole grant dead.
-- KEYS 1 code  2 marks  3 token  4 family  5 index  6 kept answer (with an idempotency key)
-- ARGV 1 JSON: application service floor redirect verifier (plain) verifier_s256 scope (draft 10, or false);
--      and as issue_token: life endless retention member start mac single cap rail family refresh absolute refresh_life once
-- Returns {"ok", expiry ms, body, family} {"kept", answer} or one of {"invalid"} {"mismatch"} {"redirect_missing"}
--      {"verifier_unexpected"} {"verifier_wrong"} {"scope"} {"full"} {"replay", families where many are buried}.
local a = cjson.decode(ARGV[1])
local now = clock()
local raw_code, raw_marks = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local made = redis.call('GET', KEYS[3])
local kept = kept_answer(KEYS[6], a.once)
if kept then return kept end
if not raw_code then return {'invalid'} end
local c, m = cjson.decode(raw_code), marks_of(raw_marks)

-- Whose it is comes first: what is not the client's own changes nothing and tells nothing.
if c.application ~= a.application or c.service ~= a.service then return {'invalid'} end
if a.redirect == '' then
  if c.sent then return {'redirect_missing'} end
elseif a.redirect ~= c.redirect then
  return {'mismatch'}
end
if c.challenge == '' then
  if a.verifier ~= '' then return {'verifier_unexpected'} end
elseif c.challenge ~= (c.method == 'S256' and a.verifier_s256 or a.verifier) then
  return {'verifier_wrong'}
end
if c.used then
  if c.used.token == a.digest and made then return {'ok', fields(made)[5] or '0', c.used.body or c.body, c.used.family} end
  if m.g[c.used.family] then return {'replay'} end
  bury(m, c.used.family, now + redis.call('PTTL', KEYS[2]), now)
  local answer = crowded(m, 'replay')
  keep_marks(KEYS[2], raw_marks, m, true, m.g[c.used.family] - now, now)
  return answer
end
if c.version < a.floor or revoked(m, c.stamp, c.application) then return {'invalid'} end

local body = c.body
if a.scope then body = narrowed(body, a.scope) end
if not body then return {'scope'} end
if c.listed and not a.single and full(KEYS[5], m, a.application, a.floor, a.cap, a.rail, now) then
  return refused(KEYS[2], raw_marks, m, now)
end

if a.single then replace_others(m, a.application) end
local stamp = m.s -- no revocation has reached the code, so the token begins as young as any
local expiry, life = now + a.life, math.max(a.life, a.refresh_life or 0)
c.used = {token = a.digest, family = a.family, body = body ~= c.body and body or nil}
local left = math.max(redis.call('PTTL', KEYS[1]), 600000)
redis.call('SET', KEYS[1], cjson.encode(c), 'PX', string.format('%d', left))
local start = c.listed and a.start or ''
redis.call('SET', KEYS[3], token(stamp, c.version, a.service, a.application, a.endless and -expiry or expiry, a.family, '', start, a.mac, body),
  'PX', string.format('%d', a.life))
if c.listed then
  list_token(KEYS[5], expiry, string.format('%s.%d.%s.%s', a.application, stamp, a.family, a.member), a.retention, now)
  shorten(KEYS[5], m, a.rail, now)
end
if a.refresh then
  redis.call('SET', KEYS[4], family_text({application = a.application, service = a.service, current = a.refresh,
    absolute = a.absolute > 0 and now + a.absolute or 0, stamp = stamp, version = c.version, body = body, owner = '', listed = c.listed, last = expiry}),
    'PX', string.format('%d', a.refresh_life))
end
keep_marks(KEYS[2], raw_marks, m, a.single, life, now)
keep_answer(KEYS[6], a, body)
return {'ok', string.format('%d', expiry), body, a.family}
