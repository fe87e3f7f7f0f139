"""Jangteo as a target of the driver that measures shops side by side.

    Benchmarks/peers/bench.py --connections 64 --rounds 3 --peers null-c,go-fcgi,go-http,php-fpm,python \\
        --target-file jangteo=Benchmarks/jangteo.py

Every measurement gets a fresh copy of a database that `jangteo demo` has made, the shop's own nginx.conf with its access
log, and the shop's own durability. Afterwards `jangteo audit` has to find nothing, and what was answered has to be
there.
"""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import peers
from scenarios import Request, Scenario, weighted

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BINARY = os.path.join(ROOT, ".build", "release", "jangteo")
FILL_NGINX = os.path.join(ROOT, "deploy", "fill-nginx")
START_BALANCE = 5_000_000  # that of the peers

LOGIN = {"Authorization": "Bearer {token}"}
PRODUCTS = Request("GET", "/api/v1/products?limit=20", kind="products")
BALANCE = Request("GET", "/api/v1/balance", headers=LOGIN, kind="balance")
CHARGE = Request("POST", "/api/v1/balance/charges", headers=LOGIN, kind="charge",
                 body='{{"amount":{amount}}}', expect=(201,))
COUPON = Request("POST", "/api/v1/coupons/1/issue", headers={"Authorization": "Bearer {race_token}"},
                 kind="coupon", body="", expect=(201, 409))
PAY = Request("POST", "/api/v1/orders/{order}/payment", headers=LOGIN, kind="pay", body="", expect=(201,))
ORDER = Request("POST", "/api/v1/orders", headers=LOGIN, kind="order", body='{{"items":{items}}}', expect=(201,),
                capture={"order": '"id":(%d+)', "user": '"userId":(%d+)'}, then=PAY)

SCENARIOS = {
    "products": Scenario([PRODUCTS], read_only=True),
    "balance": Scenario([BALANCE], read_only=True),
    "charge": Scenario([CHARGE]),
    "coupon": Scenario([COUPON], warm_with="charge"),
    "order": Scenario([ORDER]),
    "mixed": Scenario([weighted(PRODUCTS, 60), weighted(BALANCE, 30), weighted(CHARGE, 4), weighted(ORDER, 6)]),
}

running = {}  # what tokens() and verify() need to know of the last start(), by its URL


def build(work):
    subprocess.run(["swift", "build", "-c", "release", "--product", "jangteo"], cwd=ROOT, check=True)


def jangteo(*arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True)


def size_of(db):
    """Users, products and coupons of the peers' database: ours is to have as many."""
    with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as seeded:
        return seeded.execute("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM products),"
                              " (SELECT total FROM coupons)").fetchone()


def template(work, size):
    """A folder with a database and its tokens, made once."""
    folder = os.path.join(work, "jangteo-%d-%d-%d" % size)
    if not os.path.exists(folder):
        users, products, coupons = size
        jangteo("migrate", "--data", folder + ".new")
        jangteo("demo", "--data", folder + ".new", "--users", str(users), "--products", str(products),
                "--coupon-quantity", str(coupons), "--balance", str(START_BALANCE),
                "--tokens", os.path.join(folder + ".new", "tokens"))
        os.rename(folder + ".new", folder)
    return folder


def start(work, cell, db, sync):
    size = size_of(db)
    source = template(work, size)
    data = os.path.join(cell, "data")
    os.makedirs(os.path.join(data, "temp"))
    shutil.copyfile(os.path.join(source, "shop.db"), os.path.join(data, "shop.db"))
    with open(os.path.join(data, "shop.db"), "rb+") as copied:
        os.fsync(copied.fileno())  # or its writing would disturb the run
    for path in (data, os.path.join(data, "temp"), os.path.join(data, "shop.db")):
        peers.own(path)

    instance = peers.Instance("http://127.0.0.1:%d" % peers.free_port())
    socket = os.path.join(data, "jangteo.sock")
    process = instance.run([BINARY, "serve", "--data", data, "--socket", socket], as_account=True,
                           env={**os.environ, "JANGTEO_SYNCHRONOUS": sync.lower()},
                           log=os.path.join(cell, "responder.log"))
    peers.wait_socket(socket, process)
    config = os.path.join(data, "nginx.conf")
    with open(config, "w") as filled:
        subprocess.run([FILL_NGINX, "--port", instance.url.rpartition(":")[2], "--socket", socket,
                        "--operations", str(peers.free_port())], stdout=filled, check=True)
    user = "user %s;" % peers.account() if peers.account() else ""
    instance.run(["nginx", "-p", data, "-c", config, "-g", "daemon off; " + user], stop=signal.SIGQUIT,
                 log=os.path.join(cell, "nginx.log"))
    deadline = time.monotonic() + 20
    while not ready(instance.url):
        if time.monotonic() > deadline:
            instance.stop()
            raise RuntimeError("jangteo is not ready")
        time.sleep(0.02)
    running[instance.url] = {"data": data, "tokens": os.path.join(source, "tokens"), "coupons": size[2]}
    return instance


def ready(url):
    try:
        # Asks for nothing that is counted.
        return peers.http("GET", url + "/api/v1/coupons", timeout=2)[0] == 200
    except OSError:
        return False


def tokens(url, scenario, users):
    with open(running[url]["tokens"]) as lines:
        return lines.read().split()


def verify(url, db, scenario, result):
    shop = running[url]
    time.sleep(2.5)  # the views counted last are written within a second, and so is the log
    audit = subprocess.run([BINARY, "audit", "--data", shop["data"]], capture_output=True, text=True)
    problems = audit.stdout.splitlines() if audit.returncode else []
    answered = count_log(os.path.join(shop["data"], "access.log"))
    with sqlite3.connect("file:%s/shop.db?mode=ro" % shop["data"], uri=True) as books:
        def one(sql):
            return books.execute(sql).fetchone()[0] or 0

        # Where wrk ended, some requests had been sent whose answers nobody waited for: 499 in the log.
        def within(what, there, answers, cut, each=1):
            if not each * answers <= there <= each * (answers + cut):
                problems.append("%s: %d in the database, %d answered, %d cut off" % (what, there, answers, cut))

        cut = sum(n for (_, status), n in answered.items() if status == 499)
        start = one("SELECT count(*) FROM users")  # each begins with one charge
        within("charges", one("SELECT count(*) FROM balance_entries WHERE kind = 'charge'") - start,
               answered.get(("charges", 201), 0), cut)
        within("orders", one("SELECT count(*) FROM orders"), answered.get(("orders", 201), 0), cut)
        within("payments", one("SELECT count(*) FROM payments"), answered.get(("payment", 201), 0), cut)
        within("coupons", one("SELECT count(*) FROM user_coupons"), answered.get(("issue", 201), 0), cut)
        within("views", one("SELECT sum(views) FROM products"), answered.get(("products", 200), 0), cut, each=20)
        if scenario == "coupon":
            issued = one("SELECT count(*) FROM user_coupons")
            if issued != min(shop["coupons"], sum(result["race"])):
                problems.append("%d coupons issued of %d, asked for by %d" % (
                    issued, shop["coupons"], sum(result["race"])))
    return problems


def count_log(path):
    """How often nginx answered what with which status, by the last word of the path."""
    counted = {}
    with open(path) as lines:
        for line in lines:
            entry = json.loads(line)
            word = entry["target"].partition("?")[0].rpartition("/")[2]
            counted[word, entry["status"]] = counted.get((word, entry["status"]), 0) + 1
    return counted
