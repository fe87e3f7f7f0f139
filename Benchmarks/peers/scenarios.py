"""What each scenario asks of a shop, and the wrk script made from it.

A scenario is a weighted list of requests.  Paths, header values and bodies are
templates; these names may stand in braces ({{ and }} mean plain braces):

    {user}        a random user, the same everywhere in one request
    {race_user}   users 1, 2, 3, ... each once, except that every fifth one
                  asks twice in a row (a double click)
    {amount}      1000, 2000 or 3000 won
    {items}       a JSON list of one to three order lines
    {token}       the token of {user}; a target supplies the list of tokens
    {race_token}  the token of {race_user}
    {name}        any name captured from an earlier answer (see Request.then)

A target under test with other paths, headers or bodies gives its own
dictionary of scenarios (see ../jangteo.py).
"""
import re
from dataclasses import dataclass, field
from typing import Optional


@dataclass
class Request:
    method: str
    path: str
    body: Optional[str] = None
    headers: dict = field(default_factory=dict)
    expect: tuple = (200,)  # every other status counts as an error
    weight: int = 1
    kind: str = ""          # a name for counting; the path when empty

    # `capture` names values in the body of answers with status `capture_on`,
    # as Lua patterns with one group.  When an answer has all of them, the next
    # turn of this request sends `then` in its place, with the captured names
    # filled in.
    capture: dict = field(default_factory=dict)
    capture_on: int = 201
    then: Optional["Request"] = None


@dataclass
class Scenario:
    requests: list
    # Another scenario to warm up with, when this one cannot be repeated.
    warm_with: Optional[str] = None
    # Writes nothing that a check could look at but view counts.
    read_only: bool = False

    def flat(self):
        for r in self.requests:
            yield r
            if r.then:
                yield r.then

    def expected(self):
        return sorted({s for r in self.flat() for s in r.expect})


PRODUCTS = Request("GET", "/api/products?limit=20", kind="products")
BALANCE = Request("GET", "/api/balance?user={user}", kind="balance")
CHARGE = Request("POST", "/api/balance/charge", kind="charge",
                 body='{{"userId":{user},"amount":{amount}}}')
COUPON = Request("POST", "/api/coupons/1/issue", kind="coupon",
                 body='{{"userId":{race_user}}}', expect=(201, 409))
PAY = Request("POST", "/api/orders/{order}/pay", kind="pay", body="{{}}")
ORDER = Request("POST", "/api/orders", kind="order",
                body='{{"userId":{user},"items":{items}}}', expect=(201,),
                capture={"order": '"id":(%d+)', "user": '"userId":(%d+)'}, then=PAY)


def weighted(request, weight):
    """A copy of a request with another weight."""
    return Request(**{**request.__dict__, "weight": weight})


SCENARIOS = {
    "products": Scenario([PRODUCTS], read_only=True),
    "balance": Scenario([BALANCE], read_only=True),
    "charge": Scenario([CHARGE]),
    "coupon": Scenario([COUPON], warm_with="charge"),
    "order": Scenario([ORDER]),
    "mixed": Scenario([weighted(PRODUCTS, 60), weighted(BALANCE, 30),
                       weighted(CHARGE, 4), weighted(ORDER, 6)]),
}

CONTENT_TYPE = {"Content-Type": "application/json"}


def lua_string(text):
    out = []
    for c in text.encode():
        if c in (34, 92):
            out.append("\\" + chr(c))
        elif 32 <= c < 127:
            out.append(chr(c))
        else:
            out.append("\\%03d" % c)
    return '"' + "".join(out) + '"'


def lua_template(text):
    """A Lua expression for a template, and the names it uses."""
    parts, names, literal = [], set(), ""
    for token in re.findall(r"\{\{|\}\}|\{\w+\}|[^{}]+|[{}]", text):
        if token in ("{{", "}}"):
            literal += token[0]
        elif len(token) > 2 and token[0] == "{" and token[-1] == "}":
            if literal:
                parts.append(lua_string(literal))
                literal = ""
            parts.append("v_" + token[1:-1])
            names.add(token[1:-1])
        else:
            literal += token
    if literal or not parts:
        parts.append(lua_string(literal))
    return " .. ".join(parts), names


SOURCES = {
    "user": "random(1, USERS)",
    "race_user": "next_race_user()",
    "amount": "random(1, 3) * 1000",
    "items": "items()",
    "token": 'TOKENS[tonumber(v_user)] or ""',
    "race_token": 'TOKENS[v_race_user] or ""',
}


def lua_request(index, r, captured=()):
    """A Lua function that builds the bytes of one request."""
    headers = dict(CONTENT_TYPE) if r.body is not None else {}
    headers.update(r.headers)
    start, names = lua_template("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n" % (r.method, r.path))
    for name, value in headers.items():
        expression, more = lua_template("%s: %s\r\n" % (name, value))
        start += " .. " + expression
        names |= more
    body = None
    if r.body is not None:
        body, more = lua_template(r.body)
        names |= more
    unknown = names - set(SOURCES) - set(captured)
    if unknown:
        raise ValueError("unknown names in a request template: %s" % ", ".join(sorted(unknown)))
    for name, needed in (("token", "user"), ("race_token", "race_user")):
        if name in names:
            names.add(needed)
    lines = ["function build_%d(c)" % index]
    for name in captured:
        lines.append("  local v_%s = c[%s]" % (name, lua_string(name)))
    for name in SOURCES:  # in an order where each finds what it needs
        if name in names and name not in captured:
            lines.append("  local v_%s = %s" % (name, SOURCES[name]))
    if body is None:
        lines.append('  return %s .. "\\r\\n"' % start)
    else:
        lines.append("  local body = " + body)
        lines.append('  return %s .. "Content-Length: " .. #body .. "\\r\\n\\r\\n" .. body' % start)
    lines.append("end")
    return "\n".join(lines)


