"""Jangteo's pages as a target of the peers' benchmark driver, beside what the peers answer for their list of products.

    Benchmarks/peers/bench.py --connections 64 --rounds 3 --peers null-c --no-contract --scenarios products \\
        --target-file pages=Benchmarks/storefront.py

The three pages at which most visitors look, in equal parts: the first one, the list, and a product's.
"""
import importlib.util
import os
import sqlite3
import subprocess
import time

from scenarios import Request, Scenario

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("jangteo_target", os.path.join(HERE, "jangteo.py"))
shop = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shop)

build, start, tokens = shop.build, shop.start, shop.tokens
HOME, LIST, PRODUCT = (Request("GET", path, kind=kind, weight=1) for path, kind in [
    ("/", "home"), ("/products", "list"), ("/products/7", "product")])
SCENARIOS = {"products": Scenario([HOME, LIST, PRODUCT], read_only=True)}


def verify(url, db, scenario, result):
    data = shop.running[url]["data"]
    time.sleep(2.5)  # the views counted last are written within a second, and so is the log
    audit = subprocess.run([shop.BINARY, "audit", "--data", data], capture_output=True, text=True)
    problems = audit.stdout.splitlines() if audit.returncode else []
    answered = shop.count_log(os.path.join(data, "access.log"))
    cut = sum(n for (_, status), n in answered.items() if status == 499)
    wanted = 20 * answered.get(("products", 200), 0) + answered.get(("7", 200), 0)
    with sqlite3.connect("file:%s/shop.db?mode=ro" % data, uri=True) as books:
        views = books.execute("SELECT sum(views) FROM products").fetchone()[0]
    if not wanted <= views <= wanted + 20 * cut:
        problems.append("views: %d in the database, %d shown, %d requests cut off" % (views, wanted, cut))
    return problems
