-- wrk's requests: one template, many tokens. Environment: BODY (may hold %TOKEN%), AUTHORIZATION, TOKENS (a file).
local requests, count, at = {}, 0, 0
local function add(body)
  count = count + 1
  local headers = {['Content-Type'] = 'application/json', ['Authorization'] = os.getenv('AUTHORIZATION')}
  requests[count] = wrk.format('POST', '/v3/json-rpc', headers, body)
end
function init()
  local body = os.getenv('BODY')
  if not string.find(body, '%TOKEN%', 1, true) then return add(body) end
  for token in io.lines(os.getenv('TOKENS')) do
    add((string.gsub(body, '%%TOKEN%%', token)))
  end
end
function request()
  at = at % count + 1
  return requests[at]
end
