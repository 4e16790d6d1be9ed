-- One kind of request, again and again. Arguments: path, body, and for a body that ends in a code
-- the file of codes, its first line and how many lines, then "count" to look at the answers, which
-- costs wrk as much as a small server: counting runs are not timed.
local kinds = { "authorization_pending", "slow_down", "user_code" }
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function read_codes(path, first, lines)
  local file = assert(io.open(path))
  local found = { file:read("*l") }
  file:seek("set", first * (#found[1] + 1)) -- all lines are equally long
  for line = 1, lines do
    found[line] = file:read("*l")
  end
  file:close()
  return found
end

function init(args)
  local path, body, file = args[1], args[2], args[3]
  local method = body == "" and "GET" or "POST"
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  if file == "" then
    local same = wrk.format(method, path, headers, body)
    request = function()
      return same
    end
  else
    local codes, turn = read_codes(file, tonumber(args[4]), tonumber(args[5])), 0
    request = function()
      turn = turn % #codes + 1
      return wrk.format(method, path, headers, body .. codes[turn])
    end
  end
  if args[6] == "count" then
    for _, kind in ipairs(kinds) do
      _G[kind] = 0
    end
    response = function(_, _, answer)
      for _, kind in ipairs(kinds) do
        if answer:find('"' .. kind .. '"', 1, true) then
          _G[kind] = _G[kind] + 1
        end
      end
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  local told = {
    string.format('"requests":%d,"microseconds":%d', summary.requests, summary.duration),
    string.format('"p50":%d,"p99":%d', latency:percentile(50), latency:percentile(99)),
    string.format('"refused":%d,"lost":%d', errors.status, lost),
  }
  for _, kind in ipairs(kinds) do
    local count = 0
    for _, thread in ipairs(threads) do
      count = count + (thread:get(kind) or 0)
    end
    table.insert(told, string.format('"%s":%d', kind, count))
  end
  print("{" .. table.concat(told, ",") .. "}")
end