PRELUDE = """\
-- Made by scenarios.py; one Lua state for each wrk thread.
local random = math.random
local THREADS, USERS, PRODUCTS = %(threads)d, %(users)d, %(products)d
local TOKENS = {}
local threads = {}
local waiting, first, last = {}, 1, 0   -- captured values not used yet
local clicks = 0
race, sent, got = 0, {}, {}             -- globals: done() reads them

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function init(args)
  math.randomseed(%(seed)d + id)
  local file = %(tokens)s
  if file then for line in io.lines(file) do TOKENS[#TOKENS + 1] = line end end
end

-- Thread t of T gives users t+1, t+1+T, ...; after five comes one again.
function next_race_user()
  clicks = clicks + 1
  if clicks %% 6 ~= 0 then race = race + 1 end
  return ((race - 1) * THREADS + id) %% USERS + 1
end

function items()
  local n, p = random(1, 3), random(1, PRODUCTS)
  local out = {}
  for i = 1, n do
    out[i] = '{"productId":' .. (p + i - 2) %% PRODUCTS + 1 .. ',"quantity":' .. random(1, 2) .. '}'
  end
  return "[" .. table.concat(out, ",") .. "]"
end
"""

DONE = """
local function text(counts)
  local out = {}
  for k, n in pairs(counts) do out[#out + 1] = '"' .. k .. '":' .. n end
  return "{" .. table.concat(out, ",") .. "}"
end

function done(summary, latency, requests)
  local sents, gots, races = {}, {}, {}
  for i, t in ipairs(threads) do
    sents[i], gots[i], races[i] = text(t:get("sent")), text(t:get("got")), t:get("race")
  end
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests":%d,"seconds":%.6f,"p50":%d,"p90":%d,"p99":%d,"max":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency.max, e.connect, e.read, e.write, e.status, e.timeout))
  io.write('"sent":[' .. table.concat(sents, ",") .. '],"got":[' .. table.concat(gots, ",") ..
    '],"race":[' .. table.concat(races, ",") .. ']}\\n')
end
"""


def looks_at_answers(scenario, null=False):
    """Whether the script reads every answer.  wrk itself counts statuses of
    400 and above, which is enough (and cheaper) when only 2xx are expected."""
    if null:
        return False
    return (any(r.capture for r in scenario.requests)
            or any(not 200 <= s < 400 for s in scenario.expected()))


def wrk_script(scenario, users, products, threads=1, seed=1, tokens=None, null=False):
    """The wrk script of a scenario.  `null` is for peers that answer the same
    body to everything: nothing is captured from it."""
    out = [PRELUDE % {"threads": threads, "users": users, "products": products,
                      "seed": seed, "tokens": lua_string(tokens) if tokens else "nil"}]
    capturing = [r for r in scenario.requests if r.capture]
    if len(capturing) > 1:
        raise ValueError("only one request of a scenario may capture")
    flat = list(scenario.flat())
    index = {id(r): i for i, r in enumerate(flat)}
    follow_ups = {id(r.then): r for r in scenario.requests if r.then}
    for r in flat:
        parent = follow_ups.get(id(r))
        out.append(lua_request(index[id(r)], r, tuple(parent.capture) if parent else ()))

    def send(r, argument=""):
        kind = lua_string(r.kind or r.path)
        return ["    sent[%s] = (sent[%s] or 0) + 1" % (kind, kind),
                "    return build_%d(%s)" % (index[id(r)], argument)]

    total = sum(r.weight for r in scenario.requests)
    out.append("function request()")
    out.append("  local n = %s" % ("random(1, %d)" % total if len(scenario.requests) > 1 else "1"))
    upto = 0
    for i, r in enumerate(scenario.requests):
        upto += r.weight
        last = i == len(scenario.requests) - 1
        out.append("  %s" % ("do" if last else "if n <= %d then" % upto))
        if r.capture and r.then:
            out.append("    local c = waiting[first]")
            out.append("    if c then")
            out.append("    waiting[first], first = nil, first + 1")
            out += send(r.then, "c")
            out.append("    end")
        out += send(r)
        out.append("  end")
    out.append("end")

    if looks_at_answers(scenario, null):
        out.append("function response(status, headers, body)")
        out.append("  got[status] = (got[status] or 0) + 1")
        for r in capturing:
            out.append("  if status == %d then" % r.capture_on)
            out.append("    local c = {}")
            for name, pattern in r.capture.items():
                out.append("    c[%s] = body:match(%s)" % (lua_string(name), lua_string(pattern)))
            # An answer of another kind with the same status names nothing to go on with.
            out.append("    if %s then" % " and ".join("c[%s]" % lua_string(name) for name in r.capture))
            out.append("      last = last + 1")
            out.append("      waiting[last] = c")
            out.append("    end")
            out.append("  end")
        out.append("end")
    out.append(DONE)
    return "\n".join(out)
