#!/usr/bin/env python3
"""What becomes of a shop at which twice as many arrive as it can serve, and of 1,000 coupons for which 100,000 come at once.

    overload.py [--connections N] [--seconds S] [TREE...]

Each TREE (default: this one) is a checkout with a release build in .build/release: two versions are compared in one run. Behind
its own nginx.conf, with every write waiting for the disk, each first shows how many requests a second it carries (a closed loop
of 64 connections), and then meets half, all and twice as many, and half again, in an open loop: requests come when they are due,
whether or not the ones before have been answered. The generator has a core of its own, the shop the others.

Good is what has a right answer within a second. Ends with 1 where a refusal did not say when to come back, a connection was
reset, there are more or fewer coupons than 1,000, the audit finds something, or what was answered is not in the books.
"""
import argparse
import collections
import contextlib
import os
import random
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CUSTOMERS, PRODUCTS, COUPONS = 100_000, 1_000, 1_000
# Enough to pay for in all phases, three orders a customer.
ORDERS = 150_000
KINDS = ["page", "list", "balance", "charge", "order", "payment", "coupon"]
MONEY = {"charge", "payment"}
# What a crowd does: mostly it looks.
WEIGHTS = {"page": 55, "list": 10, "balance": 10, "charge": 5, "order": 10, "payment": 10}
RIGHT = {"page": {200}, "list": {200}, "balance": {200}, "charge": {201}, "order": {201}, "payment": {201}, "coupon": {201, 409}}
Result = collections.namedtuple("Result", "due sent ended request status kind retry_after")


def http(method, path, headers, body=None):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: shop.example.com", *headers]
    if body is not None:
        lines += ["Content-Type: application/json", "Content-Length: %d" % len(body)]
    return "\r\n".join(lines + ["", body or ""]).encode()


class Requests:
    """What customers ask for; each order is paid once."""

    def __init__(self, tokens, orders=()):
        self.random = random.Random(1)
        self.tokens, self.orders = tokens, list(orders)
        self.random.shuffle(self.orders)

    def one(self, kind, user=None):
        user = self.random.randrange(CUSTOMERS) if user is None else user
        login = ["Authorization: Bearer " + self.tokens[user]]
        number = self.random.randrange(1, PRODUCTS + 1)
        if kind == "page":
            path = self.random.choice(["/", "/products", "/products/%d" % number])
            return http("GET", path, ["Cookie: session=" + self.tokens[user]])
        if kind == "list":
            return http("GET", "/api/v1/products?limit=20", [])
        if kind == "balance":
            return http("GET", "/api/v1/balance", login)
        if kind == "charge":
            return http("POST", "/api/v1/balance/charges", login, '{"amount":1000}')
        if kind == "coupon":
            return http("POST", "/api/v1/coupons/1/issue", login, "")
        if kind == "order":
            return http("POST", "/api/v1/orders", login, '{"items":[{"productId":%d,"quantity":1}]}' % number)
        order, owner = self.orders.pop()
        return http("POST", "/api/v1/orders/%d/payment" % order, ["Authorization: Bearer " + self.tokens[owner - 1]], "")

    def mixed(self, count):
        for kind in self.random.choices(list(WEIGHTS), WEIGHTS.values(), k=count):
            yield kind, self.one(kind)


