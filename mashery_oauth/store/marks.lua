-- Goes before every script: what they share of times, marks and indexes.
-- Marks are JSON: s counter, u mark of the user, a {application: mark}, r {application: mark of its only token},
-- g {family: until ms}, p moved tokens, n how many g may hold before they are ended by their own keys (where not MANY),
-- o until when (ms) tokens of grants may live that the index does not show.
-- What is stamped lower than a mark is dead; what a grant yields inherits its stamp.
local MANY = 64

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function marks_of(raw)
  local m = raw and cjson.decode(raw) or {}
  m.s, m.u, m.a, m.r, m.g = m.s or 0, m.u or 0, m.a or {}, m.r or {}, m.g or {}
  return m
end

local function revoked(m, stamp, application)
  return stamp < m.u or stamp < (m.a[application] or 0)
end

local function dead(m, stamp, application, family)
  return revoked(m, stamp, application) or stamp < (m.r[application] or 0) or (family ~= '' and m.g[family] ~= nil)
end

-- Where an application may have one token of a user, the next one is above all others.
local function replace_others(m, application)
  m.s = m.s + 1
  m.r[application] = m.s
end

-- What says nothing is left out of what is kept: there are as many marks as users, and as many families as grants.
local function marks_text(m)
  local kept = {s = m.s, p = m.p, n = m.n, o = m.o}
  if m.u > 0 then kept.u = m.u end
  for _, name in ipairs({'a', 'r', 'g'}) do
    if next(m[name]) then kept[name] = m[name] end
  end
  return cjson.encode(kept)
end

-- family record: application service current [previous] stamp version body last (ms), and where they say something
-- absolute (ms) owner listed (false) dead (true).
local function family_of(raw)
  local f = cjson.decode(raw)
  f.absolute, f.owner, f.listed = f.absolute or 0, f.owner or '', f.listed ~= false
  return f
end

local function family_text(f)
  local kept = {}
  for name, value in pairs(f) do kept[name] = value end
  if f.absolute == 0 then kept.absolute = nil end
  if f.owner == '' then kept.owner = nil end
  if f.listed then kept.listed = nil end
  return cjson.encode(kept)
end

-- How many grants may be buried before it is tried again to end those that are left: ever more, where they have to stay.
local function room(left)
  return left + math.max(left, MANY)
end

-- Drops what is needed no longer.
local function prune(m, now)
  local left = 0
  for family, last in pairs(m.g) do
    if last < now then m.g[family] = nil else left = left + 1 end
  end
  m.n = m.n and math.min(m.n, room(left))
  if m.n == MANY then m.n = nil end
  if m.o and m.o < now then m.o = nil end
end

-- Marks outlive everything that is stamped under them.
local function keep_marks(key, raw, m, changed, life, now)
  if changed or m.changed or not raw then
    prune(m, now)
    local left = raw and redis.call('PTTL', key) or 0
    redis.call('SET', key, marks_text(m), 'PX', string.format('%d', math.max(left, life)))
  else
    redis.call('PEXPIRE', key, string.format('%d', life), 'GT')
  end
end

-- A call with an idempotency key: what it was answered before, and how the answer is kept for when it comes again.
local function kept_answer(key, once)
  local kept = once and redis.call('GET', key)
  return kept and {'kept', kept, ''}
end

local function keep_answer(key, a, body)
  if a.once then redis.call('SET', key, a.once .. '|' .. body, 'PX', string.format('%d', a.once_life)) end
end

-- A buried family yields nothing more; its mark is needed until the last of its access tokens has ended.
local function bury(m, family, last, now)
  m.g[family] = math.max(last, now + 1000)
  prune(m, now)
end

