-- Kills one token, and its grant with it if asked. A dead token stays as such until its own end.
-- KEYS 1 token  2 marks  3 index  4 family  5 grace
-- ARGV 1 JSON: service application (or false: any) owner (or false: any) family grant (kill the family too)
-- Returns {"dead", families where many are buried} (now, or already), {"foreign"} or {"unknown"}.
local a = cjson.decode(ARGV[1])
local now = clock()
local value, raw = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local raw_family = redis.call('GET', KEYS[4])
if not value then return {'unknown'} end
local record, m = fields(value), marks_of(raw)
local gone = record[1] == 'x'
local service, application = record[gone and 2 or 3], record[gone and 3 or 4]
if service ~= a.service or (a.application and application ~= a.application) then return {'foreign'} end
if gone then return {'dead'} end
if a.owner and record[7] ~= a.owner then return {'foreign'} end

local member = member_of(KEYS[3], record[5], record[8])
local left = redis.call('PTTL', KEYS[1])
redis.call('SET', KEYS[1], string.format('x.%s.%s', service, application), 'KEEPTTL')
if member then redis.call('ZADD', KEYS[3], string.format('%d', now), member) end
local answer = {'dead'}
if a.grant and a.family ~= '' and not m.g[a.family] then
  local last
  if raw_family then
    local f = family_of(raw_family)
    last, f.dead = f.last, true
    redis.call('SET', KEYS[4], family_text(f), 'KEEPTTL')
  else -- nothing tells how long the grant's other tokens live, but the marks outlive them all
    last = now + math.max(left, redis.call('PTTL', KEYS[2]))
  end
  bury(m, a.family, last, now)
  answer = crowded(m, 'dead')
  keep_marks(KEYS[2], raw, m, true, m.g[a.family] - now, now)
  redis.call('DEL', KEYS[5])
end
return answer