class Shop:
    """One version, with its responder and its nginx, on all cores but the last."""

    def __init__(self, tree, folder, cores):
        self.tree, self.folder = tree, folder
        self.binary = os.path.join(tree, ".build", "release", "jangteo")
        self.data = os.path.join(folder, "data")
        os.makedirs(os.path.join(self.data, "temp"))
        os.makedirs(os.path.join(self.data, "jangteo.d"), exist_ok=True)
        self.jangteo("migrate")
        self.jangteo("demo", "--users", str(CUSTOMERS), "--products", str(PRODUCTS), "--coupon-quantity", str(COUPONS),
                     "--balance", "5000000", "--tokens", os.path.join(folder, "tokens"))
        with open(os.path.join(folder, "tokens")) as tokens:
            self.tokens = tokens.read().split()
        self.started = []
        self.port = free_port()
        sock = os.path.join(folder, "s")
        share = os.path.join(tree, "Sources", "ShopWeb", "Storefront")
        self.start([self.binary, "serve", "--data", self.data, "--socket", sock], cores, "responder.log", share)
        config = os.path.join(self.data, "nginx.conf")
        with open(config, "w") as filled:
            subprocess.run([os.path.join(tree, "deploy", "fill-nginx"), "--port", str(self.port), "--socket", sock],
                           stdout=filled, check=True)
        wait_for(lambda: os.path.exists(sock))
        self.start(["nginx", "-p", self.data, "-c", config, "-g", "daemon off; user root;"], cores, "nginx.log", share)
        wait_for(self.is_ready)

    def jangteo(self, command, *arguments):
        return subprocess.run([self.binary, command, "--data", self.data, *arguments], check=True, capture_output=True)

    def start(self, command, cores, log, share):
        with open(os.path.join(self.folder, log), "w") as output:
            self.started.append(subprocess.Popen(
                command, stdout=output, stderr=output, start_new_session=True, env={**os.environ, "JANGTEO_SHARE": share},
                preexec_fn=lambda: os.sched_setaffinity(0, cores)))

    def is_ready(self):
        with contextlib.suppress(OSError):
            return urllib.request.urlopen("http://127.0.0.1:%d/healthz" % self.port, timeout=2).status == 200

    def stop(self):
        while self.started:
            process = self.started.pop()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect("file:%s/shop.db?mode=ro" % self.data, uri=True)) as books:
            return books.execute(sql).fetchall()


def free_port():
    """One whose next is free as well: nginx has a second for operations."""
    while True:
        # Not among those that connections are given: each of thousands takes one.
        port = random.randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("waited %d s in vain" % seconds)
        time.sleep(0.05)


class Generator:
    def __init__(self, folder, cores):
        self.folder, self.cores = folder, cores
        self.binary = os.path.join(folder, "arrivals")
        subprocess.run(["swiftc", "-O", "-swift-version", "6", "-I", os.path.join(ROOT, "Sources", "CFastCGI"),
                        "-o", self.binary, os.path.join(ROOT, "Benchmarks", "arrivals.swift")], check=True)

    def run(self, shop, connections, requests, *phases):
        """Results in the order of their answers."""
        path, output = os.path.join(self.folder, "requests"), os.path.join(self.folder, "results")
        with open(path, "wb") as file:
            for kind, text in requests:
                file.write(bytes([KINDS.index(kind)]) + struct.pack("<I", len(text)) + text)
        subprocess.run([self.binary, str(shop.port), str(connections), path, output, *("%g:%g" % phase for phase in phases)],
                       check=True, preexec_fn=lambda: os.sched_setaffinity(0, self.cores))
        with open(output, "rb") as file:
            return [Result(due, sent, ended, request, status, KINDS[kind], again)
                    for due, sent, ended, request, status, kind, again in struct.iter_unpack("<dddIHBB", file.read())]


def is_served(result):
    return result.status in RIGHT[result.kind]


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def describe(name, results, seconds, capacity):
    served = [result for result in results if is_served(result)]
    good = [result for result in served if result.ended - result.due <= 1]
    refused = [result for result in results if result.status == 503]
    broken = [result for result in results if not is_served(result) and result.status != 503]
    money = [result for result in results if result.kind in MONEY]
    took = [result.ended - result.due for result in served]
    print("  %-12s %7.0f due, %7.0f served within 1 s (%.2f of what it carries), %6.0f refused, %d broken; "
          "served p50 %.3f s, p99 %.3f s; refused p99 %.3f s; money served %.2f" % (
              name, len(results) / seconds, len(good) / seconds, len(good) / seconds / capacity, len(refused) / seconds,
              len(broken), percentile(took, 0.5), percentile(took, 0.99),
              percentile([result.ended - result.due for result in refused], 0.99),
              sum(map(is_served, money)) / max(1, len(money))), flush=True)
    late = percentile([result.sent - result.due for result in results], 0.99)
    if late > 0.05:
        print("    the generator was late: p99 %.3f s" % late)
    if broken:
        print("    broken:", collections.Counter((result.kind, result.status) for result in broken).most_common(5))
    return broken


