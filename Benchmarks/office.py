#!/usr/bin/env python3
"""How much processor time each list and page of the staff takes in a large shop.

    Benchmarks/office.py [--users 1000000] [--products 100000] [--orders 10000000] [--data DIR] [--requests 20]

The shop is made by `jangteo demo` in a temporary folder, or in DIR, where it stays and is used again. Every address is
asked for several times over FastCGI, as nginx would ask; the time is the processor's, of the responder, with what it does
behind its answers. A page that is not there is shown with its status.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

from instructions import Connection, ROOT, SHARE

BINARY = os.path.join(ROOT, ".build", "release", "jangteo")
LOGIN, PASSWORD = "benchmark", "correct horse 1"
# Each list, and each filter that has a way of its own to its rows.
PAGES = [
    "/admin", "/admin/orders", "/admin/orders?status=pending", "/admin/orders?status=refunded", "/admin/orders?refunded=true",
    "/admin/orders?q=user000000007", "/admin/orders?product=7", "/admin/orders?from={month}&to={today}",
    "/admin/orders?status=cancelled&from={month}&to={today}", "/admin/orders/{order}", "/admin/products",
    "/admin/products?q=%ED%95%9C%EB%9D%BC%EB%B4%89", "/admin/products?filter=low", "/admin/products?filter=sold-out",
    "/admin/products/7", "/admin/coupons", "/admin/customers", "/admin/customers?q=user000999",
    "/admin/customers?q=%EC%86%90%EB%8B%98", "/admin/customers?group=staff", "/admin/customers?group=closed", "/admin/customers/7",
    "/admin/customers/7/entries", "/admin/customers/7/coupons", "/admin/trace", "/admin/figures",
    "/admin/figures?from={month}&to={today}", "/admin/figures/products", "/admin/staff", "/admin/corrections"]


class Shop:
    def __init__(self, data, requests):
        self.requests = requests
        path = os.path.join(tempfile.mkdtemp(), "s.sock")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", data, "--socket", path], stderr=subprocess.DEVNULL,
            env={**os.environ, "JANGTEO_SHARE": SHARE, "JANGTEO_SECOND_FACTOR": "optional"})
        self.connection = Connection(path, lambda: self.process.poll() is None)

    def log_in(self):
        _, head, page = self.connection.ask("GET", "/login")
        visit = re.search(r"[Ss]et-[Cc]ookie: (\w+=[^;]+)", head).group(1)
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
        form = urllib.parse.urlencode({**hidden, "login": LOGIN, "password": PASSWORD})
        _, head, page = self.connection.ask("POST", "/login", body=form, form=True, fields=[("HTTP_COOKIE", visit)])
        found = re.search(r"session=[^;]+", head)
        if not found:
            raise SystemExit("the log-in is refused: " + head + page)
        return found.group(0)

    def cpu(self):
        """Of the responder so far, in seconds."""
        threads = "/proc/%d/task" % self.process.pid
        total = 0
        for thread in os.listdir(threads):
            try:
                with open(os.path.join(threads, thread, "schedstat")) as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:
                pass
        return total / 1e9

    def measure(self, target, cookie):
        """The status, and the milliseconds of processor time that one answer takes."""
        status, _, _ = self.connection.ask("GET", target, fields=[("HTTP_COOKIE", cookie)])
        if status != 200:
            return status, None
        before = self.cpu()
        for _ in range(self.requests):
            self.connection.ask("GET", target, fields=[("HTTP_COOKIE", cookie)])
        return status, (self.cpu() - before) * 1000 / self.requests

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def make(data, options):
    if not os.path.exists(os.path.join(data, "shop.db")):
        os.makedirs(data, exist_ok=True)
        subprocess.run([BINARY, "migrate", "--data", data], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        subprocess.run([BINARY, "demo", "--data", data, "--users", str(options.users), "--products", str(options.products),
                        "--orders", str(options.orders)], check=True)
        print("made in %.0f s" % (time.monotonic() - began))
    subprocess.run([BINARY, "users", "create", "--data", data, LOGIN, "--role", "owner", "--if-missing", "--password-stdin"],
                   input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)


def run(data, options):
    make(data, options)
    shop = Shop(data, options.requests)
    try:
        cookie = shop.log_in()
        now = time.time()
        named = {"month": time.strftime("%Y-%m-%d", time.gmtime(now - 30 * 86_400)),
                 "today": time.strftime("%Y-%m-%d", time.gmtime(now)), "order": str(options.orders // 2)}
        for page in PAGES:
            target = page.format(**named)
            status, milliseconds = shop.measure(target, cookie)
            print("%-62s" % target, "%7.2f ms" % milliseconds if milliseconds is not None else status)
    finally:
        shop.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--data", metavar="DIR")
    options = parser.parse_args()
    if options.data:
        return run(options.data, options)
    with tempfile.TemporaryDirectory() as folder:
        run(folder, options)


if __name__ == "__main__":
    sys.exit(main())
