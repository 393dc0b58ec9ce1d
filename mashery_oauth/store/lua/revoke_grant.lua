-- Kills a grant by one of its refresh tokens, or for the user that it was given to: the family and every access token that it yielded.
-- KEYS 1 family  2 grace  3 marks
-- ARGV 1 JSON: service application (or false: any) family presented (digest), or owner (of a moved grant)
-- Returns {"dead", families where many are buried} (now, or already), {"foreign"} or {"unknown"}.
local a = cjson.decode(ARGV[1])
local now = clock()
local raw_family, raw = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[3])
if not raw_family then return {'unknown'} end
local f, m = family_of(raw_family), marks_of(raw)
if f.service ~= a.service or (a.application and f.application ~= a.application) then return {'foreign'} end
if a.owner then
  if f.owner ~= a.owner then return {'foreign'} end
elseif a.presented ~= f.current and a.presented ~= f.previous then
  return {'unknown'}
end
if f.dead or m.g[a.family] then return {'dead'} end

bury(m, a.family, f.last, now)
local answer = crowded(m, 'dead')
f.dead = true
redis.call('SET', KEYS[1], family_text(f), 'KEEPTTL')
keep_marks(KEYS[3], raw, m, true, m.g[a.family] - now, now)
redis.call('DEL', KEYS[2])
return answer