def overload(shop, generator, connections, seconds):
    """What went wrong, as words."""
    problems, answered = [], collections.Counter()

    def run(*arguments):
        results = generator.run(shop, *arguments)
        answered.update(result.kind for result in results if result.status == 201)
        answered["?"] += sum(result.status == 0 for result in results)
        return results

    # Three of each customer's, in three runs, since no customer has more than a few waiting at once.
    placed = [("order", Requests(shop.tokens).one("order", user)) for user in range(CUSTOMERS)]
    for _ in range(-(-ORDERS // CUSTOMERS)):
        run(64, placed, (0, ORDERS / 2 / 9_000))
    requests = Requests(shop.tokens, shop.rows("SELECT id, user_id FROM orders WHERE status = 'pending'"))
    warm = list(requests.mixed(100_000))
    results = run(64, warm, (0, 5))
    wanted = [result for result in results if 2 <= result.due < 5]
    capacity = sum(map(is_served, wanted)) / 3
    print("  carries %.0f a second" % capacity, flush=True)
    phases = [(capacity / 2, 2), (capacity, seconds), (capacity / 2, 2), (capacity * 2, seconds), (capacity / 2, 5)]
    left = list(requests.mixed(int(sum(rate * length for rate, length in phases))))
    results = run(connections, left, *phases)
    start = 0
    for name, (rate, length) in zip(["half", "all", "half", "twice", "half"], phases):
        part = [result for result in results if start <= result.due < start + length]
        broken = describe(name, part, length, capacity)
        problems += ["%s: %d broken" % (name, len(broken))] if broken else []
        start += length
        if name == "twice":
            again = collections.Counter(result.retry_after for result in part if result.status == 503)
            print("    Retry-After:", dict(sorted(again.items())))
            if again[0]:
                problems.append("%d refusals did not say when to come back" % again[0])
            late = [result.due - start for result in results
                    if result.due >= start and (not is_served(result) or result.ended - result.due > 0.1)]
            print("    well again after %.3f s" % max(late, default=0), flush=True)
    for kind, sql in [("charge", "SELECT count(*) - %d FROM balance_entries WHERE kind = 'charge'" % CUSTOMERS),
                      ("order", "SELECT count(*) FROM orders"), ("payment", "SELECT count(*) FROM payments")]:
        there = shop.rows(sql)[0][0]
        if not answered[kind] <= there <= answered[kind] + answered["?"]:
            problems.append("%s: %d in the books, %d answered" % (kind, there, answered[kind]))
    return problems


def flood(shop, generator, connections):
    """100,000 customers want one of 1,000 coupons, all within a second, and whoever is told to come back does not."""
    asked = [("coupon", Requests(shop.tokens).one("coupon", user)) for user in range(CUSTOMERS)]
    results = generator.run(shop, connections, asked, (CUSTOMERS, 1))
    statuses = collections.Counter(result.status for result in results)
    issued = shop.rows("SELECT count(*) FROM user_coupons")[0][0]
    print("  %d want one of %d coupons within a second: %s in %.1f s, p99 %.2f s; %d issued" % (
        CUSTOMERS, COUPONS, ", ".join("%d x %d" % (status, count) for status, count in sorted(statuses.items())),
        max(result.ended for result in results), percentile([result.ended - result.due for result in results], 0.99),
        issued), flush=True)
    right = issued == statuses[201] == COUPONS and set(statuses) <= {201, 409, 503} and len(results) == CUSTOMERS
    return [] if right else ["the coupons were not issued as they should"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("trees", nargs="*", default=[ROOT], metavar="TREE")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("the generator needs a core of its own")
    problems = []
    for tree in map(os.path.abspath, options.trees):
        print(tree, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            generator = Generator(folder, cores[-1:])
            shop = Shop(tree, folder, cores[:-1])
            try:
                problems += overload(shop, generator, options.connections, options.seconds)
                problems += flood(shop, generator, options.connections)
                shop.stop()
                shop.jangteo("audit")
            finally:
                shop.stop()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
