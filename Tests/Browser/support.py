"""What the browser tests have in common: a shop of their own each, customers in it, and one browser for all."""
import atexit
import base64
import contextlib
import dataclasses
import functools
import hmac
import http.client
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonSupport"))
from waiting import free_port, until  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
JANGTEO = REPOSITORY / ".build" / "release" / "jangteo"
STOREFRONT = pathlib.Path(os.environ.get("JANGTEO_SHARE", REPOSITORY / "Sources" / "ShopWeb" / "Storefront"))
# Debian keeps nginx where only root's PATH leads. Hashing a password at a real shop's cost takes a fifth of a second.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("JANGTEO_")} | {
    "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "JANGTEO_PASSWORD_COST": "4", "JANGTEO_SHARE": str(STOREFRONT),
    # The staff of the tests have no telephone; a test of its own gives them one.
    "JANGTEO_SECOND_FACTOR": "optional"}
LANGUAGES = ("ko", "en")
# The demo makes coupons in every state but this one.
CLOSED_COUPON = """
    INSERT INTO coupons (remaining, quantity, opens_at, closes_at, valid_days, minimum_order_amount, fixed_amount, name,
                         created_at)
    VALUES (10, 10, 1700000000000, 1700000001000, 7, 0, 1000, '지난 쿠폰', 1700000000000)"""


@functools.cache
def words(language):
    """What the pages say, by its name in the templates."""
    return json.loads((STOREFRONT / "words" / f"{language}.json").read_text())


def temporary_folder():
    """Under /tmp, which is short: the path of a socket may have 107 bytes."""
    return pathlib.Path(tempfile.mkdtemp(prefix="jangteo-")).resolve()


def jangteo(*arguments, password=None):
    subprocess.run(
        [JANGTEO, *map(str, arguments)], env=ENVIRONMENT, check=True, capture_output=True, text=True,
        input=None if password is None else password + "\n")


@functools.cache
def first_data():
    """A folder with a shop full of things to look at, made once a run and copied for each shop."""
    folder = temporary_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    jangteo("migrate", "--data", folder)
    jangteo("users", "create", "admin", "--admin", "--data", folder, "--password-stdin", password=Customer.password)
    jangteo("demo", "--data", folder)
    with contextlib.closing(sqlite3.connect(folder / "shop.db")) as database, database:
        database.execute(CLOSED_COUPON)
    jangteo("popular", "--data", folder)
    return folder


