#!/usr/bin/env python3
"""Acceptance of the shop's API from outside: what a program may rely on, over plain HTTP, through nginx.

    acceptance.py --url http://127.0.0.1:8080 --admin LOGIN:PASSWORD --popular 'COMMAND THAT RUNS THE BATCH ONCE'

Needs Python 3.9+ and nothing else. It makes its own users, products and coupons, and may run against a shop
that holds data already, while nobody else uses it. Every function with the one argument `w` is a case. Exit
status 0 when every case holds; the last line counts them.
"""
import argparse, base64, collections, concurrent.futures, csv, datetime, hmac, http.client, inspect, io, json
import random, re, string, struct, subprocess, sys, threading, time, traceback, urllib.parse, zlib


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Shop:
    """One HTTP client; keeps a connection for each thread."""

    def __init__(self, url, record=None):
        self.parts = urllib.parse.urlsplit(url)
        self.local = threading.local()
        self.record, self.writing = record, threading.Lock()

    def note(self, method, path, payload, sent, answer):
        """Writes what was asked and answered as one line of JSON."""
        def text(content):
            return content.decode("utf-8", "replace") if isinstance(content, bytes) else content

        line = json.dumps({"method": method, "path": path, "fields": sent, "body": text(payload), "status": answer.status,
                           "answered": answer.headers, "answer": text(answer.body)})
        with self.writing:
            self.record.write(line + "\n")

    def connect(self):
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=30)
        connection.connect()
        self.local.connection = connection
        return connection

    def call(self, method, path, body=None, token=None, key=None, headers=None, raw=None):
        sent = {"Accept": "application/json"}
        payload = raw
        if body is not None:
            payload = json.dumps(body)
            sent["Content-Type"] = "application/json"
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if key:
            sent["Idempotency-Key"] = key
        sent.update(headers or {})
        while True:
            connection = getattr(self.local, "connection", None)
            fresh = connection is None
            connection = connection or self.connect()
            try:
                connection.request(method, "/api/v1" + path, payload, sent)
                answer = connection.getresponse()
                answer = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
                if self.record:
                    self.note(method, path, payload, sent, answer)
                return answer
            except Exception as error:
                connection.close()
                self.local.connection = None
                gone = isinstance(error, (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError))
                if fresh or not gone:  # a kept connection may have been closed in between: connect once more
                    raise


class World:
    def __init__(self, shop, admin, popular):
        self.shop, self.popular_command = shop, popular
        self.login, _, self.password = admin.partition(":")
        self.admin = self.token(self.login, self.password)

    def token(self, login, password):
        answer = self.shop.call("POST", "/tokens", {"login": login, "password": password})
        assert answer.status == 201, f"token for {login}: {answer}"
        return answer.json["token"]

    def user(self, name="시험"):
        login = "t-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=16))
        made = self.shop.call("POST", "/users", {"login": login, "password": "correct horse 1", "name": name})
        assert made.status == 201, made
        assert made.json["role"] == "customer" and "password" not in made.body.decode().lower(), made
        return self.token(login, "correct horse 1")

    def users(self, count):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda _: self.user(), range(count)))

    def charged(self, amount):
        token = self.user()
        while amount > 0:
            part = min(amount, 1_000_000)
            expect(self.charge(token, part), 201)
            amount -= part
        return token

    def charge(self, token, amount, key=None):
        return self.shop.call("POST", "/balance/charges", {"amount": amount}, token, key)

    def product(self, price=10_000, stock=100, name=None):
        body = {"name": name or "상품 " + str(random.random())[2:], "price": price, "stock": stock}
        return expect(self.shop.call("POST", "/admin/products", body, self.admin), 201)["id"]

    def patch(self, product, **changes):
        return self.shop.call("PATCH", f"/admin/products/{product}", changes, self.admin)

    def coupon(self, **changes):
        return expect(self.shop.call("POST", "/admin/coupons", coupon_body(**changes), self.admin), 201)["id"]

    def issue(self, token, coupon, key=None):
        return self.shop.call("POST", f"/coupons/{coupon}/issue", token=token, key=key)

    def get(self, path, token=None):
        return expect(self.shop.call("GET", path, token=token), 200)

    def pages(self, path, token=None, limit=20):
        """All items of a list, page after page."""
        items, cursor = [], None
        while True:
            query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
            page = self.get(f"{path}{'&' if '?' in path else '?'}{urllib.parse.urlencode(query)}", token)
            items += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return items
            assert len(page["items"]) == limit, f"a page with another after it has {limit} items: {page}"

    def balance(self, token):
        """The balance, after seeing that the entries add up to it."""
        amount, total = self.get("/balance", token)["amount"], 0
        for entry in reversed(self.pages("/balance/entries", token, 100)):
            total += entry["amount"]
            assert entry["balance"] == total, entry
        assert amount == total, f"balance {amount}, entries {total}"
        return amount

    def stock(self, product):
        return self.get(f"/products/{product}")["stock"]

    def order(self, token, *lines, coupon=None):
        body = {"items": [{"productId": p, "quantity": q} for p, q in lines]}
        if coupon:
            body["userCouponId"] = coupon
        return self.shop.call("POST", "/orders", body, token)

    def pay(self, token, order, key=None):
        return self.shop.call("POST", f"/orders/{order}/payment", token=token, key=key)

    def refund(self, order, **wish):
        return self.shop.call("POST", f"/admin/orders/{order}/refund", wish or None, token=self.admin)

    def race(self, function, arguments, threads=48):
        """The function on all arguments at once: the threads start together, each with its connection made."""
        arguments, waited = list(arguments), threading.local()
        barrier = threading.Barrier(min(threads, len(arguments)))

        def run(argument):
            if not getattr(waited, "done", False):
                waited.done = True
                self.shop.connect()
                barrier.wait(30)
            return function(argument)

        with concurrent.futures.ThreadPoolExecutor(barrier.parties) as pool:
            return list(pool.map(run, arguments))

    def run_popular(self):
        subprocess.run(self.popular_command, shell=True, check=True, timeout=60, stdout=subprocess.DEVNULL)


