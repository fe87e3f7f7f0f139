#!/usr/bin/env python3
"""How long the batch takes over three million order lines of the last 72 hours and 100,000 products.

    Benchmarks/popular.py [--lines 3000000] [--products 100000] [--runs 5]

The orders are written straight into a database of their own, in a temporary folder, with the sales by product and hour
that the payments would have counted; `jangteo audit` has to agree before anything is measured.
"""
import argparse
import os
import random
import resource
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, ".build", "release", "jangteo")
HOURS = 72
USERS = 10_000


def fill(data, lines, products):
    subprocess.run([BINARY, "migrate", "--data", data], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([BINARY, "demo", "--data", data, "--users", str(USERS), "--products", str(products)], check=True)
    now = int(time.time() * 1000)
    chance = random.Random(1)
    db = sqlite3.connect(os.path.join(data, "shop.db"), isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA cache_size = -500000")
    db.execute("BEGIN")

    def orders():
        for number in range(1, lines // 2 + 1):
            # Never in the minute before the first hour of the window.
            paid = now - chance.randrange(HOURS * 3_600_000)
            # Two different products, one unit each at one won; some products sell far more than others.
            first = min(int(chance.paretovariate(0.6)), products)
            second = chance.randrange(1, products)
            yield number, chance.randrange(1, USERS + 1), paid, first, second if second < first else second + 1

    chunk, total = [], 0
    for order in orders():
        chunk.append(order)
        total += 1
        if len(chunk) == 10_000 or total == lines // 2:
            db.executemany("INSERT INTO orders (id, user_id, status, total_amount, discount_amount, final_amount,"
                           " created_at, expires_at, completed_at) VALUES (?, ?, 'completed', 0, 0, 0, ?, ?, ?)",
                           [(n, u, t, t + 1, t) for n, u, t, _, _ in chunk])
            db.executemany("INSERT INTO order_lines (order_id, product_id, position, unit_price, quantity, name)"
                           " VALUES (?, ?, ?, 0, 1, 'x')",
                           [(n, p, i) for n, _, _, a, b in chunk for i, p in enumerate((a, b))])
            db.executemany("INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at)"
                           " VALUES (?, ?, 0, 0, 'paid', ?)", [(n, u, t) for n, u, t, _, _ in chunk])
            chunk = []
    db.execute("INSERT INTO product_sales SELECT o.completed_at / 3600000, l.product_id, sum(l.quantity), sum(l.quantity), 0"
               " FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY 1, 2")
    db.execute("UPDATE products SET supplied = supplied + s.sold FROM (SELECT product_id, sum(quantity) AS sold"
               " FROM product_sales GROUP BY 1) AS s WHERE s.product_id = products.id")
    db.execute("COMMIT")
    rows = db.execute("SELECT count(*) FROM product_sales").fetchone()[0]
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        rows = fill(data, options.lines, options.products)
        print("%d order lines, %d products, %d counts of sales by product and hour" % (
            options.lines, options.products, rows))
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
