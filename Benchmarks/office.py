#!/usr/bin/env python3
"""How much processor time each list and page of the staff takes in a large shop.

    Benchmarks/office.py [--users 1000000] [--products 100000] [--orders 10000000] [--data DIR] [--requests 20]

The shop is made by `jangteo demo` in a temporary folder, or in DIR, where it stays and is used again. Every address is
asked for several times over FastCGI, as nginx would ask; the time is the processor's, of the responder, with what it does
behind its answers.

Today and the figures of a day have to take less than 20 ms, each list less than 10 ms, also where it finds little or nothing.
The other pages are measured without a limit. The exit status is 1 if a page takes longer than it may, or does not answer 200.

Milliseconds are the machine's. The last column has what the page takes on a processor on which a fixed piece of work takes
what it usually does (see Tests/PythonSupport/yardstick.py): it says whether the page has become slow, or the machine.
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

sys.path.insert(0, os.path.join(ROOT, "Tests", "PythonSupport"))
from yardstick import USUAL_MILLISECONDS, Yardstick, processor_milliseconds  # noqa: E402

BINARY = os.path.join(ROOT, ".build", "release", "jangteo")
LOGIN, PASSWORD = "benchmark", "correct horse 1"
# What a page may take, in milliseconds.
TODAY, LIST, FIGURES_OF_A_DAY, NO_LIMIT = 20, 10, 20, None
# Each list, and each filter that has a way of its own to its rows.
PAGES = [
    ("/admin", TODAY),
    ("/admin/orders", LIST), ("/admin/orders?status=pending", LIST), ("/admin/orders?status=refunded", LIST),
    ("/admin/orders?refunded=true", LIST), ("/admin/orders?q=user000000007", LIST), ("/admin/orders?product=7", LIST),
    ("/admin/orders?from={month}&to={today}", LIST), ("/admin/orders?status=cancelled&from={month}&to={today}", LIST),
    ("/admin/orders?by=paid&from={today}&to={today}", LIST), ("/admin/orders/{order}", NO_LIMIT),
    # Only the newest wait; no such product was ever sold; nothing has a coupon.
    ("/admin/orders?status=pending&from={half}&to={quarter}", LIST), ("/admin/orders?product=999999999", LIST),
    ("/admin/orders?coupon=true&from={half}&to={quarter}", LIST),
    ("/admin/products", LIST), ("/admin/products?q=%ED%95%9C%EB%9D%BC%EB%B4%89", LIST), ("/admin/products?filter=low", LIST),
    ("/admin/products?filter=sold-out", LIST), ("/admin/products/7", NO_LIMIT),
    # Nothing is called that; all have this letter, and none is unlisted.
    ("/admin/products?q=%EC%97%86%EB%8A%94%EA%B2%83", LIST), ("/admin/products?filter=unlisted&q=%ED%98%B8", LIST),
    ("/admin/coupons", LIST),
    ("/admin/customers", LIST), ("/admin/customers?q=user000999", LIST), ("/admin/customers?q=%EC%86%90%EB%8B%98", LIST),
    ("/admin/customers?group=staff", LIST), ("/admin/customers?group=closed", LIST), ("/admin/customers/7", NO_LIMIT),
    ("/admin/customers/7/entries", LIST), ("/admin/customers/7/coupons", LIST),
    # Nobody is called that; nobody of the staff is called what all customers are.
    ("/admin/customers?q=%EC%97%86%EB%8A%94%20%EC%82%AC%EB%9E%8C", LIST),
    ("/admin/customers?group=staff&q=%EC%86%90%EB%8B%98", LIST),
    ("/admin/trace", LIST), ("/admin/staff", LIST), ("/admin/corrections", LIST),
    ("/admin/figures", FIGURES_OF_A_DAY), ("/admin/figures?from={yesterday}&to={yesterday}", FIGURES_OF_A_DAY),
    ("/admin/figures?from={month}&to={today}", NO_LIMIT), ("/admin/figures?from={year}&to={today}", NO_LIMIT),
    ("/admin/figures?by=month&from={year}&to={today}", NO_LIMIT), ("/admin/figures/products", NO_LIMIT),
    ("/admin/figures/products?from={year}&to={today}", NO_LIMIT)]


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

    def measure(self, target, cookie):
        """The status, and the milliseconds of processor time that one answer takes."""
        status, _, _ = self.connection.ask("GET", target, fields=[("HTTP_COOKIE", cookie)])
        if status != 200:
            return status, None
        before = processor_milliseconds(self.process.pid)
        for _ in range(self.requests):
            self.connection.ask("GET", target, fields=[("HTTP_COOKIE", cookie)])
        return status, (processor_milliseconds(self.process.pid) - before) / self.requests

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


def days_ago(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 86_400))


def run(data, options):
    """How many pages took longer than they may, or did not answer."""
    make(data, options)
    shop = Shop(data, options.requests)
    yardstick = Yardstick()
    failures = 0
    try:
        cookie = shop.log_in()
        named = {"today": days_ago(0), "yesterday": days_ago(1), "month": days_ago(30), "quarter": days_ago(90),
                 "half": days_ago(180), "year": days_ago(364), "order": str(options.orders // 2)}
        print("%-62s %10s %9s %9s" % ("", "takes", "may take", "usually"))
        for page, limit in PAGES:
            target = page.format(**named)
            yard = min(yardstick.milliseconds() for _ in range(3))
            status, milliseconds = shop.measure(target, cookie)
            if milliseconds is None:
                print("%-62s %s" % (target, status))
                failures += 1
                continue
            yard = min(yard, *(yardstick.milliseconds() for _ in range(3)))
            is_slow = limit is not None and milliseconds >= limit
            failures += is_slow
            print("%-62s %7.2f ms %9s %6.2f ms%s" % (
                target, milliseconds, "" if limit is None else "%d ms" % limit, milliseconds / yard * USUAL_MILLISECONDS,
                "  TOO SLOW" if is_slow else ""))
    finally:
        shop.stop()
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--data", metavar="DIR")
    options = parser.parse_args()
    if options.data:
        return 1 if run(options.data, options) else 0
    with tempfile.TemporaryDirectory() as folder:
        return 1 if run(folder, options) else 0


if __name__ == "__main__":
    sys.exit(main())
