-- Kills everything one user has at a service: with one application, or with all.
-- KEYS 1 marks  2 index
-- ARGV 1 application, or "" for all  2 members of the index that are counted at most
-- Returns {moved tokens that must be followed, tokens that died; -1 where they are too many to be counted};
--      nothing is alive where there are no marks.
local raw = redis.call('GET', KEYS[1])
if not raw then return {0, 0} end
local m, now, died = marks_of(raw), clock(), -1
if living(KEYS[2], now) <= tonumber(ARGV[2]) then
  died = 0
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], string.format('(%d', now), '+inf')) do
    local whose, stamp, family = string.match(member, '^([^.]*)%.(%d+)%.([^.]*)')
    local wanted = ARGV[1] == '' or whose == ARGV[1]
    if is_own(member) and wanted and not dead(m, tonumber(stamp), whose, family) then died = died + 1 end
  end
end
m.s = m.s + 1
if ARGV[1] == '' then m.u = m.s else m.a[ARGV[1]] = m.s end
redis.call('SET', KEYS[1], marks_text(m), 'KEEPTTL')
return {m.p or 0, died}