def when(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def coupon_body(**changes):
    return {"name": "쿠폰", "discount": {"kind": "fixed", "amount": 3_000}, "quantity": 100,
            "opensAt": when(-60), "closesAt": when(3600), "validDays": 7, **changes}


def problem(answer):
    """What a refusal says, once it has all that a problem must have."""
    assert answer.headers.get("content-type", "").startswith("application/problem+json"), (answer, answer.headers)
    body = answer.json
    assert body["status"] == answer.status and body["title"] and body["type"] and body["code"], body
    return body


def expect(answer, status, code=None):
    assert answer.status == status, f"expected {status} {code or ''}, got {answer}"
    if status >= 400:
        assert problem(answer)["code"] == (code or answer.json["code"]), f"expected {code}, got {answer}"
    return answer.json if answer.body else None


def came(answers, wanted):
    """Sees that each came as often as wanted: the status of a success, the code of a refusal."""
    counted = collections.Counter(a.status if a.status < 400 else problem(a)["code"] for a in answers)
    assert counted == wanted, f"expected {wanted}, got {dict(counted)}"


# ---- balance -------------------------------------------------------------------------------------------------

def balance_starts_at_nothing_and_charges_add_up(w):
    token = w.user()
    assert w.balance(token) == 0
    first = expect(w.charge(token, 1_000), 201)
    assert first["amount"] == 1_000 and first["balance"] == 1_000, first
    expect(w.charge(token, 1_000_000), 201)
    assert w.balance(token) == 1_001_000
    for _ in range(5):
        expect(w.charge(token, 2_000), 201)
    entries = w.pages("/balance/entries", token, limit=3)
    assert [(e["kind"], e["amount"], e["balance"]) for e in entries] == [
        *(("charge", 2_000, 1_001_000 + 2_000 * n) for n in (5, 4, 3, 2, 1)),
        ("charge", 1_000_000, 1_001_000), ("charge", 1_000, 1_000)], entries


def charge_policy_refuses_and_changes_nothing(w):
    token = w.charged(9_500_000)
    for amount, code in ((999, "charge_below_minimum"), (0, "charge_below_minimum"), (-5_000, "charge_below_minimum"),
                         (1_000_001, "charge_above_maximum"), (2**63 - 1, "charge_above_maximum"),
                         (500_001, "balance_limit_exceeded")):
        expect(w.charge(token, amount), 422, code)
    assert w.balance(token) == 9_500_000
    expect(w.charge(token, 490_000), 201)
    came(w.race(lambda _: w.charge(token, 1_000), range(60)), {201: 10, "balance_limit_exceeded": 50})
    assert w.balance(token) == 10_000_000


def concurrent_charges_of_one_user_are_all_counted(w):
    token = w.user()
    answers = w.race(lambda _: w.charge(token, 1_000), range(300))
    came(answers, {201: 300})
    assert sorted(a.json["balance"] for a in answers) == [1_000 * n for n in range(1, 301)]
    assert w.balance(token) == 300_000


# ---- idempotency ---------------------------------------------------------------------------------------------

def same_key_same_request_charges_once(w):
    token, key = w.user(), "charge-" + str(random.random())
    answers = w.race(lambda _: w.charge(token, 2_000, key), range(40))
    assert {(a.status, a.body) for a in answers} == {(201, answers[0].body)}, answers
    assert sum(a.headers.get("idempotent-replayed") == "true" for a in answers) == 39
    assert w.balance(token) == 2_000


def same_key_other_request_is_refused(w):
    token, key = w.user(), "reuse-" + str(random.random())
    expect(w.charge(token, 2_000, key), 201)
    expect(w.charge(token, 3_000, key), 422, "idempotency_key_reused")
    other = w.user()
    expect(w.charge(other, 3_000, key), 201)
    assert w.balance(token) == 2_000 and w.balance(other) == 3_000
    expect(w.charge(token, 1_000, "k" * 255), 201)
    expect(w.charge(token, 1_000, "k" * 256), 422, "validation_failed")


def orders_coupons_and_payments_are_replayed_and_refusals_are_not(w):
    product, coupon, token, key = w.product(5_000, 10), w.coupon(), w.charged(5_000), str(random.random())

    def at_once(function):
        answers = w.race(function, range(10))
        assert {(a.status, a.body) for a in answers} == {(201, answers[0].body)}, answers
        return answers[0].json

    body = {"items": [{"productId": product, "quantity": 2}]}
    order = at_once(lambda _: w.shop.call("POST", "/orders", body, token, "order-" + key))["id"]
    assert [o["id"] for o in w.pages("/orders", token)] == [order]
    mine = at_once(lambda _: w.issue(token, coupon, "coupon-" + key))
    assert [c["id"] for c in w.pages("/users/me/coupons", token)] == [mine["id"]]
    expect(w.pay(token, order, "pay-" + key), 409, "insufficient_balance")
    expect(w.charge(token, 5_000), 201)
    at_once(lambda _: w.pay(token, order, "pay-" + key))
    assert w.balance(token) == 0 and w.stock(product) == 8
    cancel = w.shop.call("POST", f"/orders/{order}/cancel", token=token, key="pay-" + key)
    expect(cancel, 422, "idempotency_key_reused")


# ---- products ------------------------------------------------------------------------------------------------

def products_are_listed_newest_first_and_views_counted(w):
    made = [w.product() for _ in range(5)]
    page = w.get("/products?limit=3")
    assert [p["id"] for p in page["items"]] == made[:1:-1], page
    following = w.get("/products?limit=3&cursor=" + urllib.parse.quote(page["nextCursor"]))
    assert [p["id"] for p in following["items"]][:2] == made[1::-1]
    for _ in range(20):
        w.shop.call("GET", "/products?limit=3")
    for reads in range(12):  # each of these reads is a view too
        time.sleep(0.5)
        views = [w.get(f"/products/{p['id']}")["views"] for p in page["items"]]
        if min(views) >= 21:
            break
    assert all(21 <= v <= 21 + reads for v in views), (reads, views)


def products_sort_and_search(w):
    word = "".join(random.choices(string.ascii_lowercase, k=10))
    ids = [w.product(price, name=f"{word} 한글상품 {price}") for price in (300, 100, 200, 100, 100)]
    for sort, prices in (("price", [100, 100, 100, 200, 300]), ("-price", [300, 200, 100, 100, 100])):
        found = w.pages(f"/products?q={word}&sort={sort}", limit=2)
        assert [p["price"] for p in found] == prices and {p["id"] for p in found} == set(ids), found
    cursor = w.get(f"/products?q={word}&sort=price&limit=2")["nextCursor"]
    other = w.shop.call("GET", f"/products?q={word}&sort=-price&cursor=" + urllib.parse.quote(cursor))
    expect(other, 422, "validation_failed")
    korean = w.get("/products?q=" + urllib.parse.quote(word + " 한글상품"))["items"]
    assert {p["id"] for p in korean} == set(ids)
    for odd in ('"', "*", "' OR 1=1 --", "NEAR(", "%", "a" * 100):
        w.get("/products?q=" + urllib.parse.quote(odd))


def words_come_back_as_they_were_sent(w):
    token = w.charged(1_000)
    for name in ('"quoted" \\ / <b>&amp;</b>', "줄\n바꿈\t\x01\x1f\x7f", "😀 e\u0301 \u2028", "가" * 200, "nul \0 nul"):
        body = {"name": name, "description": name * 2, "price": 1, "stock": 1}
        answer = w.shop.call("POST", "/admin/products", body, w.admin)
        if "\0" in name and answer.status == 422:
            continue
        made = expect(answer, 201)
        listed = w.get("/products?limit=1")["items"][0]
        shown = w.get(f"/products/{made['id']}")
        assert all((p["name"], p["description"]) == (name, name * 2) for p in (made, listed, shown)), (made, listed, shown)
        assert expect(w.order(token, (made["id"], 1)), 201)["items"][0]["name"] == name


def stock_changes_add_up_and_keep_their_bounds(w):
    product = w.product(stock=10)

    def change(amount):
        return w.patch(product, stockChange=amount)

    came(w.race(lambda _: change(-1), range(15)), {200: 10, "out_of_stock": 5})
    assert expect(change(7), 200)["stock"] == 7
    expect(change(-8), 409, "out_of_stock")
    for amount in (1_000_000_000, 2**63 - 1, -2**63):
        expect(change(amount), 422, "validation_failed")
    assert w.stock(product) == 7


def unlisted_product_is_hidden_and_not_ordered(w):
    product = w.product()
    expect(w.patch(product, listed=False), 200)
    assert product not in [p["id"] for p in w.get("/products?limit=5")["items"]]
    expect(w.shop.call("GET", f"/products/{product}"), 404, "product_not_found")
    expect(w.order(w.user(), (product, 1)), 404, "product_not_found")


# ---- coupons -------------------------------------------------------------------------------------------------

def coupon_window_and_absence(w):
    token = w.user()
    expect(w.issue(token, w.coupon(opensAt=when(600))), 409, "coupon_not_open")
    expect(w.issue(token, w.coupon(opensAt=when(-600), closesAt=when(-1))), 409, "coupon_closed")
    expect(w.shop.call("POST", "/coupons/999999999/issue", token=token), 404, "coupon_not_found")


def coupon_race_issues_exactly_the_quantity(w):
    coupon, tokens = w.coupon(quantity=37), w.users(120)
    answers = w.race(lambda t: w.issue(t, coupon), tokens)
    came(answers, {201: 37, "coupon_sold_out": 83})
    assert len({a.json["id"] for a in answers if a.status == 201}) == 37
    shown = [c for c in w.get("/coupons")["items"] if c["id"] == coupon]
    assert not shown or shown[0]["remaining"] == 0, shown
    winner = next(t for t, a in zip(tokens, answers) if a.status == 201)
    expect(w.issue(winner, coupon), 409, "coupon_already_issued")


def coupon_race_of_one_user_issues_one(w):
    coupon, token = w.coupon(quantity=50), w.user()
    came(w.race(lambda _: w.issue(token, coupon), range(40)), {201: 1, "coupon_already_issued": 39})
    assert next(c for c in w.get("/coupons")["items"] if c["id"] == coupon)["remaining"] == 49
    assert [(c["couponId"], c["status"]) for c in w.pages("/users/me/coupons", token)] == [(coupon, "issued")]


# ---- orders and payments -------------------------------------------------------------------------------------

def order_and_payment_move_everything_once(w):
    a, b, token = w.product(10_000, 10), w.product(2_500, 5), w.charged(100_000)
    coupon = expect(w.issue(token, w.coupon()), 201)["id"]
    order = expect(w.order(token, (a, 2), (b, 1), (a, 1), coupon=coupon), 201)
    assert order["status"] == "pending"
    assert {(i["productId"], i["quantity"], i["unitPrice"], i["amount"]) for i in order["items"]} == {
        (a, 3, 10_000, 30_000), (b, 1, 2_500, 2_500)}, order
    assert (order["totalAmount"], order["discountAmount"], order["finalAmount"]) == (32_500, 3_000, 29_500)
    assert w.stock(a) == 10 and w.balance(token) == 100_000
    expect(w.order(token, (b, 3), (b, 3)), 409, "out_of_stock")
    paid = expect(w.pay(token, order["id"]), 201)
    assert (paid["amount"], paid["balance"], paid["status"]) == (29_500, 70_500, "paid"), paid
    assert (w.stock(a), w.stock(b), w.balance(token)) == (7, 4, 70_500)
    assert w.get(f"/orders/{order['id']}", token)["status"] == "completed"
    assert w.get(f"/orders/{order['id']}/payment", token)["id"] == paid["id"]
    mine = w.get("/users/me/coupons", token)["items"][0]
    assert mine["status"] == "used" and mine["orderId"] == order["id"], mine
    expect(w.pay(token, order["id"]), 409, "order_not_pending")
    expect(w.order(token, (a, 1), coupon=coupon), 409, "coupon_not_usable")
    assert w.balance(token) == 70_500 and w.stock(a) == 7


def refused_payment_leaves_everything_as_it_was(w):
    poor, product, other = w.charged(5_000), w.product(10_000, 4), w.product(1_000, 1)
    coupon = expect(w.issue(poor, w.coupon()), 201)["id"]
    order = expect(w.order(poor, (other, 1), (product, 2), coupon=coupon), 201)["id"]
    expect(w.pay(poor, order), 409, "insufficient_balance")
    assert (w.stock(product), w.stock(other), w.balance(poor)) == (4, 1, 5_000)
    assert w.get("/users/me/coupons", poor)["items"][0]["status"] == "issued"
    assert w.get(f"/orders/{order}", poor)["status"] == "pending"
    expect(w.shop.call("GET", f"/orders/{order}/payment", token=poor), 404, "payment_not_found")
    rich = w.charged(100_000)
    late = expect(w.order(rich, (product, 1), (other, 1)), 201)["id"]
    expect(w.pay(rich, expect(w.order(rich, (other, 1)), 201)["id"]), 201)
    expect(w.pay(rich, late), 409, "out_of_stock")
    assert (w.stock(product), w.stock(other), w.balance(rich)) == (4, 0, 99_000)
    expect(w.order(rich, (other, 1)), 409, "out_of_stock")


def last_items_are_sold_exactly_once(w):
    product, buyers = w.product(1_000, 10), [w.charged(10_000) for _ in range(30)]
    orders = [(t, expect(w.order(t, (product, 1)), 201)["id"]) for t in buyers]
    came(w.race(lambda o: w.pay(*o), orders), {201: 10, "out_of_stock": 20})
    assert w.stock(product) == 0
    assert sorted(w.balance(t) for t in buyers) == [9_000] * 10 + [10_000] * 20


def one_order_is_paid_once_however_often_it_is_tried(w):
    product, token = w.product(1_000, 100), w.charged(100_000)
    order = expect(w.order(token, (product, 1)), 201)["id"]
    came(w.race(lambda _: w.pay(token, order), range(40)), {201: 1, "order_not_pending": 39})
    assert w.balance(token) == 99_000 and w.stock(product) == 99


def one_balance_pays_for_no_more_than_it_holds(w):
    product, token = w.product(3_000, 100), w.charged(10_000)
    orders = [expect(w.order(token, (product, 1)), 201)["id"] for _ in range(12)]
    came(w.race(lambda o: w.pay(token, o), orders), {201: 3, "insufficient_balance": 9})
    assert w.balance(token) == 1_000 and w.stock(product) == 97


def paying_and_cancelling_at_once_does_one_of_them(w):
    product, token, paid = w.product(1_000, 100), w.charged(100_000), 0
    for _ in range(10):
        path = f"/orders/{expect(w.order(token, (product, 1)), 201)['id']}"
        answers = w.race(lambda act: w.shop.call("POST", path + act, token=token), ("/payment", "/cancel"))
        status = w.get(path, token)["status"]
        assert (status, *(a.status for a in answers)) in (("completed", 201, 409), ("cancelled", 409, 200)), (status, answers)
        paid += status == "completed"
    assert w.balance(token) == 100_000 - paid * 1_000 and w.stock(product) == 100 - paid


def one_coupon_pays_for_one_order_only(w):
    product, token = w.product(10_000, 100), w.charged(500_000)
    coupon = expect(w.issue(token, w.coupon()), 201)["id"]
    orders = [expect(w.order(token, (product, 1), coupon=coupon), 201)["id"] for _ in range(5)]
    came(w.race(lambda o: w.pay(token, o), orders), {201: 1, "coupon_not_usable": 4})
    assert w.balance(token) == 493_000


def discounts_are_bounded(w):
    product, token = w.product(9_999, 100), w.charged(1_000_000)

    def total(discount, quantity=1, minimum=0):
        coupon = expect(w.issue(token, w.coupon(discount=discount, minimumOrderAmount=minimum)), 201)["id"]
        return w.order(token, (product, quantity), coupon=coupon)

    order = expect(total({"kind": "percent", "percent": 15}), 201)
    assert (order["discountAmount"], order["finalAmount"]) == (1_499, 8_500), order
    order = expect(total({"kind": "percent", "percent": 50, "maximumAmount": 2_000}), 201)
    assert order["discountAmount"] == 2_000
    order = expect(total({"kind": "fixed", "amount": 50_000}), 201)
    assert (order["discountAmount"], order["finalAmount"]) == (9_999, 0), order
    expect(w.pay(token, order["id"]), 201)
    expect(total({"kind": "fixed", "amount": 100}, minimum=20_000), 422, "coupon_minimum_not_met")
    expect(total({"kind": "fixed", "amount": 100}, 2, minimum=19_998), 201)


def cancelled_order_is_not_paid(w):
    product, token = w.product(), w.charged(50_000)
    order = expect(w.order(token, (product, 1)), 201)["id"]
    assert expect(w.shop.call("POST", f"/orders/{order}/cancel", token=token), 200)["status"] == "cancelled"
    expect(w.pay(token, order), 409, "order_not_pending")
    expect(w.shop.call("POST", f"/orders/{order}/cancel", token=token), 409, "order_not_pending")


def refund_gives_everything_back_once_past_the_balance_limit_too(w):
    product, token = w.product(10_000, 10), w.charged(9_000_000)
    coupon = expect(w.issue(token, w.coupon()), 201)["id"]
    order = expect(w.order(token, (product, 2), coupon=coupon), 201)["id"]
    expect(w.refund(order), 409, "order_not_completed")
    expect(w.pay(token, order), 201)
    expect(w.charge(token, 1_000_000), 201)
    expect(w.charge(token, 17_000), 201)
    came(w.race(lambda _: w.refund(order), range(10)), {200: 1, "order_not_completed": 9})
    assert w.balance(token) == 10_017_000 and w.stock(product) == 10
    assert w.get("/users/me/coupons", token)["items"][0]["status"] == "issued"
    assert w.get(f"/orders/{order}/payment", token)["status"] == "refunded"
    kinds = [e["kind"] for e in w.get("/balance/entries", token)["items"]]
    assert kinds == ["refund", "charge", "charge", "payment"] + ["charge"] * 9, kinds


def nobody_of_the_staff_refunds_an_order_of_their_own(w):
    _, manager = employee(w)
    expect(w.charge(manager, 10_000), 201)
    order = expect(w.order(manager, (w.product(price=2_000), 2)), 201)["id"]
    expect(w.pay(manager, order), 201)
    path = f"/admin/orders/{order}/refund"
    for way in (path, path + "/preview"):
        expect(w.shop.call("POST", way, token=manager), 409, "own_order")
    assert w.get(f"/admin/orders/{order}", w.admin)["refunds"] == []
    expect(w.refund(order), 200)
    assert w.balance(manager) == 10_000


def a_part_of_an_order_is_refunded_to_the_won(w):
    apple, rice, token = w.product(1_000, 10), w.product(300, 10), w.charged(50_000)
    coupon = expect(w.issue(token, w.coupon(discount={"kind": "fixed", "amount": 600})), 201)["id"]
    order = expect(w.order(token, (apple, 3), (rice, 2), coupon=coupon), 201)["id"]
    expect(w.pay(token, order), 201)
    one = [{"productId": apple, "quantity": 1}]
    three = [{"productId": apple, "quantity": 3}]
    preview = lambda of=order, **wish: w.shop.call("POST", f"/admin/orders/{of}/refund/preview", wish or None, token=w.admin)
    begun = expect(w.order(token, (apple, 1)), 201)["id"]
    expect(preview(begun), 409, "order_not_completed")
    expect(w.shop.call("POST", f"/orders/{begun}/cancel", token=token), 200)
    expect(preview(2**53), 404, "order_not_found")
    assert expect(preview(lines=one, returnToStock=False), 200) == {
        "amount": 833, "balanceBefore": 47_000, "balanceAfter": 47_833, "returnToStock": False, "couponId": None,
        "seenRefunds": 0, "last": False,
        "lines": [{"productId": apple, "quantity": 1, "amount": 833, "stockBefore": 7, "stockAfter": 7}]}
    assert expect(preview(lines=three, seenRefunds=0), 200)["last"] is False
    # It is only looked at.
    assert (w.balance(token), w.stock(apple), w.stock(rice)) == (47_000, 7, 8)
    file = w.get(f"/admin/orders/{order}", w.admin)
    assert (file["refunds"], [event["kind"] for event in file["events"]]) == ([], ["made", "paid"]), file
    answer = expect(w.refund(order, lines=one, returnToStock=False, seenRefunds=0), 200)
    assert (answer["status"], answer["refundedAmount"], answer["finalAmount"]) == ("completed", 833, 3_000), answer
    assert (w.balance(token), w.stock(apple), w.stock(rice)) == (47_833, 7, 8)
    expect(w.refund(order, lines=one, seenRefunds=0), 409, "refund_outdated")
    expect(preview(lines=one, seenRefunds=0), 409, "refund_outdated")
    rest = expect(preview(seenRefunds=1), 200)
    assert (rest["amount"], rest["last"], rest["lines"][1]["stockAfter"]) == (2_167, True, 10) and rest["couponId"] == coupon, rest
    assert rest["seenRefunds"] == 1 and expect(preview(), 200) == rest, rest
    expect(w.shop.call("POST", f"/admin/orders/{order}/refund/preview", token=token), 403, "forbidden")
    for answer in (preview(lines=three), w.refund(order, lines=three)):
        expect(answer, 409, "refund_above_order")
    for lines, field in (([], "lines"), ([{"productId": apple, "quantity": 0}], "lines.0.quantity")):
        refused = w.refund(order, lines=lines)
        expect(refused, 422, "validation_failed")
        assert [e["field"] for e in refused.json["errors"]] == [field], refused
    assert w.get(f"/orders/{order}/payment", token)["status"] == "paid"
    assert expect(w.refund(order), 200)["status"] == "refunded"
    assert (w.balance(token), w.stock(apple), w.stock(rice)) == (50_000, 9, 10)
    expect(preview(), 409, "order_not_completed")
    file = w.get(f"/admin/orders/{order}", w.admin)
    assert [(r["id"], r["amount"], r["returnedToStock"]) for r in file["refunds"]] == [(1, 833, False), (2, 2_167, True)]
    assert file["refunds"][0]["lines"] == [{"productId": apple, "quantity": 1, "amount": 833}], file
    assert w.get("/users/me/coupons", token)["items"][0]["status"] == "issued"


def what_happens_to_an_order_is_in_its_events(w):
    me, token = w.get("/users/me", w.admin), w.charged(50_000)
    order = expect(w.order(token, (w.product(1_000), 1)), 201)["id"]
    expect(w.pay(token, order), 201)
    note = lambda text, **more: w.shop.call("POST", f"/admin/orders/{order}/notes", {"text": text}, **more)
    expect(note("전화로 환불을 요청함", token=w.admin), 201)
    expect(w.refund(order), 200)
    file = w.get(f"/admin/orders/{order}", w.admin)
    events = [(e["id"], e["kind"], e["actor"], e["login"], e["amount"], e["note"]) for e in file["events"]]
    assert events == [
        (1, "made", "customer", None, None, None), (2, "paid", "customer", None, 1_000, None),
        (3, "note", "staff", me["login"], None, "전화로 환불을 요청함"),
        (4, "refunded", "staff", me["login"], 1_000, None)], events
    assert file["login"] == w.get("/users/me", token)["login"], file
    for text, status, code in (("", 422, "validation_failed"), ("가" * 1_001, 422, "validation_failed")):
        expect(note(text, token=w.admin), status, code)
    expect(note("x", token=token), 403, "forbidden")
    expect(note("x"), 401, "unauthenticated")
    expect(w.shop.call("POST", "/admin/orders/999999999/notes", {"text": "x"}, token=w.admin), 404, "order_not_found")
    expect(w.shop.call("GET", f"/admin/orders/{order}", token=token), 403, "forbidden")
    expect(w.shop.call("GET", "/admin/orders/999999999", token=w.admin), 404, "order_not_found")


def several_orders_are_refunded_and_noted_at_once(w):
    apple, token, other = w.product(1_000, 20), w.charged(50_000), w.charged(50_000)
    orders = [expect(w.order(who, (apple, 2)), 201)["id"] for who in (token, token, other, other)]
    for who, order in zip((token, token, other), orders):
        expect(w.pay(who, order), 201)
    expect(w.refund(orders[1], lines=[{"productId": apple, "quantity": 1}]), 200)
    refund = lambda ids, key=None, by=w.admin, **more: w.shop.call(
        "POST", "/admin/orders/refunds", {"orders": ids, **more}, token=by, key=key)
    refused = refund([{"id": orders[0]}, {"id": orders[1], "seenRefunds": 0}, {"id": orders[3]}])
    reasons = [(one["orderId"], one["code"]) for one in expect(refused, 409, "orders_refused")["orders"]]
    assert reasons == [(orders[1], "refund_outdated"), (orders[3], "order_not_completed")], refused
    assert all(one["title"] for one in refused.json["orders"]), refused
    assert (w.balance(token), w.balance(other), w.stock(apple)) == (47_000, 48_000, 15)
    wish = [{"id": orders[0]}, {"id": orders[1], "seenRefunds": 1}, {"id": orders[2], "seenRefunds": 0}]
    key = "several-" + "".join(random.choices(string.ascii_lowercase, k=12))
    answers = w.race(lambda _: refund(wish, key, returnToStock=False), range(8))
    assert {answer.status for answer in answers} == {200} and len({answer.body for answer in answers}) == 1, answers
    assert answers[0].json == {"items": [
        {"orderId": orders[0], "amount": 2_000}, {"orderId": orders[1], "amount": 1_000}, {"orderId": orders[2], "amount": 2_000}],
        "amount": 5_000}, answers[0]
    assert (w.balance(token), w.balance(other), w.stock(apple)) == (50_000, 50_000, 15)
    note = lambda ids, text="x", by=w.admin: w.shop.call(
        "POST", "/admin/orders/notes", {"text": text, "orders": [{"id": order} for order in ids]}, token=by)
    noted = expect(note([orders[3], orders[0]], "같은 메모"), 201)
    assert noted == {"items": [{"orderId": orders[3]}, {"orderId": orders[0]}]}, noted
    kinds = [(event["kind"], event["note"]) for event in w.get(f"/admin/orders/{orders[0]}", w.admin)["events"]]
    assert kinds == [("made", None), ("paid", None), ("refunded", None), ("note", "같은 메모")], kinds
    missing = expect(note([orders[0], 2**53]), 409, "orders_refused")
    assert [(one["orderId"], one["code"]) for one in missing["orders"]] == [(2**53, "order_not_found")], missing
    traced = w.pages(f"/admin/trace?subject=order&subjectId={orders[0]}", w.admin)
    assert [line["action"] for line in traced] == ["order-noted", "order-refunded"], traced
    rows = rows_of(w, f"/admin/orders.csv?select={orders[0]}&select={orders[3]}")
    assert [(int(row["id"]), row["status"]) for row in rows] == [(orders[3], "pending"), (orders[0], "refunded")], rows
    for answer, field in ((refund([]), "orders"), (refund([{"id": orders[0]}] * 2), "orders.1.id"),
                          (refund([{"id": n + 1} for n in range(51)]), "orders"), (note([orders[0]], ""), "text"),
                          (w.shop.call("GET", "/admin/orders.csv?select=x", token=w.admin), "select")):
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    for answer in (refund([{"id": orders[0]}], by=token), note([orders[0]], by=token)):
        expect(answer, 403, "forbidden")
    for answer in (refund([{"id": orders[0]}], by=None), note([orders[0]], by=None)):
        expect(answer, 401, "unauthenticated")


def staff_find_the_orders_of_everybody(w):
    apple, rice, token = w.product(1_000, 10), w.product(300, 10), w.charged(50_000)
    login = w.get("/users/me", token)["login"]
    coupon = expect(w.issue(token, w.coupon(discount={"kind": "fixed", "amount": 500})), 201)["id"]
    made = [expect(w.order(token, *lines, coupon=used), 201)["id"] for lines, used in (
        ([(apple, 2)], coupon), ([(rice, 1)], None), ([(apple, 1), (rice, 1)], None))]
    for order in made[:2]:
        expect(w.pay(token, order), 201)
    expect(w.refund(made[1], lines=[{"productId": rice, "quantity": 1}]), 200)
    mine = f"/admin/orders?login={login.upper()}"
    found = lambda more="": [one["order"]["id"] for one in w.pages(mine + more, w.admin, limit=2)]
    assert found() == made[::-1]
    assert found(f"&product={apple}") == [made[2], made[0]]
    assert (found("&status=pending"), found("&status=refunded")) == ([made[2]], [made[1]])
    assert (found("&refunded=true"), found("&coupon=true"), found(f"&number={made[0]}")) == ([made[1]], [made[0]], [made[0]])
    assert (found("&from=2000-01-01"), found("&to=2000-01-01")) == (made[::-1], [])
    assert (found("&by=paid"), found("&by=paid&from=2000-01-01"), found("&by=paid&to=2000-01-01")) == (made[1::-1], made[1::-1], [])
    page = w.get(mine, w.admin)
    assert page["totals"] == {"count": 3, "paidAmount": 1_800, "discountAmount": 500, "refundedAmount": 300, "since": None}, page
    assert page["lookedBackTo"] is None and {one["login"] for one in page["items"]} == {login}, page
    for query, field in (("number=x", "number"), ("product=0", "product"), ("status=lost", "status"),
                         ("refunded=yes", "refunded"), ("by=x", "by"), ("from=2026-02-30", "from"),
                         ("from=2026-02-02&to=2026-02-01", "to"), ("cursor=x", "cursor")):
        answer = w.shop.call("GET", "/admin/orders?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    expect(w.shop.call("GET", "/admin/orders", token=token), 403, "forbidden")
    expect(w.shop.call("GET", "/admin/orders"), 401, "unauthenticated")


def orders_keep_the_price_they_were_made_at(w):
    product, token = w.product(10_000, 10), w.charged(50_000)
    order = expect(w.order(token, (product, 1)), 201)["id"]
    expect(w.patch(product, price=20_000), 200)
    assert expect(w.pay(token, order), 201)["amount"] == 10_000


def only_so_many_orders_of_one_customer_wait_to_be_paid(w):
    product, token = w.product(1_000, 1_000), w.user()
    orders = [expect(w.order(token, (product, 1)), 201)["id"] for _ in range(20)]
    expect(w.order(token, (product, 1)), 409, "too_many_pending_orders")
    expect(w.shop.call("POST", f"/orders/{orders[0]}/cancel", token=token), 200)
    expect(w.order(token, (product, 1)), 201)


# ---- popular products ----------------------------------------------------------------------------------------

def popular_products_follow_sales_then_views_then_newest(w):
    token = w.charged(10_000_000)
    w.run_popular()  # what was sold before this case
    current = w.get("/products/popular")
    base = max([p["sales"] for p in current["items"]], default=0) + 10
    wanted = [(w.product(1, base + 9), base + extra) for extra in (3, 2, 1)]
    older, viewed, newest, returned = (w.product(1, base + 9) for _ in range(4))
    paid = []
    for product, sales in wanted + [(older, base), (viewed, base), (newest, base), (returned, base + 9)]:
        while sales > 0:
            part = min(sales, 1_000)
            paid.append((product, expect(w.order(token, (product, part)), 201)["id"]))
            expect(w.pay(token, paid[-1][1]), 201)
            sales -= part
    for product, order in paid:
        if product == returned:
            expect(w.refund(order), 200)
    unpaid = expect(w.order(token, (w.product(1_000_000_000, 1_000), min(base + 9, 1_000))), 201)["id"]
    expect(w.pay(token, unpaid), 409, "insufficient_balance")
    for _ in range(30):
        w.shop.call("GET", f"/products/{viewed}")
    time.sleep(2)
    stale = w.get("/products/popular")
    assert wanted[0][0] not in [p["product"]["id"] for p in stale["items"]], "only the batch may change the list"
    w.run_popular()
    ranking = w.get("/products/popular")
    assert ranking["computedAt"] and [p["rank"] for p in ranking["items"]] == [1, 2, 3, 4, 5]
    ids = [p["product"]["id"] for p in ranking["items"]]
    assert ids == [p for p, _ in wanted] + [viewed, newest], (ids, wanted, older, viewed, newest)
    assert [p["sales"] for p in ranking["items"]] == [base + 3, base + 2, base + 1, base, base]
    expect(w.patch(ids[0], listed=False), 200)
    for wanted in (ids[1:], ids[1:] + [older]):  # an unlisted product is in no list, and the next batch fills its place
        assert [p["product"]["id"] for p in w.get("/products/popular")["items"]] == wanted, wanted
        w.run_popular()


# ---- who may do what -----------------------------------------------------------------------------------------

def nobody_gets_in_without_a_good_token(w):
    for credentials in (None, "Bearer", "Bearer ", "Bearer nonsense", f"Basic {w.admin}", w.admin, "Bearer " + "a" * 2000):
        for method, path, body in (("GET", "/balance", None), ("POST", "/balance/charges", {"amount": 1_000}),
                                   ("GET", "/orders", None), ("POST", "/orders", {"items": []}),
                                   ("POST", "/admin/products", {"name": "x", "price": 1, "stock": 1})):
            answer = w.shop.call(method, path, body, headers={"Authorization": credentials} if credentials else {})
            expect(answer, 401, "unauthenticated")
            assert answer.headers.get("www-authenticate", "").startswith("Bearer"), answer.headers


def customers_reach_neither_the_admin_nor_each_other(w):
    mine, yours = w.charged(50_000), w.user()
    product = w.product()
    order = expect(w.order(mine, (product, 1)), 201)["id"]
    for method, path, body in (("POST", "products", {"name": "x", "price": 1, "stock": 1}), ("POST", "coupons", coupon_body()),
                               ("PATCH", f"products/{product}", {"price": 1}), ("POST", f"orders/{order}/refund", None)):
        expect(w.shop.call(method, "/admin/" + path, body, mine), 403, "forbidden")
    coupon = expect(w.issue(mine, w.coupon()), 201)["id"]
    expect(w.shop.call("GET", f"/orders/{order}", token=yours), 404, "order_not_found")
    expect(w.pay(yours, order), 404, "order_not_found")
    expect(w.shop.call("GET", f"/orders/{order}/payment", token=yours), 404, "order_not_found")
    expect(w.shop.call("POST", f"/orders/{order}/cancel", token=yours), 404, "order_not_found")
    expect(w.order(yours, (product, 1), coupon=coupon), 404, "user_coupon_not_found")
    assert w.pages("/orders", yours) == w.pages("/users/me/coupons", yours) == w.pages("/balance/entries", yours) == []


def figures_tell_what_happened(w):
    def sums(query=""):
        return w.get("/admin/figures" + query, w.admin)["sum"]

    before, waited = sums(), w.get("/admin/figures/today", w.admin)["waiting"]
    product, dear = w.product(price=3_000), w.product(price=900_000_000)
    customer = w.charged(50_000)
    coupon = expect(w.issue(customer, w.coupon()), 201)
    paid = expect(w.order(customer, (product, 2)), 201)["id"]
    expect(w.order(customer, (product, 1)), 201)
    unpaid = expect(w.order(customer, (dear, 1)), 201)["id"]
    expect(w.pay(customer, unpaid), 409, "insufficient_balance")
    expect(w.pay(customer, paid), 201)
    expect(w.refund(paid), 200)
    after = sums()
    for name, least in (("orders", 3), ("orderAmount", 900_009_000), ("paid", 1), ("revenue", 6_000), ("refunds", 1),
                        ("refundAmount", 6_000), ("coupons", 1), ("customers", 1)):
        assert after[name] >= before[name] + least, (name, before, after)
    today = w.get("/admin/figures/today", w.admin)
    assert today["waiting"]["orders"] >= waited["orders"] + 2, (waited, today)
    assert today["waiting"]["amount"] >= 900_003_000, today
    assert today["figures"]["orders"] >= after["orders"], today
    assert coupon["id"] and {"latePopular", "lateBackup", "comparison"} <= today.keys(), today
    assert today["soldOutProducts"] >= 0 and today["waitingCorrections"] >= 0, today
    day = today["day"]
    first = day[:8] + "01"
    for by, query in (("hour", f"?from={day}"), ("day", f"?from={first}&to={day}&by=day"),
                      ("month", f"?from={first}&to={day}&by=month"), ("year", f"?to={day}&by=year")):
        report = w.get("/admin/figures" + query, w.admin)
        assert report["by"] == by and report["to"] == day, report
        for name, sum_ in report["sum"].items():
            assert sum(item["figures"][name] for item in report["items"]) == sum_, (by, name)
        assert all((item["hour"] is None) == (by != "hour") for item in report["items"])
    sold = w.pages(f"/admin/figures/products?from={day}&to={day}", w.admin, limit=2)
    assert [(each["quantity"], each["amount"]) for each in sold if each["productId"] == product] == [(2, 6_000)], sold
    assert [each["amount"] for each in sold] == sorted((each["amount"] for each in sold), reverse=True)
    for query, field in (("from=x", "from"), ("to=2026-02-30", "to"), ("from=2026-03-02&to=2026-03-01", "to"),
                         ("by=week", "by"), ("from=2026-01-01&to=2026-03-01&by=hour", "to"),
                         ("from=0001-01-01&to=9999-12-31", "to")):
        answer = w.shop.call("GET", "/admin/figures?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    for query, field in (("from=2020-01-01&to=2026-03-01", "to"), ("cursor=x", "cursor")):
        answer = w.shop.call("GET", "/admin/figures/products?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    rows = rows_of(w, f"/admin/figures.csv?from={first}&to={day}&by=day")
    report = w.get(f"/admin/figures?from={first}&to={day}&by=day", w.admin)["items"]
    assert [(row["from"], int(row["revenue"]), row["hour"]) for row in rows] == [
        (item["from"], item["figures"]["revenue"], "") for item in report], rows
    hours = rows_of(w, "/admin/figures.csv")
    assert [row["clock"] for row in hours][:2] == ["00:00", "01:00"] and all(row["hour"] for row in hours), hours
    name = '=SUM(A1), "특가" 사과'
    special = w.product(name=name, price=1_000)
    expect(w.pay(customer, expect(w.order(customer, (special, 1)), 201)["id"]), 201)
    rows = {row["product_id"]: row for row in rows_of(w, f"/admin/figures/products.csv?from={day}&to={day}")}
    assert rows[str(product)] == {"product_id": str(product), "sku": "", "name": rows[str(product)]["name"],
                                  "quantity": "2", "amount": "6000"}, rows[str(product)]
    assert rows[str(special)]["name"] == "'" + name, rows[str(special)]
    for query in ("figures.csv?by=week", "figures/products.csv?from=2020-01-01&to=2026-03-01"):
        expect(w.shop.call("GET", "/admin/" + query, token=w.admin), 422, "validation_failed")
    for path in ("", "/today", "/products", ".csv", "/products.csv"):
        expect(w.shop.call("GET", "/admin/figures" + path, token=customer), 403, "forbidden")
        expect(w.shop.call("GET", "/admin/figures" + path), 401, "unauthenticated")


def coupons_are_watched_and_closed_early_for_good(w):
    coupon = w.coupon(quantity=3)
    customer = w.user()
    mine = expect(w.issue(customer, coupon), 201)
    found = w.get(f"/admin/coupons/{coupon}", w.admin)
    assert (found["coupon"]["remaining"], found["used"], found["closedAt"]) == (2, 0, None), found
    assert len(found["takenByMinute"]) == 60, found
    expect(w.issue(w.user(), coupon), 201)
    holders = w.pages(f"/admin/coupons/{coupon}/holders", w.admin, limit=1)
    assert [holder["status"] for holder in holders] == ["issued", "issued"], holders
    expect(w.shop.call("GET", f"/admin/coupons/{coupon}/holders?cursor=x", token=w.admin), 422, "validation_failed")
    assert w.get(f"/admin/coupons/{coupon}/holders?used=true", w.admin)["items"] == []
    newest = w.get("/admin/coupons?limit=1", w.admin)
    assert newest["items"][0]["coupon"]["id"] == coupon and newest["nextCursor"], newest
    assert w.get(f"/admin/coupons?limit=1&cursor={newest['nextCursor']}&filter=all", w.admin)["items"][0]["coupon"]["id"] != coupon
    key = "close-" + str(random.random())
    close = lambda which, key=None: w.shop.call("POST", f"/admin/coupons/{which}/close", token=w.admin, key=key)
    answers = w.race(lambda _: close(coupon, key), range(8))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}, answers
    assert sum(answer.headers.get("idempotent-replayed") == "true" for answer in answers) == 7, answers
    closed = answers[0].json
    assert closed["closedAt"] and closed["coupon"]["remaining"] == 1, closed
    expect(w.issue(w.user(), coupon), 409, "coupon_closed")
    expect(close(coupon), 409, "coupon_closed")
    other = w.coupon()
    expect(close(other, key), 422, "idempotency_key_reused")
    assert w.get(f"/admin/coupons/{other}", w.admin)["closedAt"] is None
    told = w.get(f"/admin/trace?subject=coupon&subjectId={coupon}", w.admin)["items"]
    assert [line["action"] for line in told] == ["coupon-closed", "coupon-added"], told
    assert coupon not in [each["id"] for each in w.get("/coupons", customer)["items"]]
    assert mine["id"] in [each["id"] for each in w.get("/users/me/coupons", customer)["items"]]
    file = w.shop.call("GET", "/admin/coupons.csv?filter=closed", token=w.admin)
    rows = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"), newline="")))
    assert rows[0]["id"] == str(coupon) and rows[0]["closed_at"] == closed["closedAt"], rows[0]
    for method, path in (("GET", ""), ("GET", ".csv"), ("GET", f"/{coupon}"), ("GET", f"/{coupon}/holders"),
                         ("POST", f"/{coupon}/close")):
        expect(w.shop.call(method, "/admin/coupons" + path, token=customer), 403, "forbidden")
        expect(w.shop.call(method, "/admin/coupons" + path), 401, "unauthenticated")
    for method, path in (("GET", ""), ("GET", "/holders"), ("POST", "/close")):
        expect(w.shop.call(method, "/admin/coupons/999999999" + path, token=w.admin), 404, "coupon_not_found")


def what_staff_change_is_told_in_the_trace(w):
    me = w.get("/users/me", w.admin)
    assert me["role"] == "owner", me
    product = w.product(price=3_000, stock=5)
    expect(w.patch(product, price=2_500, stockChange=-1, listed=False), 200)
    expect(w.patch(product, stockChange=-100), 409, "out_of_stock")
    expect(w.patch(product, price=2_500), 200)  # nothing is another by that
    about = f"/admin/trace?subject=product&subjectId={product}"
    changed, added = lines = w.pages(about, w.admin, limit=1)
    assert [line["action"] for line in lines] == ["product-changed", "product-added"], lines
    assert changed["changes"] == [
        {"field": "price", "before": "3000", "after": "2500"}, {"field": "stock", "before": "5", "after": "4"},
        {"field": "reason", "before": None, "after": "correction"}, {"field": "listed", "before": "true", "after": "false"}], changed
    assert {"field": "price", "before": None, "after": "3000"} in added["changes"], added
    for line in lines:
        assert (line["userId"], line["login"], line["role"], line["way"]) == (me["id"], me["login"], "owner", "program")
        assert (line["subject"], line["subjectId"]) == ("product", product), line
    assert w.get(about + f"&user={me['id']}", w.admin)["items"] == lines
    coupon = w.coupon()
    assert w.get(f"/admin/trace?user={me['id']}&limit=1", w.admin)["items"][0]["subjectId"] == coupon
    customer = w.charged(20_000)
    order = expect(w.order(customer, (w.product(), 1)), 201)["id"]
    expect(w.pay(customer, order), 201)
    expect(w.refund(order), 200)
    expect(w.refund(order), 409, "order_not_completed")
    newest = w.get(f"/admin/trace?subject=order&subjectId={order}", w.admin)["items"]
    assert [line["action"] for line in newest] == ["order-refunded"], newest
    for query, field in (("subject=order", "subjectId"), ("subjectId=1", "subject"), ("user=x", "user"),
                         ("subject=x&subjectId=1", "subject"), ("cursor=x", "cursor"), ("action=x", "action"),
                         ("from=x", "from"), ("from=2026-03-02&to=2026-03-01", "to")):
        answer = w.shop.call("GET", "/admin/trace?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    rows = rows_of(w, f"/admin/trace.csv?subject=product&subjectId={product}&user={me['id']}")
    assert {row["action"] for row in rows} == {"product-added", "product-changed"}, rows
    assert all(row["subject"] == "product" and row["subject_id"] == str(product) for row in rows), rows
    assert w.get(about + "&action=product-changed", w.admin)["items"] == [changed]
    assert w.get(about + "&action=order-refunded", w.admin)["items"] == []
    assert w.get(about + f"&login={me['login'].upper()}", w.admin)["items"] == w.get(about, w.admin)["items"]
    assert w.get(about + "&login=nobody", w.admin)["items"] == []
    today = w.get("/admin/figures/today", w.admin)["day"]
    assert w.get(f"{about}&from={today}&to={today}", w.admin)["items"] == lines
    assert w.get(about + "&to=2026-01-01", w.admin)["items"] == []
    rows = rows_of(w, f"/admin/trace.csv?action=order-refunded&from={today}&to={today}")
    assert {row["action"] for row in rows} == {"order-refunded"}, rows
    _, by = employee(w)
    expect(w.shop.call("PATCH", f"/admin/products/{product}", {"listed": True}, by), 200)
    its = f"/admin/trace.csv?subject=product&subjectId={product}&login="
    logins = [w.get("/users/me", one)["login"] for one in (w.admin, by)]
    assert [(row["login"], row["field"], row["after"]) for row in rows_of(w, its + logins[1].upper())] == [
        (logins[1], "listed", "true")], logins
    assert {row["login"] for row in rows_of(w, its + logins[0])} == {logins[0]} and rows_of(w, its + "nobody") == []
    expect(w.shop.call("GET", "/admin/trace.csv?subject=product", token=w.admin), 422, "validation_failed")
    expect(w.shop.call("GET", "/admin/trace.csv", token=customer), 403, "forbidden")
    expect(w.shop.call("GET", "/admin/trace.csv"), 401, "unauthenticated")
    expect(w.shop.call("GET", "/admin/trace", token=customer), 403, "forbidden")
    expect(w.shop.call("GET", "/admin/trace"), 401, "unauthenticated")


def rows_of(w, path, token=None):
    """A file of the staff's, as Python reads it."""
    file = w.shop.call("GET", path, token=token or w.admin)
    assert file.status == 200 and file.headers["content-type"].startswith("text/csv; charset=utf-8"), file
    assert file.body.startswith(b"\xef\xbb\xbf") and file.headers["content-disposition"].endswith('.csv"'), file
    return list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"), newline="")))


def lists_of_the_staff_come_as_files(w):
    word = "장" + "".join(random.choices("가나다라마바사아자차카타파하", k=8))
    names = [f'=1+1 {word} "따옴표", 쉼표', f"{word} 둘째\n줄\r\n끝", f"{word} 사과 × 한글"]
    ids = [w.product(1_000 + n, 5 + n, name) for n, name in enumerate(names)]
    expect(w.patch(ids[2], listed=False, sku="F-" + "".join(random.choices(string.ascii_uppercase, k=12)), lowStock=9), 200)
    kept = w.get(f"/admin/products/{ids[2]}", w.admin)
    rows = rows_of(w, "/admin/products.csv?" + urllib.parse.urlencode({"q": word}))
    assert [int(row["id"]) for row in rows] == ids[::-1], rows
    # What a spreadsheet would run is text, and nothing else is another.
    assert [row["name"] for row in rows] == [names[2], names[1], "'" + names[0]], rows
    assert rows[0] == {
        "id": str(kept["id"]), "sku": kept["sku"], "name": names[2], "price": "1002", "stock": "7", "stock_before": "7",
        "low_stock": "9", "listed": "false", "description": "", "picture": "", "views": rows[0]["views"],
        "created_at": kept["createdAt"], "version": str(kept["version"])}, rows[0]
    listed = rows_of(w, "/admin/products.csv?" + urllib.parse.urlencode({"q": word, "filter": "listed"}))
    assert [int(row["id"]) for row in listed] == ids[1::-1], listed
    token = w.charged(20_000)
    login = w.get("/users/me", token)["login"]
    orders = [expect(w.order(token, (ids[0], 2), (ids[1], 1)), 201)["id"], expect(w.order(token, (ids[1], 1)), 201)["id"]]
    expect(w.pay(token, orders[0]), 201)
    mine = f"/admin/orders.csv?login={login}"
    rows = rows_of(w, mine)
    assert [int(row["id"]) for row in rows] == orders[::-1], rows
    assert rows[1]["products"] == "'" + names[0] + " × 2\n" + names[1] + " × 1", rows
    assert {key: rows[1][key] for key in ("login", "status", "quantity", "total_amount", "final_amount", "refunds")} == {
        "login": login, "status": "completed", "quantity": "3", "total_amount": "3001", "final_amount": "3001", "refunds": "0"}
    assert [int(row["id"]) for row in rows_of(w, mine + "&status=pending")] == orders[1:], rows
    for query, found in (("refunded=true", []), ("by=paid&from=2000-01-01&to=2000-01-02", []), (f"product={ids[0]}", orders[:1]), (f"number={orders[0]}", orders[:1]), ("coupon=true", []),
                         ("from=2000-01-01", orders[::-1]), ("to=2000-01-01", [])):
        assert [int(row["id"]) for row in rows_of(w, f"{mine}&{query}")] == found, query
    for path, query, field in (("products", "filter=x", "filter"), ("orders", "number=x", "number"), ("orders", "from=x", "from")):
        answer = w.shop.call("GET", f"/admin/{path}.csv?{query}", token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    found = rows_of(w, f"/admin/customers.csv?q={login}")
    assert [(row["login"], row["name"], row["role"], row["closed_at"]) for row in found] == [(login, "시험", "customer", "")], found
    assert int(found[0]["balance"]) == w.balance(token), found
    assert rows_of(w, f"/admin/customers.csv?q={login}&group=staff") == []
    coupon = w.coupon()
    expect(w.issue(token, coupon), 201)
    holders = f"/admin/coupons/{coupon}/holders.csv"
    assert [(row["login"], row["status"], row["order_id"]) for row in rows_of(w, holders)] == [(login, "issued", "")]
    assert rows_of(w, holders + "?used=true") == []
    expect(w.shop.call("GET", f"/admin/coupons/{2**53}/holders.csv", token=w.admin), 404, "coupon_not_found")
    # Whoever typed it: a customer's name, a coupon's, and what the staff note about an order.
    for text in (f'=cmd|"/c calc"!A1 {word}', f'{word} 첫 줄\r\n둘째 "줄", 끝\n', f"@{word}\t한글", f"+{word}", f"\r{word}", f'"{word}"'):
        safe = "'" + text if text[0] in "=+-@\t\r" else text
        buyer = w.user(text)
        login = w.get("/users/me", buyer)["login"]
        assert [row["name"] for row in rows_of(w, f"/admin/customers.csv?q={login}")] == [safe], text
        named = w.coupon(name=text)
        expect(w.issue(buyer, named), 201)
        assert [(row["login"], row["name"]) for row in rows_of(w, f"/admin/coupons/{named}/holders.csv")] == [(login, safe)], text
        assert [row["name"] for row in rows_of(w, "/admin/coupons.csv?filter=all") if row["id"] == str(named)] == [safe], text
        expect(w.shop.call("POST", f"/admin/orders/{orders[0]}/notes", {"text": text}, w.admin), 201)
        told = rows_of(w, f"/admin/trace.csv?subject=order&subjectId={orders[0]}")
        assert [row["after"] for row in told if row["field"] == "note"][:1] == [safe], told
    for path in ("/admin/products.csv", "/admin/orders.csv", "/admin/customers.csv", holders):
        expect(w.shop.call("GET", path, token=token), 403, "forbidden")
        expect(w.shop.call("GET", path), 401, "unauthenticated")


def what_belongs_to_one_thing_comes_as_a_file_too(w):
    name = '=사과, "홍로"\n5kg'
    product, token = w.product(1_000, 20, name), w.charged(20_000)
    me = w.get("/users/me", token)
    expect(w.patch(product, stockChange=5, stockReason="delivery"), 200)
    rows = rows_of(w, f"/admin/products/{product}/stock.csv")
    assert [(row["id"], row["reason"], row["change"], row["stock"]) for row in rows] == [
        ("2", "delivery", "5", "25"), ("1", "opening", "20", "20")], rows
    assert rows[0]["login"] == w.get("/users/me", w.admin)["login"], rows

    coupon = w.coupon(name="=쿠폰")
    taken = expect(w.issue(token, coupon), 201)
    order = expect(w.order(token, (product, 5), coupon=taken["id"]), 201)["id"]
    expect(w.pay(token, order), 201)
    path = f"/admin/customers/{me['id']}"
    expect(w.shop.call("POST", path + "/corrections", {"amount": 500, "reason": "@두 번, 결제됨"}, w.admin), 201)
    rows = rows_of(w, path + "/entries.csv")
    kept = w.get(path + "/entries", w.admin)["items"]
    assert [(int(row["id"]), row["kind"], int(row["amount"]), int(row["balance"])) for row in rows] == [
        (entry["id"], entry["kind"], entry["amount"], entry["balance"]) for entry in kept], rows
    assert (rows[0]["reason"], rows[0]["order_id"], rows[1]["order_id"]) == ("'@두 번, 결제됨", "", str(order)), rows
    rows = rows_of(w, path + "/coupons.csv")
    assert [(int(row["id"]), int(row["coupon_id"]), row["name"], row["status"], row["order_id"]) for row in rows] == [
        (taken["id"], coupon, "'=쿠폰", "used", str(order))], rows

    asked = expect(w.shop.call("POST", path + "/corrections", {"amount": 60_000, "reason": "-크게"}, w.admin), 201)
    row = next(row for row in rows_of(w, "/admin/corrections.csv") if row["id"] == str(asked["id"]))
    assert (row["user_id"], row["login"], row["amount"], row["reason"], row["ends_at"]) == (
        str(me["id"]), me["login"], "60000", "'-크게", asked["endsAt"]), row
    assert int(row["balance"]) == w.balance(token), row
    expect(w.shop.call("POST", f"/admin/corrections/{asked['id']}/refuse", token=w.admin), 200)
    assert str(asked["id"]) not in [row["id"] for row in rows_of(w, "/admin/corrections.csv")]

    staff = rows_of(w, "/admin/staff.csv")
    mine = next(row for row in staff if row["login"] == w.get("/users/me", w.admin)["login"])
    assert (mine["role"], mine["second_factor_since"], mine["closed_at"]) == ("owner", "", "") and int(mine["sessions"]) > 0, mine
    assert me["login"] not in [row["login"] for row in staff]

    file = f'id,price\r\n{product},2000\r\n{2**40},1\r\n'
    checked = expect(w.shop.call("POST", "/admin/products/imports", token=w.admin, raw=file.encode(), headers={"Content-Type": "text/csv"}), 201)
    rows = rows_of(w, f"/admin/products/imports/{checked['id']}/rows.csv")
    assert [(row["row"], row["kind"], row["state"]) for row in rows] == [("2", "change", "open"), ("3", "wrong", "")], rows
    assert rows[0]["product_id"] == str(product), rows
    assert rows[0]["name"] == "'" + name and rows[0]["changes"] == "price: 1000 → 2000" and rows[1]["problems"], rows
    assert len(rows_of(w, f"/admin/products/imports/{checked['id']}/rows.csv?filter=wrong")) == 1
    none = 2**53
    for rest, code in ((f"products/{none}/stock", "product_not_found"), (f"customers/{none}/entries", "account_not_found"),
                       (f"customers/{none}/coupons", "account_not_found"), (f"products/imports/{none}/rows", "import_not_found")):
        expect(w.shop.call("GET", f"/admin/{rest}.csv", token=w.admin), 404, code)
    for rest in (f"products/{product}/stock", f"customers/{me['id']}/entries", f"customers/{me['id']}/coupons", "corrections",
                 "staff", f"products/imports/{checked['id']}/rows"):
        expect(w.shop.call("GET", f"/admin/{rest}.csv", token=token), 403, "forbidden")
        expect(w.shop.call("GET", f"/admin/{rest}.csv"), 401, "unauthenticated")


def products_come_in_by_files(w):
    word = "".join(random.choices(string.ascii_uppercase, k=10))
    sku = lambda n: f"{word}-{n}"
    imports = "/admin/products/imports"
    give = lambda text, token=w.admin, **more: w.shop.call(
        "POST", imports, token=token, raw=text if isinstance(text, bytes) else text.encode(),
        headers={"Content-Type": "text/csv"}, **more)
    rows = lambda made, **query: w.pages(f"{imports}/{made['id']}/rows?" + urllib.parse.urlencode(query), w.admin, limit=2)
    name = '=1+1 "따옴표", 쉼표'
    first = expect(give(f"sku,name,price,stock,Color\n{sku(1)},'{name[:4]} 사과,1000,5,red\n{sku(2)},배,2000,3,\n{sku(3)},,x,1,\n"), 201)
    assert (first["add"], first["wrong"], first["open"], first["done"], first["ignoredColumns"]) == (2, 1, 2, 0, ["color"]), first
    assert w.get(f"{imports}/{first['id']}", w.admin) == first
    assert w.get(f"{imports}?limit=1", w.admin)["items"] == [first]
    assert [row["row"] for row in rows(first)] == [2, 3, 4], rows(first)
    wrong = rows(first, filter="wrong")
    assert [(row["row"], row["kind"], row["state"], row["productId"]) for row in wrong] == [(4, "wrong", None, None)], wrong
    assert [(p["column"], p["kind"]) for p in wrong[0]["problems"]] == [("name", "missing"), ("price", "no-number")], wrong
    assert wrong[0]["problems"][1]["message"] == "숫자가 아닙니다.", wrong
    assert w.get(f"/admin/products?q={sku(1)}", w.admin)["items"] == []
    apply = lambda made: expect(w.shop.call("POST", f"{imports}/{made['id']}/apply", token=w.admin), 200)
    done = apply(first)
    assert (done["done"], done["open"], done["refused"]) == (2, 0, 0) and apply(first) == done, done
    apple = w.get(f"/admin/products?q={sku(1)}", w.admin)["items"][0]
    assert (apple["name"], apple["price"], apple["stock"]) == (name[:4] + " 사과", 1000, 5), apple
    # Out, edited, and in again, while two are sold.
    expect(w.shop.call("PATCH", f"/admin/products/{apple['id']}", {"description": f"첫 줄\n{name}"}, w.admin), 200)
    out = rows_of(w, f"/admin/products.csv?q={sku(1)}")
    expect(w.pay(token := w.charged(10_000), expect(w.order(token, (apple["id"], 2)), 201)["id"]), 201)

    def written(rows):
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        return "\ufeff" + file.getvalue()

    same = expect(give(written(out)), 201)
    assert (same["same"], same["open"]) == (1, 0), rows(same)
    edited = [{**out[0], "price": "1,500", "stock": "9"}]
    made = expect(give(written(edited)), 201)
    assert rows(made)[0]["changes"] == [
        {"field": "price", "before": "1000", "after": "1500"}, {"field": "stock", "before": "3", "after": "7"}], rows(made)
    assert apply(made)["done"] == 1
    now = w.get(f"/admin/products/{apple['id']}", w.admin)
    assert (now["price"], now["stock"], now["description"]) == (1500, 7, f"첫 줄\n{name}"), now
    assert w.get(f"/admin/products/{apple['id']}/stock", w.admin)["items"][0]["reason"] == "count"
    again = expect(give(written(edited)), 201)
    assert (again["repeated"], again["same"], again["open"]) == (True, 1, 0), again
    stale = expect(give(written([{**out[0], "name": "옛것"}])), 201)
    assert [p["kind"] for p in rows(stale)[0]["problems"]] == ["edited"], rows(stale)
    raced = expect(give(f"sku,price\n{sku(2)},1\n"), 201)
    expect(w.shop.call("PATCH", f"/admin/products/{rows(raced)[0]['productId']}", {"price": 7}, w.admin), 200)
    assert apply(raced)["refused"] == 1 and rows(raced, filter="refused")[0]["problems"][0]["kind"] == "edited"
    newest = w.get(f"{imports}?limit=1", w.admin)
    assert [one["id"] for one in newest["items"]] == [raced["id"]] and newest["nextCursor"], newest
    following = w.get(f"{imports}?limit=5&cursor={newest['nextCursor']}", w.admin)["items"]
    assert [one["id"] for one in following] == [one["id"] for one in (stale, again, made, same, first)], following
    expect(w.shop.call("GET", f"{imports}?cursor=x", token=w.admin), 422, "validation_failed")
    for text, words in (("a,b\n1,2\n", "sku"), ("sku\n", "첫 줄"), ("sku,sku\n1,2\n", "sku"), ('sku\n"1\n', "따옴표"),
                        ("sku\n사과\n".encode("cp949"), "UTF-8"), ("sku\n" + "x" * 1_000_000, "2번 줄")):
        refused = give(text)
        expect(refused, 422, "product_file_refused")
        assert words in refused.json["detail"], refused
    expect(give(b"sku\n" + b"x" * (10 * 1024 * 1024)), 413, "product_file_too_large")
    expect(w.shop.call("POST", imports, {}, w.admin), 415, "unsupported_media_type")
    expect(w.shop.call("GET", f"{imports}/{first['id']}/rows?filter=x", token=w.admin), 422, "validation_failed")
    expect(give("sku\nx\n", token), 403, "forbidden")
    for method, path in (("GET", ""), ("GET", "/rows"), ("POST", "/apply")):
        expect(w.shop.call(method, f"{imports}/{2**53}{path}", token=w.admin), 404, "import_not_found")
        expect(w.shop.call(method, f"{imports}/{first['id']}{path}", token=token), 403, "forbidden")


def customer(w, token):
    """The number of whose token it is, and their address among the customers."""
    me = w.get("/users/me", token)
    return me, f"/admin/customers/{me['id']}"


def employee(w, role="manager"):
    """A new one of the staff: the account, and a token of theirs."""
    login = "s-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=16))
    body = {"login": login, "password": "correct horse 2", "name": "직원", "role": role}
    made = expect(w.shop.call("POST", "/admin/staff", body, w.admin), 201)
    return made, w.token(login, "correct horse 2")


def staff_find_customers_and_see_what_they_have(w):
    token = w.charged(100_000)
    me, path = customer(w, token)
    coupons = [expect(w.issue(token, w.coupon()), 201)["id"] for _ in range(2)]
    orders = [expect(w.order(token, (w.product(), 1)), 201)["id"] for _ in range(2)]
    expect(w.pay(token, orders[0]), 201)
    found = w.get(f"/admin/customers?q={me['login'].upper()}", w.admin)["items"]
    assert [(c["id"], c["login"], c["balance"], c["closedAt"]) for c in found] == [(me["id"], me["login"], 90_000, None)], found
    assert w.get(path, w.admin) == found[0]
    assert w.get(f"/admin/customers?q={me['id']}&limit=1", w.admin)["items"] == found
    assert len(w.pages("/admin/customers?q=" + me["login"][:3], w.admin, limit=100)) >= 1
    newest = w.get("/admin/customers?limit=1", w.admin)
    assert newest["items"] == found and newest["nextCursor"], newest
    assert w.get("/admin/customers?limit=1&cursor=" + newest["nextCursor"], w.admin)["items"][0]["id"] < me["id"]
    assert [e["kind"] for e in w.pages(path + "/entries", w.admin, limit=1)] == ["payment", "charge"]
    assert [o["id"] for o in w.pages(path + "/orders", w.admin, limit=1)] == orders[::-1]
    assert [c["id"] for c in w.pages(path + "/coupons", w.admin, limit=1)] == coupons[::-1]
    assert len(w.get(path + "/sessions", w.admin)["items"]) == 1
    staff = w.get("/admin/customers?group=staff&limit=100", w.admin)["items"]
    assert all(c["role"] != "customer" for c in staff), staff
    for query, field in (("q=" + "x" * 65, "q"), ("group=x", "group"), ("limit=0", "limit"), ("cursor=x", "cursor")):
        answer = w.shop.call("GET", "/admin/customers?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    for rest in ("", "/entries", "/orders", "/coupons", "/sessions", "/corrections"):
        expect(w.shop.call("GET", path + rest, token=token), 403, "forbidden")
        expect(w.shop.call("GET", "/admin/customers/999999999" + rest, token=w.admin), 404, "account_not_found")


def customers_are_logged_out_and_closed_by_those_who_may(w):
    token = w.user()
    me, path = customer(w, token)
    boss, _ = customer(w, w.admin)
    (_, support), (_, reader) = employee(w, "support"), employee(w, "reader")
    expect(w.shop.call("DELETE", path + "/sessions", token=reader), 403, "forbidden")
    assert expect(w.shop.call("DELETE", path + "/sessions", token=support), 200) == {"sessionsEnded": 1}
    expect(w.shop.call("GET", "/users/me", token=token), 401, "unauthenticated")
    expect(w.shop.call("DELETE", path, token=support), 403, "forbidden")
    assert expect(w.shop.call("DELETE", path, token=w.admin), 200) == {"sessionsEnded": 0}
    expect(w.shop.call("DELETE", path, token=w.admin), 409, "account_closed")
    assert w.get(path, w.admin)["closedAt"]
    closed = w.get("/admin/customers?group=closed&limit=1", w.admin)["items"]
    assert [c["id"] for c in closed] == [me["id"]], closed
    for rest in ("", "/sessions"):
        expect(w.shop.call("DELETE", f"/admin/customers/{boss['id']}{rest}", token=w.admin), 409, "staff_account")
        expect(w.shop.call("DELETE", "/admin/customers/999999999" + rest, token=w.admin), 404, "account_not_found")
    told = w.get(f"/admin/trace?subject=account&subjectId={me['id']}", w.admin)["items"]
    assert [line["action"] for line in told] == ["account-closed", "sessions-ended"], told


def balances_are_corrected_by_two_where_it_is_much(w):
    token = w.charged(10_000)
    me, path = customer(w, token)
    other, manager = employee(w)

    def ask(amount, by=w.admin, to=path, key=None, reason="두 번 충전됨"):
        return w.shop.call("POST", to + "/corrections", {"amount": amount, "reason": reason}, by, key)

    def decide(correction, word, by, key=None):
        return w.shop.call("POST", f"/admin/corrections/{correction['id']}/{word}", token=by, key=key)

    preview = lambda amount, by=w.admin, to=path: w.shop.call(
        "POST", to + "/corrections/preview", {"amount": amount, "reason": "x"}, by)
    assert expect(preview(-4_000), 200) == {"before": 10_000, "after": 6_000, "needsTwo": False}
    assert expect(preview(9_000_000), 200)["needsTwo"] is True
    expect(preview(-10_001), 409, "correction_exceeds_balance")
    expect(preview(9_990_001), 422, "balance_limit_exceeded")
    assert expect(preview(9_990_000), 200)["after"] == 10_000_000
    expect(preview(0), 422, "validation_failed")
    expect(preview(1, to=f"/admin/customers/{2**53}"), 404, "account_not_found")
    expect(preview(1, by=manager, to=f"/admin/customers/{other['id']}"), 409, "own_balance")
    expect(preview(1, by=token), 403, "forbidden")
    # They are only looked at.
    assert w.balance(token) == 10_000 and w.get(path + "/corrections", manager)["items"] == []
    # The admin's, who may have been here before.
    small = f"small-{random.randrange(10**12)}"
    made = expect(ask(-4_000, key=small), 201)
    assert (made["status"], made["amount"], made["endsAt"], made["decidedBy"]) == ("made", -4_000, None, None), made
    assert expect(ask(-4_000, key=small), 201) == made
    entry = w.get("/balance/entries?limit=1", token)["items"][0]
    assert (entry["kind"], entry["amount"], entry["reason"], entry["id"]) == ("correction", -4_000, "두 번 충전됨", made["entryId"])
    assert w.balance(token) == 6_000
    expect(ask(-6_001), 409, "correction_exceeds_balance")
    expect(ask(10_000_000), 422, "balance_limit_exceeded")
    for body, field in (({"amount": 0, "reason": "x"}, "amount"), ({"amount": 1, "reason": ""}, "reason")):
        answer = w.shop.call("POST", path + "/corrections", body, w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    expect(ask(1, to="/admin/customers/999999999"), 404, "account_not_found")
    expect(ask(1, by=manager, to=f"/admin/customers/{other['id']}"), 409, "own_balance")
    expect(ask(1, by=token), 403, "forbidden")

    first, second = expect(ask(9_000_000), 201), expect(ask(9_000_000), 201)
    assert first["status"] == "waiting" and first["entryId"] is None and first["endsAt"], first
    assert w.balance(token) == 6_000
    waiting = w.pages("/admin/corrections", manager, limit=1)
    assert [c["id"] for c in waiting][-2:] == [first["id"], second["id"]], waiting
    expect(decide(first, "confirm", w.admin), 409, "correction_needs_another")
    done = w.race(lambda _: decide(first, "confirm", manager), range(8))
    came(done, {200: 1, "correction_not_waiting": 7})
    assert w.balance(token) == 9_006_000
    expect(decide(second, "confirm", manager), 422, "balance_limit_exceeded")
    assert w.get(f"/admin/corrections/{second['id']}", manager) == second
    refused = expect(decide(second, "refuse", manager, key="no"), 200)
    assert w.get(f"/admin/corrections/{second['id']}", manager) == refused
    assert (refused["status"], refused["decidedBy"]) == ("refused", other["login"]), refused
    assert expect(decide(second, "refuse", manager, key="no"), 200) == refused
    expect(decide(second, "refuse", manager), 409, "correction_not_waiting")
    less, lesser = expect(ask(-9_000_000), 201), expect(ask(-9_000_000), 201)
    expect(decide(less, "confirm", manager, key="yes"), 200)
    expect(decide(lesser, "confirm", manager), 409, "correction_exceeds_balance")
    expect(decide(lesser, "refuse", w.admin), 200)
    of_staff = expect(ask(90_000, to=f"/admin/customers/{other['id']}"), 201)
    expect(decide(of_staff, "confirm", manager), 409, "own_balance")
    expect(decide(of_staff, "refuse", w.admin), 200)
    for word in ("confirm", "refuse"):
        expect(decide({"id": 999999999}, word, manager), 404, "correction_not_found")
        expect(decide(lesser, word, token), 403, "forbidden")
    expect(w.shop.call("GET", f"/admin/corrections/{2**53}", token=manager), 404, "correction_not_found")
    expect(w.shop.call("GET", f"/admin/corrections/{lesser['id']}", token=token), 403, "forbidden")
    expect(w.shop.call("GET", "/admin/corrections", token=token), 403, "forbidden")
    assert [c["id"] for c in w.pages(path + "/corrections", manager, limit=2)] == [
        c["id"] for c in (lesser, less, second, first, made)]
    told = w.pages(f"/admin/trace?subject=account&subjectId={me['id']}", w.admin, limit=100)
    assert [line["action"] for line in told[::-1]] == [
        "balance-corrected", "correction-asked", "correction-asked", "correction-confirmed", "correction-refused",
        "correction-asked", "correction-asked", "correction-confirmed", "correction-refused"], told
    assert w.balance(token) == 6_000


def owners_look_after_the_staff(w):
    made, token = employee(w, "reader")
    assert (made["role"], made["closedAt"], made["sessions"]) == ("reader", None, []), made
    path = f"/admin/staff/{made['id']}"
    body = {"login": made["login"], "password": "correct horse 3", "name": "직원", "role": "reader"}
    expect(w.shop.call("POST", "/admin/staff", body, w.admin), 409, "login_taken")
    again, key = {**body, "login": made["login"] + "-2"}, "staff-" + str(random.random())
    answers = [w.shop.call("POST", "/admin/staff", again, w.admin, key) for _ in range(3)]
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}, answers
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"], answers
    assert body["password"] not in answers[0].body.decode() and w.token(again["login"], body["password"])
    for change in ({"name": "다른 직원"}, {"password": "correct horse 9"}, {"login": made["login"] + "-3"}):
        expect(w.shop.call("POST", "/admin/staff", {**again, **change}, w.admin, key), 422, "idempotency_key_reused")
    # In another session the same key is not the same request.
    expect(w.shop.call("POST", "/admin/staff", again, w.token(w.login, w.password), key), 422, "idempotency_key_reused")
    told = w.get(f"/admin/trace?subject=account&subjectId={answers[0].json['id']}", w.admin)["items"]
    assert [line["action"] for line in told] == ["account-created"], told
    assert made["login"] + "-3" not in [account["login"] for account in w.pages("/admin/staff", w.admin, limit=100)]
    expect(w.shop.call("DELETE", f"/admin/staff/{answers[0].json['id']}", token=w.admin), 200)
    for change, field in (({"role": "customer"}, "role"), ({"password": "password"}, "password"), ({"login": "a b"}, "login")):
        answer = w.shop.call("POST", "/admin/staff", {**body, "login": "new-one", **change}, w.admin)
        expect(answer, 422, "validation_failed")
        assert field in [e["field"] for e in answer.json["errors"]], answer
    employee(w, "support")
    assert made["id"] in [account["id"] for account in w.pages("/admin/staff", w.admin, limit=1)]
    account = w.get(path, w.admin)
    assert len(account["sessions"]) == 1 and account["sessions"][0]["device"] == "", account
    assert expect(w.shop.call("PATCH", path, {"role": "manager"}, w.admin), 200) == {"sessionsEnded": 1}
    expect(w.shop.call("GET", "/users/me", token=token), 401, "unauthenticated")
    token = w.token(made["login"], "correct horse 2")
    assert expect(w.shop.call("PATCH", path + "/password", {"password": "correct horse 3"}, w.admin), 200) == {"sessionsEnded": 1}
    expect(w.shop.call("PATCH", path + "/password", {"password": made["login"]}, w.admin), 422, "validation_failed")
    token = w.token(made["login"], "correct horse 3")
    for method, rest, change in (("GET", "", None), ("PATCH", "", {"role": "owner"}), ("DELETE", "", None),
                                 ("PATCH", "/password", {"password": "correct horse 4"}), ("DELETE", "/sessions", None)):
        expect(w.shop.call(method, path + rest, change, token), 403, "forbidden")
        expect(w.shop.call(method, "/admin/staff/999999999" + rest, change, w.admin), 404, "account_not_found")
    for method in ("GET", "POST"):
        expect(w.shop.call(method, "/admin/staff", body if method == "POST" else None, token), 403, "forbidden")
    assert expect(w.shop.call("DELETE", path + "/sessions", token=w.admin), 200) == {"sessionsEnded": 1}
    assert expect(w.shop.call("DELETE", path, token=w.admin), 200) == {"sessionsEnded": 0}
    expect(w.shop.call("DELETE", path, token=w.admin), 409, "account_closed")
    for rest, change in (("", {"role": "reader"}), ("/password", {"password": "correct horse 4"})):
        expect(w.shop.call("PATCH", path + rest, change, w.admin), 409, "account_closed")
    made, token = employee(w, "support")
    path, own = f"/admin/staff/{made['id']}", "/users/me/second-factor"
    assert made["secondFactorSince"] is None, made
    secret = expect(w.shop.call("POST", own, token=token), 201)["secret"]
    expect(w.shop.call("POST", own + "/confirmation", {"code": code_of(secret)}, token), 201)
    assert w.get(path, w.admin)["secondFactorSince"]
    body = {"login": made["login"], "password": "correct horse 2"}
    expect(w.shop.call("POST", "/tokens", body), 401, "code_required")
    lost = path + "/second-factor"
    expect(w.shop.call("DELETE", lost, token=token), 403, "forbidden")
    assert expect(w.shop.call("DELETE", lost, token=w.admin), 200) == {"sessionsEnded": 1}
    expect(w.shop.call("DELETE", lost, token=w.admin), 404, "second_factor_not_found")
    expect(w.shop.call("DELETE", "/admin/staff/999999999/second-factor", token=w.admin), 404, "account_not_found")
    expect(w.shop.call("POST", "/tokens", body), 201)
    told = w.get(f"/admin/trace?subject=account&subjectId={made['id']}", w.admin)["items"]
    assert [line["action"] for line in told] == ["second-factor-removed", "second-factor-set", "account-created"], told
    owners = [a for a in w.pages("/admin/staff", w.admin, limit=100) if a["role"] == "owner" and not a["closedAt"]]
    if len(owners) == 1:
        mine = f"/admin/staff/{owners[0]['id']}"
        expect(w.shop.call("PATCH", mine, {"role": "manager"}, w.admin), 409, "last_owner")
        expect(w.shop.call("DELETE", mine, token=w.admin), 409, "last_owner")


def each_change_of_the_stock_has_its_reason(w):
    product = w.product(stock=5)
    expect(w.patch(product, stockChange=10, stockReason="delivery"), 200)
    for reason in ("count", "damage"):
        expect(w.patch(product, stockChange=-1, stockReason=reason), 200)
    expect(w.patch(product, stockChange=2), 200)
    customer = w.charged(50_000)
    expect(w.pay(customer, expect(w.order(customer, (product, 4)), 201)["id"]), 201)
    login = w.get("/users/me", w.admin)["login"]
    lines = w.pages(f"/admin/products/{product}/stock", w.admin, limit=2)
    assert [(line["id"], line["reason"], line["change"], line["stock"], line["login"]) for line in lines] == [
        (5, "correction", 2, 15, login), (4, "damage", -1, 13, login), (3, "count", -1, 14, login),
        (2, "delivery", 10, 15, login), (1, "opening", 5, 5, login)], lines
    assert w.stock(product) == 11

    # One that is sent again takes effect once.
    key, delivery = f"truck-{random.randrange(10**12)}", {"stockChange": 100, "stockReason": "delivery"}

    def send(changes, to=product):
        return w.shop.call("PATCH", f"/admin/products/{to}", changes, w.admin, key)

    sent = [expect(answer, 200) for answer in w.race(lambda _: send(delivery), range(8))]
    assert all(answer == sent[0] for answer in sent) and sent[0]["stock"] == 111 and w.stock(product) == 111, sent
    expect(send({"stockChange": 101}), 422, "idempotency_key_reused")
    expect(send(delivery, to=w.product(stock=5)), 422, "idempotency_key_reused")
    expect(w.patch(product, stockChange=-100), 200)
    for changes, field in (({"stockChange": 1, "stockReason": "opening"}, "stockReason"),
                           ({"stockReason": "count"}, "stockChange")):
        answer = w.patch(product, **changes)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    expect(w.shop.call("GET", f"/admin/products/{2**53}/stock", token=w.admin), 404, "product_not_found")
    expect(w.shop.call("GET", f"/admin/products/{product}/stock", token=customer), 403, "forbidden")


def staff_find_every_product_by_what_is_to_be_done(w):
    word = "장" + "".join(random.choices("가나다라마바사아자차카타파하", k=8))

    def add(name, **more):
        body = {"name": f"{word} {name}", "price": 1_000, "stock": 9, **more}
        return expect(w.shop.call("POST", "/admin/products", body, w.admin), 201)

    sku = "T-" + "".join(random.choices(string.ascii_uppercase, k=12))
    low = add("적은 것", stock=3, lowStock=3, sku=sku)
    out = add("없는 것", stock=0)
    hidden = add("숨긴 것", listed=False)
    assert (low["sku"], low["lowStock"], low["listed"], low["version"]) == (sku, 3, True, 1), low
    assert (out["sku"], out["lowStock"], hidden["listed"]) == (None, None, False), (out, hidden)
    assert w.get(f"/admin/products/{hidden['id']}", w.admin) == hidden
    expect(w.shop.call("GET", f"/products/{hidden['id']}"), 404, "product_not_found")

    def found(query, **more):
        return [p["id"] for p in w.pages("/admin/products?" + urllib.parse.urlencode({"q": word, **query}), w.admin, **more)]

    ids = [hidden["id"], out["id"], low["id"]]
    assert found({}) == found({}, limit=1) == ids, ids
    for filter, left in (("all", ids), ("listed", ids[1:]), ("unlisted", ids[:1]), ("sold-out", [out["id"]]),
                         ("low", [low["id"]]), ("without-picture", ids)):
        assert found({"filter": filter}) == left, filter
    assert [p["id"] for p in w.get(f"/admin/products?q={sku.lower()}", w.admin)["items"]] == [low["id"]]
    for sort, key, turned in (("newest", "id", True), ("name", "name", False), ("price", "price", False), ("-price", "price", True)):
        pages = w.get(f"/admin/products?limit=100&sort={sort}", w.admin)["items"]
        keys = [p[key].encode() if key == "name" else p[key] for p in pages]
        assert keys == sorted(keys, reverse=turned), sort
    for query, field in (("filter=x", "filter"), ("sort=relevance", "sort"), ("cursor=x", "cursor"), ("limit=0", "limit")):
        answer = w.shop.call("GET", "/admin/products?" + query, token=w.admin)
        expect(answer, 422, "validation_failed")
        assert [e["field"] for e in answer.json["errors"]] == [field], answer
    customer = w.user()
    for path in ("/admin/products", f"/admin/products/{low['id']}"):
        expect(w.shop.call("GET", path, token=customer), 403, "forbidden")
    expect(w.shop.call("GET", f"/admin/products/{2**53}", token=w.admin), 404, "product_not_found")


def edit_of_an_old_version_overwrites_nothing(w):
    product = w.product(price=1_000, stock=5)
    assert expect(w.patch(product, price=1_100, version=1), 200)["version"] == 2
    expect(w.patch(product, name="늦은 이름", version=1), 409, "product_changed")
    assert expect(w.patch(product, stockChange=1, version=2), 200)["version"] == 2
    assert expect(w.patch(product, price=1_100), 200)["version"] == 2  # nothing is another by that
    came(w.race(lambda n: w.patch(product, price=2_000 + n, version=2), range(8)), {200: 1, "product_changed": 7})
    sku = "E-" + "".join(random.choices(string.ascii_uppercase, k=12))
    assert expect(w.patch(product, sku=sku, lowStock=2), 200)["sku"] == sku
    other = w.product()
    expect(w.patch(other, sku=sku.lower()), 409, "sku_taken")
    expect(w.shop.call("POST", "/admin/products", {"name": "x", "price": 1, "stock": 1, "sku": sku}, w.admin), 409, "sku_taken")
    bare = expect(w.patch(product, sku=None, lowStock=None), 200)
    assert bare["sku"] is None and bare["lowStock"] is None, bare
    expect(w.patch(other, sku=sku.lower()), 200)
    for changes, field in (({"sku": ""}, "sku"), ({"sku": "-1"}, "sku"), ({"sku": "=1"}, "sku"), ({"sku": "a" * 41}, "sku"),
                           ({"lowStock": -1}, "lowStock"), ({"version": 0}, "version"), ({"name": None}, "name")):
        answer = w.patch(product, **changes)
        expect(answer, 422, "validation_failed")
        assert {e["field"] for e in answer.json["errors"]} == {field}, answer


def several_products_are_changed_together_or_not_at_all(w):
    one, two = w.product(price=1_000, stock=5), w.product(price=2_000, stock=5)
    change = lambda *changes, token=w.admin, key=None: w.shop.call(
        "POST", "/admin/products/changes", {"changes": list(changes)}, token, key)
    key = f"several-{random.randrange(10**12)}"
    both = ({"id": one, "price": 1_100, "version": 1}, {"id": two, "listed": False, "stockChange": 2, "version": 1})
    answer = expect(change(*both, key=key), 200)
    assert answer == {"items": [{"id": one, "version": 2}, {"id": two, "version": 2}]}, answer
    assert expect(change(*both, key=key), 200) == answer
    expect(change({"id": two, "price": 1}, {"id": one, "price": 1, "version": 1}), 409, "product_changed")
    expect(change({"id": two, "price": 1}, {"id": one, "stockChange": -6}), 409, "out_of_stock")
    expect(change({"id": two, "price": 1}, {"id": 999999999, "price": 1}), 404, "product_not_found")
    now = [w.get(f"/admin/products/{product}", w.admin) for product in (one, two)]
    assert [(p["price"], p["stock"], p["listed"], p["version"]) for p in now] == [(1_100, 5, True, 2), (2_000, 7, False, 2)], now
    told = w.get(f"/admin/trace?subject=product&subjectId={one}&limit=1", w.admin)["items"][0]
    assert (told["action"], told["changes"]) == ("product-changed", [{"field": "price", "before": "1000", "after": "1100"}]), told
    for changes, field in (((), "changes"), (({"id": one}, {"id": one}), "changes"), (({"price": 1},), "changes.0.id"),
                           (({"id": one, "x": 1},), "changes.0.x"), (({"id": one},) * 501, "changes")):
        refused = change(*changes)
        expect(refused, 422, "validation_failed")
        assert field in [e["field"] for e in refused.json["errors"]], refused
    expect(change({"id": one, "price": 1}, token=w.charged(1_000)), 403, "forbidden")

    # Each with all that it may be given.
    skus = ["C-" + "".join(random.choices(string.ascii_uppercase, k=12)) for _ in range(2)]
    whole = {"name": "함께 바꾼 이름", "description": "함께 바꾼 설명", "price": 1_200, "listed": True, "lowStock": 9}
    counted = {"stockChange": -3, "stockReason": "damage"}
    expect(change({"id": one, **whole, **counted, "sku": skus[0]}, {"id": two, **whole, "sku": skus[1]}), 200)
    now = [w.get(f"/admin/products/{product}", w.admin) for product in (one, two)]
    for product, sku, stock in zip(now, skus, (2, 7)):
        assert product == {**product, **whole, "sku": sku, "stock": stock, "version": 3}, product
        shown = w.get(f"/products/{product['id']}")
        assert shown == {**shown, "name": whole["name"], "description": whole["description"], "price": 1_200, "stock": stock}
    moved = w.get(f"/admin/products/{one}/stock", w.admin)["items"]
    assert [(line["reason"], line["change"], line["stock"]) for line in moved] == [("damage", -3, 2), ("opening", 5, 5)], moved
    expect(change({"id": one, "price": 1}, {"id": two, "sku": skus[0].lower()}), 409, "sku_taken")
    assert [w.get(f"/admin/products/{product}", w.admin) for product in (one, two)] == now
    expect(change({"id": one, "sku": None, "lowStock": None}, {"id": two, "sku": skus[0]}), 200)
    bare, taker = (w.get(f"/admin/products/{product}", w.admin) for product in (one, two))
    assert (bare["sku"], bare["lowStock"], taker["sku"], taker["lowStock"]) == (None, None, skus[0], 9), (bare, taker)


def png(width, height, shade=0, moving=False):
    """A picture of one grey, or the beginning of a film."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    pixels = b"".join(b"\0" + bytes([shade]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + (chunk(b"acTL", bytes(8)) if moving else b"") + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


def a_product_has_pictures_in_an_order_with_words(w):
    product = w.product()
    assert w.get(f"/products/{product}")["pictures"] == []
    path = f"/admin/products/{product}/pictures"

    def add(content, text="사과", at=path, token=w.admin):
        query = "?text=" + urllib.parse.quote(text) if text else ""
        return w.shop.call("POST", at + query, token=token, raw=content, headers={"Content-Type": "image/png"})

    first = expect(add(png(1200, 900), "사과 다섯 개"), 201)
    assert (first["width"], first["height"], first["text"]) == (960, 720, "사과 다섯 개"), first
    assert [(f["width"], f["type"]) for f in first["files"]] == [
        (width, kind) for width in (160, 480, 960) for kind in ("image/webp", "image/jpeg")], first
    assert expect(add(png(1200, 900), "사과 다섯"), 201) == first | {"text": "사과 다섯"}
    assert expect(add(png(1200, 900), "사과 다섯 개"), 201) == first
    second = expect(add(png(100, 50, shade=99)), 201)
    assert (second["width"], second["height"], len(second["files"])) == (100, 50, 2), second
    assert w.get(path, w.admin)["items"] == w.get(f"/products/{product}")["pictures"] == [first, second]
    assert next(p for p in w.get("/products?limit=20")["items"] if p["id"] == product)["picture"]["hash"] == first["hash"]
    assert w.get(f"/admin/products/{product}", w.admin)["picture"]["hash"] == first["hash"]
    one = f"{path}/{second['hash']}"
    changed = expect(w.shop.call("PATCH", one, {"text": "배", "position": 1}, w.admin), 200)
    assert changed == second | {"text": "배"}
    assert w.get(path, w.admin)["items"] == [changed, first]
    for wrong in ({"text": ""}, {"position": 0}, {"position": 9}, {"size": 1}):
        expect(w.shop.call("PATCH", one, wrong, w.admin), 422, "validation_failed")
    expect(add(png(10, 10), text=""), 422, "validation_failed")
    for content, status, code in (
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422, "picture_unknown"),
            (b"<!DOCTYPE html><script>alert(1)</script>", 422, "picture_unknown"), (b"", 422, "picture_unknown"),
            (png(1200, 900)[:-40], 422, "picture_damaged"), (png(20_000, 1, moving=True), 422, "picture_moving"),
            (png(16_001, 1), 422, "picture_too_many_pixels"), (bytes(10 * 1024 * 1024 + 1), 413, "picture_too_large")):
        expect(add(content), status, code)
    expect(w.shop.call("DELETE", one, token=w.admin), 204)
    assert w.get(path, w.admin)["items"] == [first]
    for method, body in (("DELETE", None), ("PATCH", {"position": 1})):
        expect(w.shop.call(method, one, body, w.admin), 404, "picture_not_found")
        expect(w.shop.call(method, one.replace(str(product), str(2**53), 1), body, w.admin), 404, "product_not_found")
    # Of shades so far apart that no two become the same.
    for shade in range(7):
        expect(add(png(20, 20, 30 * shade + 20)), 201)
    expect(add(png(20, 20, 250)), 409, "too_many_pictures")
    nowhere = f"/admin/products/{2**53}/pictures"
    expect(add(png(20, 20), at=nowhere), 404, "product_not_found")
    expect(w.shop.call("GET", nowhere, token=w.admin), 404, "product_not_found")
    customer = w.user()
    expect(add(png(20, 20), token=customer), 403, "forbidden")
    expect(w.shop.call("GET", path, token=customer), 403, "forbidden")
    expect(w.shop.call("DELETE", f"{path}/{first['hash']}", token=customer), 403, "forbidden")
    told = [line["action"] for line in w.get(f"/admin/trace?subject=product&subjectId={product}&limit=100", w.admin)["items"]]
    # The same one again changes its words.
    assert told == ["picture-added"] * 7 + ["picture-removed", "picture-changed", "picture-added"] + [
        "picture-changed"] * 2 + ["picture-added", "product-added"], told


def tokens_end_when_revoked_and_logins_tell_nothing(w):
    token = w.user()
    login = w.get("/users/me", token)["login"]
    expect(w.shop.call("POST", "/users", {"login": login, "password": "another 1", "name": "x"}), 409, "login_taken")
    assert w.shop.call("DELETE", "/tokens/current", token=token).status == 204
    expect(w.shop.call("GET", "/balance", token=token), 401, "unauthenticated")
    wrong = w.shop.call("POST", "/tokens", {"login": login, "password": "wrong password"})
    unknown = w.shop.call("POST", "/tokens", {"login": "nobody-" + login, "password": "wrong password"})
    assert expect(wrong, 401, "invalid_credentials") == expect(unknown, 401, "invalid_credentials")


def code_of(secret, ahead=0):
    """What an authenticator app shows (RFC 6238), so many steps of 30 seconds from now."""
    step = int(time.time()) // 30 + ahead
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset:offset + 4], 'big') & 0x7fffffff) % 1_000_000:06}"


def a_second_factor_is_set_up_asked_for_and_removed(w):
    own, admin = "/users/me/second-factor", w.admin
    customer = w.user()
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("POST", "/confirmation"), ("POST", "/recovery-codes")):
        body = {"code": "123456"} if path == "/confirmation" else None
        expect(w.shop.call(method, own + path, body, customer), 403, "forbidden")
    none = w.get(own, admin)
    assert (none["since"], none["recoveryCodesLeft"]) == (None, 0), none
    expect(w.shop.call("DELETE", own, token=admin), 404, "second_factor_not_found")
    expect(w.shop.call("POST", own + "/recovery-codes", token=admin), 404, "second_factor_not_found")
    expect(w.shop.call("POST", own + "/confirmation", {"code": "123456"}, admin), 409, "second_factor_not_begun")
    begun = expect(w.shop.call("POST", own, token=admin), 201)
    secret = begun["secret"]
    assert begun["address"].startswith("otpauth://totp/") and f"secret={secret}" in begun["address"], begun
    w.token(w.login, w.password)  # not in force yet
    expect(w.shop.call("POST", own + "/confirmation", {"code": "12345"}, admin), 401, "invalid_code")
    codes = expect(w.shop.call("POST", own + "/confirmation", {"code": code_of(secret)}, admin), 201)["recoveryCodes"]
    assert len(set(codes)) == 10, codes

    def log_in(**code):
        return w.shop.call("POST", "/tokens", {"login": w.login, "password": w.password, **code})

    expect(log_in(), 401, "code_required")
    expect(log_in(code="12345"), 401, "invalid_code")
    ahead = code_of(secret, 1)
    expect(log_in(code=ahead), 201)
    expect(log_in(code=ahead), 401, "invalid_code")
    expect(log_in(code=codes[0].lower().replace("-", " ")), 201)
    expect(log_in(code=codes[0]), 401, "invalid_code")
    state = w.get(own, admin)
    assert state["since"] and state["recoveryCodesLeft"] == 9, state
    renewed = expect(w.shop.call("POST", own + "/recovery-codes", token=admin), 201)["recoveryCodes"]
    assert not set(codes) & set(renewed)
    expect(log_in(code=renewed[0]), 201)
    expect(w.shop.call("DELETE", own, token=admin), 204)
    expect(log_in(), 201)


def the_password_is_given_again(w):
    token, again = w.token(w.login, w.password), "/tokens/current/password"
    expect(w.shop.call("POST", again, {"password": "wrong password"}, token), 401, "invalid_credentials")
    expect(w.shop.call("POST", again, {"password": w.password}, token), 204)
    expect(w.shop.call("POST", again, {}, token), 422, "validation_failed")


def passwords_that_others_would_guess_are_refused(w):
    login = "t-" + "".join(random.choices(string.ascii_lowercase, k=16))
    for password in ("password", "12345678", login, login.upper(), "correct\thorse 1"):
        answer = w.shop.call("POST", "/users", {"login": login, "password": password, "name": "x"})
        errors = expect(answer, 422, "validation_failed") and answer.json["errors"]
        assert [e["field"] for e in errors] == ["password"] and errors[0]["message"], (password, answer)
    expect(w.shop.call("POST", "/users", {"login": login, "password": "correct horse 1", "name": "x"}), 201)


# ---- bad input -----------------------------------------------------------------------------------------------

def bad_input_gets_a_problem_and_never_a_500(w):
    token, order = w.user(), "/orders"
    charges = "/balance/charges"
    broken = [
        (charges, b"", 400), (charges, b"{", 400), (charges, b"null", 422), (charges, b"[]", 422),
        (charges, b'{"amount":"1000"}', 422), (charges, b'{"amount":1000.5}', 422), (charges, b'{"amount":1e400}', (400, 422)),
        (charges, b'{"amount":9223372036854775808}', (400, 422)), (charges, b'{}', 422),
        (charges, b'{"amount":null}', 422), (charges, b'{"amount":1000,"x":1}', 422), (charges, b'\xff\xfe', 400),
        (charges, b"[" * 100_000, (400, 413)),
        (order, b'{"items":[]}', 422), (order, b'{"items":[{"productId":1,"quantity":0}]}', 422),
        (order, b'{"items":[{"productId":1,"quantity":-1}]}', 422), (order, b'{"items":[{"productId":-1,"quantity":1}]}', 422),
        (order, b'{"items":{"productId":1}}', 422), (order, b'{"items":[{"productId":1,"quantity":99999999999999999999}]}', (400, 422)),
        (charges, b'{"amount":true}', 422), (order, b'{"items":[{"productId":9223372036854775807,"quantity":1}]}', 404),
        ("/users", b'{"login":"a b","password":"12345678","name":"x"}', 422), ("/tokens", b'{"login":{},"password":[]}', 422),
        ("/users", b'{"login":"abc","password":"1234567","name":"x"}', 422),
        ("/admin/products", b'{"name":"\\ud800","price":1,"stock":1}', (400, 422)),
        ("/admin/products", b'{"name":"x","price":-1,"stock":1}', 422),
        ("/admin/products", b'{"name":"x","price":1,"stock":1000000001}', 422),
    ]
    for change in ({"quantity": 0}, {"discount": {"kind": "percent", "percent": 101}}, {"discount": {"kind": "fixed", "percent": 1}},
                   {"discount": None}, {"opensAt": "tomorrow"}, {"opensAt": "2026-02-30T00:00:00Z"},
                   {"opensAt": when(3700)}, {"validDays": 0}):
        broken.append(("/admin/coupons", json.dumps(coupon_body(**change)).encode(), 422))
    for path, raw, status in broken:
        who = w.admin if path.startswith("/admin") else token
        answer = w.shop.call("POST", path, raw=raw, token=who, headers={"Content-Type": "application/json"})
        allowed = status if isinstance(status, tuple) else (status,)
        assert answer.status in allowed, f"{path} {raw[:60]!r}: expected {allowed}, got {answer}"
        expect(answer, answer.status, {400: "malformed_request", 422: "validation_failed"}.get(answer.status))
    wrong = w.shop.call("POST", charges, raw=b"amount=1000", token=token, headers={"Content-Type": "text/plain"})
    expect(wrong, 415, "unsupported_media_type")
    for path, status in (("/products?limit=0", 422), ("/products?limit=101", 422), ("/products?limit=x", 422),
                         ("/products?sort=evil", 422), ("/products?cursor=%00%ff", 422), ("/products/0", (404, 422)),
                         ("/products/abc", (404, 422)), ("/products/99999999999999999999", (404, 422)), ("/nowhere", 404)):
        answer = w.shop.call("GET", path)
        assert answer.status in (status if isinstance(status, tuple) else (status,)) and problem(answer), f"{path}: {answer}"
    gone = w.shop.call("DELETE", "/products")
    assert expect(gone, 405, "method_not_allowed") and "GET" in gone.headers.get("allow", ""), gone.headers
    options = w.shop.call("OPTIONS", "/products")
    assert options.status == 204 and {"GET", "OPTIONS"} <= set(re.split(", *", options.headers["allow"])), options.headers
    huge = w.shop.call("POST", charges, raw=b" " * 3_000_000, token=token, headers={"Content-Type": "application/json"})
    expect(huge, 413, "payload_too_large")
    assert w.balance(token) == 0


def answers_carry_what_the_contract_asks_for(w):
    product, token = w.product(1_000), w.charged(1_000_000)
    coupon = w.coupon()
    mine = expect(w.issue(token, coupon), 201)
    order = expect(w.order(token, (product, 5), coupon=mine["id"]), 201)
    paid = expect(w.pay(token, order["id"]), 201)
    open_coupon = next(c for c in w.get("/coupons")["items"] if c["id"] == coupon)
    for thing, fields in (
            (w.get("/users/me", token), "id login name role createdAt"),
            (w.get(f"/products/{product}"), "id name description price stock views createdAt"),
            (open_coupon, "id name discount minimumOrderAmount quantity remaining opensAt closesAt validDays"),
            (mine, "id couponId name discount minimumOrderAmount status issuedAt expiresAt"),
            (paid, "id orderId amount status balance paidAt"),
            (order, "id userId status items totalAmount discountAmount finalAmount userCouponId createdAt expiresAt"),
            (w.pages("/balance/entries", token)[0], "id kind amount balance createdAt")):
        assert set(fields.split()) <= thing.keys(), (fields, thing)
        for field, value in thing.items():
            if field.endswith("At") and value is not None:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value), (field, value)


def own_lists_come_in_pages_newest_first(w):
    product, token = w.product(1_000), w.user()
    orders = [expect(w.order(token, (product, 1)), 201)["id"] for _ in range(3)]
    coupons = [expect(w.issue(token, w.coupon()), 201)["id"] for _ in range(3)]
    assert [order["id"] for order in w.pages("/orders", token, limit=1)] == orders[::-1]
    assert [coupon["id"] for coupon in w.pages("/users/me/coupons", token, limit=2)] == coupons[::-1]


def a_product_is_changed_in_each_of_its_members(w):
    product = w.product(1_000, 5)
    changed = expect(w.patch(product, name="새 이름", description="새 설명", price=2_000, stockChange=-2, listed=True), 200)
    assert changed == {**changed, "name": "새 이름", "description": "새 설명", "price": 2_000, "stock": 3, "listed": True}
    shown = w.get(f"/products/{product}")
    assert shown == {**shown, "name": "새 이름", "description": "새 설명", "price": 2_000, "stock": 3} and "listed" not in shown


def what_is_not_there_is_not_found(w):
    none = 2**53
    expect(w.patch(none, price=1), 404, "product_not_found")
    expect(w.refund(none), 404, "order_not_found")
    expect(w.issue(w.admin, none), 404, "coupon_not_found")
    expect(w.shop.call("POST", f"/orders/{none}/cancel", token=w.admin), 404, "order_not_found")


def the_api_describes_itself(w):
    answer = w.shop.call("GET", "/openapi.yaml")
    assert answer.status == 200 and answer.headers["content-type"] == "application/yaml", answer
    assert answer.body.startswith(b"openapi: 3.1") and b"/balance/charges:" in answer.body


def problems_speak_the_callers_language(w):
    token = w.user()
    titles = {}
    for language in ("ko", "en", "en-GB,en;q=0.9,ko;q=0.1", "fr"):
        answer = w.shop.call("POST", "/balance/charges", {"amount": 1}, token, headers={"Accept-Language": language})
        titles[language] = expect(answer, 422, "charge_below_minimum")["title"]
        assert answer.headers.get("content-language") in ("ko", "en"), answer.headers
    assert re.search("[가-힣]", titles["ko"]) and titles["fr"] == titles["ko"], titles
    assert not re.search("[가-힣]", titles["en"]) and titles["en"] == titles["en-GB,en;q=0.9,ko;q=0.1"], titles


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--admin", required=True, metavar="LOGIN:PASSWORD")
    parser.add_argument("--popular", required=True, metavar="COMMAND")
    parser.add_argument("--only", default="", help="only the cases whose name has this in it")
    parser.add_argument("--record", type=argparse.FileType("w"), metavar="FILE", help="keep what was asked and answered")
    options = parser.parse_args()
    world = World(Shop(options.url, options.record), options.admin, options.popular)
    failed = 0
    cases = [f for f in globals().values() if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ["w"]]
    chosen = [c for c in cases if options.only in c.__name__]
    for function in chosen:
        started = time.time()
        try:
            function(world)
            print(f"ok    {function.__name__} ({time.time() - started:.1f} s)", flush=True)
        except Exception as error:
            failed += 1
            where = traceback.extract_tb(error.__traceback__)
            lines = ", ".join(str(f.lineno) for f in where if f.filename == __file__)
            print(f"FAIL  {function.__name__} (line {lines}): {type(error).__name__}: {str(error)[:600] or where[-1].line}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
