-- Lists a token that keeps its place under the user that it was given to, and its grant for as long as that lives.
-- KEYS 1 index  2 marks
-- ARGV 1 JSON: application member (without its stamp) place (tag and digest) expiry retention
--      many (entries after which they are tidied) most (moved tokens; 0: any number)
--      grant (member, or false) grant_expiry (ms; 0 where there is none)
-- Returns "ok" or "full".
local a = cjson.decode(ARGV[1])
local now = clock()
local raw = redis.call('GET', KEYS[2])
local m = marks_of(raw)

-- Leaves every moved token the entry that stays longest; counts the other tokens.
local function tidy()
  local pattern, seen, others = '^>[^.]*%.%d+%.[^.]*%.(' .. string.rep('.', #a.place) .. ')', {}, 0
  for _, member in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', string.format('(%d', now))) do
    local place = string.match(member, pattern)
    if place and seen[place] then
      redis.call('ZREM', KEYS[1], member)
    elseif place then
      seen[place] = true
      if place ~= a.place then others = others + 1 end
    end
  end
  return others
end

-- Whoever points last may know of a shorter life than who pointed before: what is listed stays for the longest.
local function longest(member, expiry)
  return math.max(expiry, tonumber(redis.call('ZSCORE', KEYS[1], member) or 0))
end

local member = string.format('>%s.%d.%s', a.application, m.s, a.member)
local expiry, grant_expiry = longest(member, a.expiry), a.grant and longest(a.grant, a.grant_expiry) or 0
local given = m.p or 0
if given >= a.many and (a.most > 0 or given % a.many == 0) then given = tidy() end
if a.most > 0 and given >= a.most then return 'full' end
m.p = given + 1
list_token(KEYS[1], expiry, member, a.retention, now)
if a.grant then list_token(KEYS[1], grant_expiry, a.grant, a.retention, now) end
keep_marks(KEYS[2], raw, m, true, math.max(expiry, grant_expiry, now + 1000) - now, now)
return 'ok'
