-- Ends tokens of buried grants by their own keys, so that the marks need not name those grants any longer.
-- KEYS 1 marks  2 index  3.. families of the grants that are named, then the tokens
-- ARGV 1 JSON: grants (families none of whose listed tokens is left to later lots)  tokens (list of {family, member})
-- Returns how many grants have left the marks; none where tokens may live that the index does not show.
local a = cjson.decode(ARGV[1])
local now = clock()
local raw, size = redis.call('GET', KEYS[1]), redis.call('ZCARD', KEYS[2])
local families, values = {}, {}
for at = 1, #a.grants do families[at] = redis.call('GET', KEYS[2 + at]) end
for at = 1, #a.tokens do values[at] = redis.call('GET', KEYS[2 + #a.grants + at]) end
local m = marks_of(raw)
if size == 0 or (m.o and m.o >= now) then return 0 end

-- What a mark has killed may be ended at any time, whatever else becomes of its grant.
for at, named in ipairs(a.tokens) do
  local family, member = named[1], named[2]
  local record = values[at] and fields(values[at]) or {}
  if m.g[family] and record[6] == family then
    redis.call('SET', KEYS[2 + #a.grants + at], string.format('x.%s.%s', record[3], record[4]), 'KEEPTTL')
    redis.call('ZADD', KEYS[2], 'XX', string.format('%d', now), member)
  end
end

local gone = 0
for at, family in ipairs(a.grants) do
  local f = families[at] and family_of(families[at])
  local elsewhere = f and f.owner ~= '' -- it has tokens in another user's index
  if m.g[family] and not elsewhere then
    if f and not f.dead then
      f.dead = true
      redis.call('SET', KEYS[2 + at], family_text(f), 'KEEPTTL')
    end
    m.g[family], gone = nil, gone + 1
  end
end
if gone > 0 then
  prune(m, now)
  redis.call('SET', KEYS[1], marks_text(m), 'KEEPTTL')
end
return gone
