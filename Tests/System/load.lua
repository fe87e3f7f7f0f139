-- Every second request is for a page of products, every other one charges a balance; each connection in turn is another
-- customer. The tokens are the arguments.

local all = {}

function setup(thread)
    table.insert(all, thread)
    thread:set("turn", #all)
end

function init(tokens)
    local list = wrk.format("GET", "/api/v1/products?limit=20")
    requests = {}
    for _, token in ipairs(tokens) do
        table.insert(requests, list)
        table.insert(requests, wrk.format("POST", "/api/v1/balance/charges",
            { Authorization = "Bearer " .. token, ["Content-Type"] = "application/json" }, '{"amount":1000}'))
    end
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        'counted {"requests":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d,"seconds":%.3f,"slowest":%.3f}',
        summary.requests, errors.connect, errors.read, errors.write, errors.timeout, errors.status,
        summary.duration / 1e6, latency.max / 1e6))
end
