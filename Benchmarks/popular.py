#!/usr/bin/env python3
"""How long the batch takes over three million order lines of the last 72 hours and 100,000 products.

    Benchmarks/popular.py [--lines 3000000] [--products 100000] [--runs 5]

The shop is made by `jangteo demo` in a temporary folder; `jangteo audit` has to agree before anything is measured.
"""
import argparse
import os
import resource
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, ".build", "release", "jangteo")
USERS = 10_000


def fill(data, lines, products):
    subprocess.run([BINARY, "migrate", "--data", data], check=True, stdout=subprocess.DEVNULL)
    # Two lines an order, taking one with the other.
    subprocess.run([BINARY, "demo", "--data", data, "--users", str(USERS), "--products", str(products),
                    "--orders", str(lines // 2), "--order-days", "3"], check=True)
    with sqlite3.connect(os.path.join(data, "shop.db")) as db:
        return [db.execute("SELECT count(*) FROM " + table).fetchone()[0] for table in ("order_lines", "product_sales")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        lines, rows = fill(data, options.lines, options.products)
        print("%d order lines, %d products, %d counts of sales by product and hour" % (lines, options.products, rows))
        subprocess.run([BINARY, "audit", "--data", data], check=True)
        for _ in range(options.runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.monotonic()
            subprocess.run([BINARY, "popular", "--data", data], check=True, stdout=subprocess.DEVNULL)
            took = time.monotonic() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            print("jangteo popular: %.2f s, of them %.2f s of CPU" % (
                took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))


if __name__ == "__main__":
    main()
