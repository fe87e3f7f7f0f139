"""What a search costs the program as it is shipped, over a hundred thousand products.

Costs are in milliseconds of a processor on which the yardstick takes what it usually does, so that it is not the machine that
passes or fails: see `yardstick`.
"""
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import unittest
import urllib.parse

from support import REPOSITORY, TestCase, until
from yardstick import USUAL_MILLISECONDS, Yardstick, processor_milliseconds

JANGTEO = REPOSITORY / ".build" / "release" / "jangteo"
PRODUCTS = 100_000
# Of a processor's time for one search, in the mean of a few.
BOUND_MILLISECONDS = 10
REPEATS = 4
# How often what seems too dear is measured again, with the yardstick between: others, who use the same caches, come and go.
ROUNDS = 12
ORDERS = ("newest", "price", "-price", "relevance")
TEXTS = ["사과", "한라봉", "99999호", "12345호", "산지직송", "산지직송 한라봉", "kg", "정성껏 고른", "호", "1", "상품입니다", "상품 사과 1",
         "없는것", "사과 한라봉", "9호 햇살", "김", "프리미엄 김치 3kg", "고른 77777호", "송 한", "입니 니다 다."]
# What costs an index of pairs most: much that is everywhere, and together nowhere. Nobody types it to find something, but
# anybody can send it.
MADE_TO_BE_SLOW = [
    "호 " * 49 + "없", "상 품 입 니 다 정 성 껏 고 른 , . k g 호 없는것", "상 품 입 니 다 정 성 껏 고 른 사 배",
    "정성 성껏 고른 상품 품입 입니 니다 다. kg, 사과 한라", "상품입니다. 정성껏 고른 프리미엄 한우", "사 과 한 라 봉", "1 2 3 4 5 6 7 8 9",
    "1" * 100, "12" * 50]
MADE_TO_BE_SLOW_MILLISECONDS = 25
# What nothing is like as it was typed: words without their spaces, a wrong letter, or nothing at all.
SIMILAR = [
    "햇살사과", "산지직송한라봉", "사과12345호", "사과햇살", "햇살사가", "상품임니다", "한라뵹", "고츄장", "산지직손", "햇살 한라뵹", "정성것고른상품입니다",
    "김치프리미엄99999호", "가나다라마바사아", "호호호호호호호호", "품상품상품상품상", "상품입니다상품입니다", "고른상품입니다정성", "없는것"]


class Responder:
    """The shipped program over a data folder, spoken to as nginx does, on one kept connection."""

    BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6

    def __init__(self, data):
        self.path = str(data / "s")
        self.process = subprocess.Popen(
            [JANGTEO, "serve", "--data", data, "--socket", self.path], stderr=subprocess.DEVNULL)

    def __enter__(self):
        until(20, "the responder listens", lambda: os.path.exists(self.path))
        self.connection = socket.socket(socket.AF_UNIX)
        until(5, "the responder answers", lambda: self.connection.connect_ex(self.path) == 0)
        self.stream = self.connection.makefile("rb")
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def get(self, target):
        """The body that a GET is answered with."""
        pairs = b"".join(bytes([len(name)]) + struct.pack(">I", len(value) | 1 << 31) + name + value for name, value in
                         ((b"REQUEST_METHOD", b"GET"), (b"REQUEST_URI", target.encode())))
        self.send(self.BEGIN, bytes([0, 1, 1, 0, 0, 0, 0, 0]))
        for kind, content in ((self.PARAMS, pairs), (self.PARAMS, b""), (self.STDIN, b"")):
            self.send(kind, content)
        answer = b""
        while True:
            _, kind, _, length, padding = struct.unpack(">BBHHBx", self.stream.read(8))
            content = self.stream.read(length + padding)[:length]
            if kind == self.END:
                return answer.partition(b"\r\n\r\n")[2]
            answer += content if kind == self.STDOUT else b""

    def send(self, kind, content):
        self.connection.sendall(struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content)


class Costs:
    """What requests cost a responder."""

    def __init__(self, shop):
        self.shop = shop
        self.yardstick = Yardstick()
        self.best = min(self.yardstick.milliseconds() for _ in range(5))

    def of(self, request, bound):
        """What the request costs in the mean of a few.

        What is within the bound the first time has shown so, by the best that the yardstick has ever done. Otherwise the
        least of several rounds is compared with the least that the yardstick took between them.
        """
        self.best = min(self.best, self.yardstick.milliseconds())
        least = self.mean(request)
        cost = least / self.best * USUAL_MILLISECONDS
        if cost <= bound:
            return cost
        yard = float("inf")
        for number in range(ROUNDS):
            yard = min(yard, self.yardstick.milliseconds(lasting=least * REPEATS))
            least = min(least, self.mean(request))
            cost = least / yard * USUAL_MILLISECONDS
            if number >= 2 and cost <= bound:
                break
        return cost

    def mean(self, request):
        before = processor_milliseconds(self.shop.process.pid)
        for _ in range(REPEATS):
            request()
        return (processor_milliseconds(self.shop.process.pid) - before) / REPEATS


class Search(TestCase):
    def test_a_search_takes_ten_milliseconds_of_a_processor_at_most(self):
        for command in (["migrate"], ["demo", "--products", str(PRODUCTS)]):
            subprocess.run([JANGTEO, *command, "--data", self.folder], check=True, stdout=subprocess.DEVNULL)
        with Responder(self.folder) as self.shop:
            self.costs = Costs(self.shop)
            self.check(TEXTS, BOUND_MILLISECONDS)
            self.check(SIMILAR, BOUND_MILLISECONDS, ("relevance",))
            self.check(MADE_TO_BE_SLOW, MADE_TO_BE_SLOW_MILLISECONDS)
            self.check_pages(TEXTS + SIMILAR, BOUND_MILLISECONDS)

    def check_pages(self, texts, bound):
        """What people see, with the number found."""
        numbers = itertools.count()

        def see(target):
            # Pages are kept for a second: each is asked for by another address.
            self.assertIn(b"</html>", self.shop.get(f"{target}&number={next(numbers)}"))

        costs = []
        for text in texts:
            for order in ORDERS:
                target = "/products?" + urllib.parse.urlencode({"q": text, "sort": order})
                cost = self.costs.of(lambda: see(target), bound)
                self.hold(costs, (cost, f"the page of {text} {order}"), bound)
        self.show(costs)

    def check(self, texts, bound, orders=ORDERS):
        costs = []
        for text in texts:
            for order in orders:
                target = "/api/v1/products?" + urllib.parse.urlencode({"q": text, "sort": order})
                found = json.loads(self.shop.get(target))["items"]
                cost = self.costs.of(lambda: self.shop.get(target), bound)
                self.hold(costs, (cost, f"{text} {order}: {len(found)} on the first page"), bound)
        self.show(costs)

    def hold(self, costs, cost, bound):
        costs.append(cost)
        self.assertLessEqual(cost[0], bound, cost)

    def show(self, costs):
        print("\n".join(f"{cost:5.1f} ms  {what}" for cost, what in sorted(costs, reverse=True)[:8]))
