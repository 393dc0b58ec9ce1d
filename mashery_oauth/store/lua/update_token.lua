-- Writes a token's new record over the one that was read, and its grant's scope and user with it.
-- KEYS 1 token  2 marks  3 index  4 family
-- ARGV 1 record that was read  2 new record  3 JSON: expiry (ms) life (ms; 0 stays) retention owner family;
--      of the grant scope and user (false stays)
-- Returns "ok", "changed" (read again) or "gone".
local a = cjson.decode(ARGV[3])
local value, raw = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local raw_family = redis.call('GET', KEYS[4])
if not value then return 'gone' end
if value ~= ARGV[1] then return value == ARGV[2] and 'ok' or 'changed' end
local now = clock()
local old, m = fields(value), marks_of(raw)
if m.g[old[6]] or (old[7] == '' and dead(m, tonumber(old[1]), old[4], old[6])) then return 'gone' end

local member = member_of(KEYS[3], old[5], old[8])
if a.life > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', string.format('%d', a.life))
else
  redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
end
if member then
  if a.owner ~= '' then redis.call('ZREM', KEYS[3], member) else list_token(KEYS[3], a.expiry, member, a.retention, now) end
end
local expiry = a.life > 0 and math.max(a.expiry, now + a.life) or a.expiry -- a worker's clock may be behind
local known = member and a.owner == '' -- by the index, or as given away by the grant's record
if raw_family and a.family ~= '' then
  local f = family_of(raw_family)
  if not f.dead then
    local parts = cjson.decode(f.body)
    parts.s, parts.u = a.scope or parts.s, a.user or parts.u
    f.body, f.last = cjson.encode(parts), math.max(f.last, expiry)
    if a.user then
      if a.owner == '' and f.owner ~= '' then unlisted(m, a.family, f.last, now) end
      f.owner = a.owner
    end
    redis.call('SET', KEYS[4], family_text(f), 'KEEPTTL')
    known = known or (f.owner ~= '' and now + redis.call('PTTL', KEYS[4]) >= expiry)
  end
end
if not known then unlisted(m, a.family, expiry, now) end
if raw or a.family ~= '' then keep_marks(KEYS[2], raw, m, false, a.life, now) end
return 'ok'