-- The answer of what has buried a family, with the names of all that are buried where they have become many: whoever is
-- told ends their tokens by their own keys. One caller is told, and the next one when many more have come.
local function crowded(m, answer)
  local told = {answer}
  for family in pairs(m.g) do told[#told + 1] = family end
  local many = #told - 1
  if many <= (m.n or MANY) then return {answer} end
  m.n = room(many)
  return told
end

-- A grant's token may live and not be found by the index: until it has ended, no grant's mark can be done without.
local function unlisted(m, family, expiry, now)
  if family ~= '' and expiry > now and expiry > (m.o or 0) then m.o, m.changed = expiry, true end
end

-- token record: stamp.version.service.application.expiry.family.owner.member.mac|body ; a dead one: x.service.application.
-- An expiry below zero belongs to a token whose lifetime is switched off; it ends after ten years all the same.
local function fields(value)
  local found = {}
  for part in string.gmatch(string.match(value, '^([^|]*)') .. '.', '([^.]*)%.') do found[#found + 1] = part end
  return found
end

local function token(stamp, version, service, application, expiry, family, owner, member, mac, body)
  return string.format('%d.%d.%s.%s.%d.%s.%s.%s.%s|%s',
    stamp, version, service, application, expiry, family, owner, member, mac, body)
end

local function list_token(key, expiry, member, retention, now)
  redis.call('ZADD', key, string.format('%d', expiry), member)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%d', now - retention))
  local left = expiry - now + retention
  if redis.call('PTTL', key) < left then redis.call('PEXPIRE', key, string.format('%d', left)) end
end

-- What revocation follows to another place (> and =) stays listed whatever happens.
local function is_own(member)
  return string.find(member, '^[>=]') == nil
end

-- An index holds no more than the rail: what ends first leaves it, and lives on unlisted. Bounded, should there be many.
local function shorten(key, m, rail, now)
  local excess = math.min(redis.call('ZCARD', key) - rail, 1000)
  if excess <= 0 then return end
  local found = redis.call('ZRANGE', key, 0, excess - 1, 'WITHSCORES')
  for at = 1, #found, 2 do
    local member, score = found[at], tonumber(found[at + 1])
    if is_own(member) then
      redis.call('ZREM', key, member)
      unlisted(m, string.match(member, '^[^.]*%.%d+%.([^.]*)'), score, now)
    end
  end
end

-- The member of a token in its index, found by its score and the first letters of its id.
local function member_of(key, expiry, start)
  if start == '' then return nil end
  expiry = string.format('%d', math.abs(tonumber(expiry)))
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, expiry, expiry)) do
    if string.find(member, '.' .. start, 1, true) then return member end
  end
  return nil
end

local function living(key, now)
  return redis.call('ZCOUNT', key, string.format('(%d', now), '+inf')
end

-- Takes what marks have killed out of an index that is full of it; without marks there is nothing to look for.
local function sweep(key, m, rail, now)
  if m.u == 0 and not (next(m.a) or next(m.r) or next(m.g)) then return end
  local found = redis.call('ZRANGEBYSCORE', key, string.format('(%d', now), '+inf', 'WITHSCORES', 'LIMIT', 0, rail)
  for at = 1, #found, 2 do
    local member, score = found[at], tonumber(found[at + 1])
    local whose, stamp, family = string.match(member, '^([^.]*)%.(%d+)%.([^.]*)')
    if is_own(member) and dead(m, tonumber(stamp), whose, family) then
      redis.call('ZREM', key, member)
      if not dead(m, tonumber(stamp), whose, '') then unlisted(m, family, score, now) end
    end
  end
end

-- Whether one more token is one too many: for the application by its cap, for the user by the rail. The cap counts
-- what was issued here; of what was given to the user by an update, only its own record would tell whether it lives.
-- A member's last part is the configuration version that it was issued under.
local function full(key, m, application, floor, cap, rail, now)
  if cap > 0 then
    local live = 0
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, string.format('(%d', now), '+inf')) do
      local whose, stamp, family, version = string.match(member, '^([^.]*)%.(%d+)%.([^.]*)%..*%.([0-9a-z]+)$')
      local counts = is_own(member) and whose == application and tonumber(version, 36) >= floor
      if counts and not dead(m, tonumber(stamp), whose, family) then live = live + 1 end
    end
    if live >= cap then return true end
  end
  if living(key, now) >= rail then sweep(key, m, rail, now) end
  return living(key, now) >= rail
end

-- The refusal of one token too many: what was taken out of the index to make room is noted all the same.
local function refused(key, raw, m, now)
  if m.changed then keep_marks(key, raw, m, true, 0, now) end
  return {'full'}
end

-- A token's body with a narrower scope; nil where that is wider than what was granted.
local function narrowed(body, scope)
  local parts, granted = cjson.decode(body), {}
  for word in string.gmatch(parts.s or '', '%S+') do granted[word] = true end
  for word in string.gmatch(scope, '%S+') do
    if not granted[word] then return nil end
  end
  parts.s = scope
  return cjson.encode(parts)
end