class Process:
    """A program of the shop's, leader of a session of its own, that ends when this one does, however that was."""

    def __init__(self, name, folder, *command, env=ENVIRONMENT):
        self.name = name
        with open(folder / f"{name}.log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *map(str, command)], cwd=folder, env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def has_ended(self):
        return self.process.poll() is not None

    def stop(self):
        """By its number, and with all that belongs to it after a deadline."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"{self.name} did not stop") from None


def at_rest(text):
    """A page that says that the shop is away tries again by itself, also while a test looks at it: but for the test of that."""
    refresh = "            add_header Refresh $problem_refresh always;\n"
    assert refresh in text
    return text.replace(refresh, "")


class Shop:
    """A whole shop on a port of its own, nginx in front of the responder, over a copy of the first data."""

    def __init__(self, edit_nginx=at_rest, **settings):
        self.settings = settings
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.edit_nginx = edit_nginx
        self.numbers = itertools.count(1)
        self.admin_now, self.admin_until = None, 0

    def __enter__(self):
        self.folder = temporary_folder()
        self.processes = []
        try:
            self.fill()
            self.start_responder()
            self.start_nginx()
            until(20, "the shop answers", self.answers)
        except BaseException:
            self.__exit__()
            raise
        return self

    def fill(self):
        for file in first_data().glob("shop.db*"):
            shutil.copy(file, self.folder)

    def __exit__(self, *_):
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            # nginx, started last, is stopped first: it finishes the requests that it has taken.
            for process in self.processes:
                stack.callback(process.stop)

    def start_responder(self):
        self.responder = Process(
            "responder", self.folder, JANGTEO, "serve", "--data", self.folder, "--socket", "jangteo.sock",
            env=ENVIRONMENT | self.settings)
        self.processes.insert(0, self.responder)
        until(20, "the responder listens", lambda: self.has_started(self.responder) and self.listens("jangteo.sock"))

    def stop_responder(self):
        self.processes.remove(self.responder)
        self.responder.stop()

    def start_nginx(self):
        (self.folder / "temp").mkdir(exist_ok=True)
        filled = subprocess.run(
            [REPOSITORY / "deploy" / "fill-nginx", "--port", str(self.port), "--operations", str(free_port()),
             "--socket", "jangteo.sock", "--share", STOREFRONT, "--data", self.folder],
            check=True, capture_output=True, text=True).stdout
        (self.folder / "nginx.conf").write_text(self.edit_nginx(filled))
        # Started by root, its workers would be nobody, who cannot reach the socket.
        root = " user root;" if os.getuid() == 0 else ""
        self.nginx = Process(
            "nginx", self.folder, "nginx", "-p", self.folder, "-c", "nginx.conf", "-e", "error.log",
            "-g", "daemon off;" + root)
        self.processes.append(self.nginx)

    def listens(self, name):
        with socket.socket(socket.AF_UNIX) as probe:
            # Named as it is called in the folder, like deploy/run does.
            return probe.connect_ex(str(self.folder / name)) == 0

    def has_started(self, process):
        if process.has_ended():
            raise AssertionError((self.folder / f"{process.name}.log").read_text())
        return True

    def answers(self):
        self.has_started(self.nginx)
        with contextlib.suppress(OSError):
            return self.ask("GET", "/api/v1/products/popular").status == 200

    # --- Behind the counter -------------------------------------------------------------------------------------------

    def sql(self, statement, *values):
        """Asks or changes the database itself, as another process may."""
        with contextlib.closing(sqlite3.connect(self.folder / "shop.db", timeout=10)) as database, database:
            return database.execute(statement, values).fetchall()

    def value(self, statement, *values):
        [[value]] = self.sql(statement, *values)
        return value

    def ask(self, method, target, body=None, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, target, body, fields or {})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer

    def api(self, method, path, body=None, token=None):
        """Asks the JSON API, which sets things up faster than the pages do."""
        fields = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = self.ask(method, "/api/v1" + path, None if body is None else json.dumps(body).encode(), fields)
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.content.decode()}")
        return json.loads(answer.content)

    @property
    def admin(self):
        """Logged in anew before the shop wants to know the password again, which it does after a quarter of an hour."""
        if time.monotonic() > self.admin_until:
            self.admin_now, self.admin_until = Customer(self, "admin", "admin"), time.monotonic() + 600
        return self.admin_now

    def customer(self, balance=0, name="하나"):
        """A new one, with that balance."""
        login = f"customer-{next(self.numbers)}"
        self.api("POST", "/users", {"login": login, "password": Customer.password, "name": name})
        customer = Customer(self, login, name)
        while balance > 0:
            customer.charge(part := min(balance, 1_000_000))
            balance -= part
        return customer

    def staff(self, role, name):
        """A new one of the staff, in that role."""
        login = f"{role}-{next(self.numbers)}"
        jangteo("users", "create", login, "--role", role, "--data", self.folder, "--password-stdin",
                password=Customer.password)
        return Customer(self, login, name)

    # --- What is for sale ---------------------------------------------------------------------------------------------

    @functools.cached_property
    def products(self):
        """Those that there is plenty of, the cheapest first."""
        rows = self.sql("SELECT id, name, price, stock FROM products WHERE stock >= 40 ORDER BY price, id")
        return [Product(*row) for row in rows]

    @functools.cached_property
    def sold_out(self):
        return Product(*self.sql("SELECT id, name, price, stock FROM products WHERE stock = 0")[0])

    def new_product(self, name="새 상품", price=10_000, stock=100, description=""):
        draft = {"name": name, "price": price, "stock": stock, "description": description}
        return Product(self.api("POST", "/admin/products", draft, self.admin.token)["id"], name, price, stock)

    def add_picture(self, product, content, text="새 상품의 사진"):
        """Adds a picture to a product as a program does; the answer, whatever it is."""
        target = f"/api/v1/admin/products/{product.id}/pictures?text={urllib.parse.quote(text)}"
        fields = {"Authorization": f"Bearer {self.admin.token}", "Content-Type": "application/octet-stream"}
        return self.ask("POST", target, content, fields)

    def new_coupon(self, name="새 쿠폰", amount=1_000, minimum=0, quantity=10, opens_at="2020-01-01T00:00:00Z"):
        """An open one, unless it is said when it opens."""
        return self.api("POST", "/admin/coupons", {
            "name": name, "discount": {"kind": "fixed", "amount": amount}, "minimumOrderAmount": minimum,
            "quantity": quantity, "opensAt": opens_at, "closesAt": "2099-01-01T00:00:00Z",
            "validDays": 7}, self.admin.token)["id"]

    def coupon(self, state):
        """One of the demo's: open, coming, sold_out or closed."""
        condition = {
            "open": "remaining > 0 AND opens_at < :now AND closes_at > :now", "coming": "opens_at > :now",
            "sold_out": "remaining = 0 AND closes_at > :now", "closed": "closes_at < :now"}[state]
        now = str(int(time.time() * 1000))
        return self.sql(f"SELECT id FROM coupons WHERE {condition.replace(':now', now)} ORDER BY id")[0][0]


class EmptyShop(Shop):
    """As it is when it has been installed: nobody has an account, and nothing is for sale."""

    def fill(self):
        jangteo("migrate", "--data", self.folder)


@dataclasses.dataclass(frozen=True)
class Product:
    id: int
    name: str
    price: int
    stock: int

    @property
    def path(self):
        return f"/products/{self.id}"


class Customer:
    """Somebody with an account, and what they do elsewhere than in the browser."""
    password = "correct horse"

    def __init__(self, shop, login, name):
        self.shop, self.login, self.name = shop, login, name
        self.token = shop.api("POST", "/tokens", {"login": login, "password": self.password})["token"]
        self.id = shop.api("GET", "/users/me", token=self.token)["id"]

    def api(self, method, path, body=None):
        return self.shop.api(method, path, body, self.token)

    def charge(self, amount):
        self.api("POST", "/balance/charges", {"amount": amount})

    def balance(self):
        return self.api("GET", "/balance")["amount"]

    def take(self, coupon):
        """The number of the customer's own one."""
        return self.api("POST", f"/coupons/{coupon}/issue")["id"]

    def order(self, *products, quantity=1, coupon=None):
        """The number of a new order."""
        lines = [{"productId": product.id, "quantity": quantity} for product in products]
        return self.api("POST", "/orders", {"items": lines} | ({"userCouponId": coupon} if coupon else {}))["id"]

    def set_up_second_factor(self):
        """What the app has to know, and the recovery codes."""
        secret = self.api("POST", "/users/me/second-factor")["secret"]
        return secret, self.api("POST", "/users/me/second-factor/confirmation", {"code": code_of(secret)})["recoveryCodes"]

    def cancel(self, order):
        self.api("POST", f"/orders/{order}/cancel")

    def pay(self, order):
        self.api("POST", f"/orders/{order}/payment")

    def orders(self):
        """The orders' numbers and states, the oldest first."""
        return dict(self.shop.sql("SELECT id, status FROM orders WHERE user_id = ? ORDER BY id", self.id))

    def entries(self):
        """What moved the balance, the oldest first."""
        rows = self.shop.sql("SELECT amount FROM balance_entries WHERE user_id = ? ORDER BY id", self.id)
        return [amount for [amount] in rows]

    def let_expire(self, order):
        # Made when it says: an order waits for half an hour.
        self.shop.sql(
            "UPDATE orders SET created_at = created_at - 3600000, expires_at = expires_at - 3600000 WHERE id = ?",
            order)


def code_of(secret, ahead=0):
    """What an authenticator app shows (RFC 6238), so many steps of 30 seconds from now."""
    step = int(time.time()) // 30 + ahead
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset:offset + 4], 'big') & 0x7fffffff) % 1_000_000:06}"


class ShopTestCase(unittest.TestCase):
    """Tests that share a shop."""

    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop())

    def assert_digits(self, amount, text):
        """The amount stands in the text, however the language writes money."""
        self.assertRegex(text, rf"(?<![\d,]){abs(amount):,}(?![\d,])")
