#!/usr/bin/env python3
"""How many instructions of the processor the responder takes for a request, with what it does behind the answers.

    instructions.py [--requests N] [BINARY...]

Each BINARY (default: the release build) runs under valgrind's callgrind, with a fresh database, and answers the same requests
one after the other on one FastCGI connection, as nginx would send them. Instructions do not depend on what else the machine
does, so two versions can be compared to a percent. With several binaries the ratios to the first are printed too.
A binary takes its pages from JANGTEO_SHARE, or from this repository.
"""
import argparse
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARE = os.environ.get("JANGTEO_SHARE", os.path.join(ROOT, "Sources", "ShopWeb", "Storefront"))
USERS, PRODUCTS = 2_000, 200


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def pairs(parameters):
    def length(text):
        return bytes([len(text)]) if len(text) < 128 else struct.pack(">I", len(text) | 0x80000000)
    return b"".join(length(name) + length(value) + name + value for name, value in parameters)


class Connection:
    """One kept FastCGI connection to a responder."""

    def __init__(self, path, alive, seconds=180):
        """Waits until the responder listens, at most so long, while `alive()`."""
        deadline = time.monotonic() + seconds
        self.socket = socket.socket(socket.AF_UNIX)
        while self.socket.connect_ex(path) != 0:
            if not alive() or time.monotonic() > deadline:
                raise SystemExit("the responder does not start")
            time.sleep(0.2)

    def ask(self, method, target, token=None, body="", fields=(), form=False):
        """The answer: its status, its head and its body. `fields` are further HTTP fields, named as CGI does."""
        body = body.encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        parameters = [
            ("REQUEST_METHOD", method), ("REQUEST_URI", target), ("CONTENT_TYPE", kind if body else ""),
            ("CONTENT_LENGTH", str(len(body)) if body else ""), ("REMOTE_ADDR", "192.0.2.1"), ("REQUEST_ID", "0" * 32),
            ("HTTP_HOST", "shop.example.com"), ("HTTP_USER_AGENT", "wrk"), ("HTTP_PROXY", ""), *fields]
        if token:
            parameters.append(("HTTP_AUTHORIZATION", "Bearer " + token))
        encoded = pairs([(name.encode(), value.encode()) for name, value in parameters])
        self.socket.sendall(
            record(1, struct.pack(">HB5x", 1, 1)) + record(4, encoded) + record(4, b"")
            + (record(5, body) if body else b"") + record(5, b""))
        answer = b""
        while True:
            kind, content = self.take()
            if kind == 6:
                answer += content
            elif kind == 3:
                break
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(answer[8:11]), head.decode(), content.decode(errors="replace")

    def take(self):
        _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", self.exactly(8))
        return kind, self.exactly(length + padding)[:length]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise SystemExit("the responder has closed the connection")
            data += more
        return data


class Responder:
    """A responder under callgrind, asked over one kept connection."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.output = os.path.join(folder, "callgrind.out")
        self.run(binary, "migrate")
        self.run(binary, "demo", "--users", str(USERS), "--products", str(PRODUCTS), "--coupon-quantity", "100000",
                 "--balance", "5000000", "--tokens", os.path.join(folder, "tokens"))
        with open(os.path.join(folder, "tokens")) as tokens:
            self.tokens = tokens.read().split()
        # Valgrind cannot read what the compiler writes for debuggers.
        stripped = os.path.join(folder, "jangteo")
        subprocess.run(["strip", "--strip-debug", "-o", stripped, binary], check=True)
        path = os.path.join(folder, "s.sock")
        self.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + self.output, stripped, "serve", "--data", folder,
             "--socket", path], stderr=subprocess.DEVNULL,
            env={**os.environ, "JANGTEO_SHARE": SHARE, "JANGTEO_THREADS": "4"})
        self.connection = Connection(path, lambda: self.process.poll() is None)

    def run(self, binary, *arguments):
        subprocess.run([binary, arguments[0], "--data", self.folder, *arguments[1:]], check=True,
                       stdout=subprocess.DEVNULL)

    def ask(self, method, target, token=None, body=""):
        status, _, content = self.connection.ask(method, target, token, body)
        if status not in (200, 201):
            raise SystemExit("%s %s: %d %s" % (method, target, status, content))
        return content

    def control(self, option):
        subprocess.run(["callgrind_control", option, str(self.process.pid)], check=True, capture_output=True)

    def count(self, requests):
        """Instructions from here to the end of these requests."""
        self.control("--zero")
        for request in requests:
            self.ask(*request)
        before = set(os.listdir(self.folder))
        self.control("--dump")
        made = [name for name in set(os.listdir(self.folder)) - before if name.startswith("callgrind.out")]
        total = 0
        for name in made:
            with open(os.path.join(self.folder, name)) as dump:
                total += int(re.search(r"^totals: (\d+)", dump.read(), re.MULTILINE).group(1))
        return total

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def measure(binary, count):
    with tempfile.TemporaryDirectory() as folder:
        responder = Responder(binary, folder)
        try:
            return {name: responder.count(requests) / len(requests)
                    for name, requests in workloads(responder, count)}
        finally:
            responder.stop()


def workloads(responder, count):
    """Names and their requests; each is asked for some times before it is counted."""
    tokens = responder.tokens
    some = max(20, count // 10)
    everybody = tokens[some:some + count]

    def both(make):
        for token in tokens[:some]:
            responder.ask(*make(token))
        return [make(token) for token in everybody]

    yield "product list", both(lambda _: ("GET", "/api/v1/products?limit=20"))
    yield "balance", both(lambda token: ("GET", "/api/v1/balance", token))
    yield "charge", both(lambda token: ("POST", "/api/v1/balance/charges", token, '{"amount":1000}'))
    yield "coupon", both(lambda token: ("POST", "/api/v1/coupons/1/issue", token))
    orders = []
    order = both(lambda token: ("POST", "/api/v1/orders", token, '{"items":[{"productId":7,"quantity":1}]}'))
    yield "order", order
    for _, _, token, body in order[:count]:
        made = responder.ask("POST", "/api/v1/orders", token, body)
        orders.append((re.match(r'{"id":(\d+)', made).group(1), token))
    yield "payment", [("POST", "/api/v1/orders/%s/payment" % number, token) for number, token in orders]
    yield "first page", both(lambda _: ("GET", "/"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("binaries", nargs="*", default=[os.path.join(ROOT, ".build", "release", "jangteo")],
                        metavar="BINARY")
    options = parser.parse_args()
    results = [measure(os.path.abspath(binary), min(options.requests, USERS // 2)) for binary in options.binaries]
    for name in results[0]:
        numbers = ["%9.0f" % result[name] for result in results]
        ratios = ["%.3f" % (result[name] / results[0][name]) for result in results[1:]]
        print("%-14s" % name, *numbers, *ratios)


if __name__ == "__main__":
    sys.exit(main())
