-- Turns a refresh token into its one successor. The generation before gets the same answer while its grace lasts;
-- any other text of the family is a stolen one and marks the family dead.
-- KEYS 1 family  2 grace  3 token  4 marks  5 index  6 kept answer (with an idempotency key)
-- ARGV 1 JSON: application service floor presented (digest) next (digest) rotation scope (or false) idle (ms, 0 none)
--      grace (ms) sealed family; and as issue_token: life endless longest retention member start mac single rail once
-- Returns {"new", expiry ms, body, owner} {"again", sealed, body, owner} {"kept", answer, owner} {"invalid"}
--      {"scope"} or {"reuse", families where many are buried}.
local a = cjson.decode(ARGV[1])
local now = clock()
local raw_family, raw_grace = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local made, raw_marks = redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4])
local kept = kept_answer(KEYS[6], a.once)
if not raw_family then return kept or {'invalid'} end
local f, m = family_of(raw_family), marks_of(raw_marks)
if kept then return {'kept', kept[2], f.owner} end
if f.application ~= a.application or f.service ~= a.service or f.dead then return {'invalid'} end
if f.version < a.floor or m.g[a.family] then return {'invalid'} end
if f.owner == '' and dead(m, f.stamp, f.application, a.family) then return {'invalid'} end

local function answer()
  local record = fields(made) -- of a token that was revoked meanwhile it says no more
  return {'new', record[5] or '0', string.match(made, '|(.*)$') or f.body, f.owner}
end

if a.presented ~= f.current then
  -- Our own candidate once more: the answer to the first sending was lost on its way to us.
  if made and (f.current == a.next or f.previous == a.next) then return answer() end
  if a.presented == f.previous and raw_grace then
    local g = cjson.decode(raw_grace)
    return {'again', g.sealed, g.body, f.owner}
  end
  bury(m, a.family, f.last, now)
  local told = crowded(m, 'reuse')
  f.dead = true
  redis.call('SET', KEYS[1], family_text(f), 'KEEPTTL')
  keep_marks(KEYS[4], raw_marks, m, true, m.g[a.family] - now, now)
  return told
end
if made then return answer() end

local body = f.body
if a.scope then body = narrowed(body, a.scope) end
if not body then return {'scope'} end
if a.single and f.owner == '' then
  replace_others(m, a.application)
  f.stamp = m.s
end
local expiry = now + a.life
f.last = math.max(f.last, expiry)
local left = a.idle > 0 and a.idle or a.longest
if f.absolute > 0 then left = math.min(left, math.max(f.absolute - now, 1)) end
-- What was given to another user is known by the grant's record alone.
if f.owner ~= '' and f.last > now + left then unlisted(m, a.family, f.last, now) end
if a.rotation then
  f.previous, f.current = f.current, a.next
  if a.grace > 0 then
    redis.call('SET', KEYS[2], cjson.encode({sealed = a.sealed, body = body}), 'PX', string.format('%d', a.grace))
  end
end
redis.call('SET', KEYS[1], family_text(f), 'PX', string.format('%d', left))
-- What was kept with a longer grace answers to the generation before. Not first: what makes room is never refused, and
-- behind a write that was carried out a server without memory carries out every other one.
if a.rotation and a.grace == 0 then redis.call('DEL', KEYS[2]) end
local listed = f.listed and f.owner == ''
redis.call('SET', KEYS[3], token(f.stamp, f.version, a.service, a.application, a.endless and -expiry or expiry, a.family, f.owner,
  listed and a.start or '', a.mac, body), 'PX', string.format('%d', a.life))
if listed then
  list_token(KEYS[5], expiry, string.format('%s.%d.%s.%s', a.application, f.stamp, a.family, a.member), a.retention, now)
  shorten(KEYS[5], m, a.rail, now)
end
keep_marks(KEYS[4], raw_marks, m, a.single, math.max(a.life, left), now)
keep_answer(KEYS[6], a, body)
return {'new', string.format('%d', expiry), body, f.owner}
