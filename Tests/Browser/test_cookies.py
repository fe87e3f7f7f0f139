"""What the shop keeps in a browser, and what it is worth to others."""
import functools
import re

from plain import Client
from support import Customer, Shop, ShopTestCase


class Cookies(ShopTestCase):
    def setUp(self):
        self.customer = self.shop.customer()
        self.client = Client(self.shop)

    def session(self, client=None):
        return (client or self.client).jar.get("session")

    def is_logged_in(self, client):
        return client.get("/account").status == 200

    def test_no_script_and_no_other_site_gets_one(self):
        self.client.get("/language/en?next=/")
        page = self.client.get("/login")
        entered = self.client.submit("/login", "/login", login=self.customer.login, password=Customer.password)
        chosen = self.client.get("/language/en?next=/")
        left = self.client.submit("/account", "/logout")
        cookies = [cookie for answer in (page, entered, chosen, left) for cookie in answer.cookies.values()]
        self.assertGreaterEqual(len(cookies), 4)
        for cookie in cookies:
            with self.subTest(cookie.key):
                self.assertTrue(cookie["httponly"])
                self.assertEqual((cookie["samesite"], cookie["path"], cookie["domain"]), ("Lax", "/", ""))
                # Without TLS a browser would throw it away.
                self.assertFalse(cookie["secure"])

    def test_each_log_in_begins_a_new_session(self):
        self.client.get("/login")
        before = set(self.client.jar.values())
        self.client.log_in(self.customer)
        first = self.session()
        self.assertNotIn(first, before)
        again = Client(self.shop).log_in(self.customer)
        self.assertNotEqual(self.session(again), first)

    def test_a_session_that_somebody_else_chose_is_not_taken_on(self):
        planted = "A" * 43
        self.client.jar["session"] = planted
        fields = self.client.form("/login", "/login")
        self.client.post("/login", fields | {"login": self.customer.login, "password": Customer.password})
        self.assertNotEqual(self.session(), planted)
        attacker = Client(self.shop)
        attacker.jar["session"] = planted
        self.assertFalse(self.is_logged_in(attacker))

    def test_a_visitors_cookie_is_worth_nothing_after_the_log_in(self):
        self.client.get("/login")
        planted = dict(self.client.jar)
        self.client.log_in(self.customer)
        attacker = Client(self.shop)
        attacker.jar = planted | {"session": next(iter(planted.values()))}
        self.assertFalse(self.is_logged_in(attacker))

    def test_logging_out_ends_the_session_and_takes_the_cookie_away(self):
        self.client.log_in(self.customer)
        stolen = Client(self.shop)
        stolen.jar = dict(self.client.jar)
        self.assertTrue(self.is_logged_in(stolen))
        answer = self.client.submit("/account", "/logout")
        self.assertIsNone(self.session())
        self.assertEqual(answer.cookies["session"]["max-age"], "0")
        self.assertFalse(self.is_logged_in(stolen))

    def test_whose_session_has_ended_elsewhere_logs_in_again(self):
        """With all the cookies that a browser may have: one of the session that is no more, one of the visit before."""
        for path in ("/account", "/login", "/balance"):
            with self.subTest(path):
                client = Client(self.shop)
                client.get("/login")
                visit = dict(client.jar)
                client.log_in(self.customer)
                elsewhere = Client(self.shop).log_in(self.customer)
                elsewhere.submit("/account", "/account/sessions/end-others")
                client.jar |= visit
                client.get(path)
                fields = client.form("/login", "/login")
                answer = client.post("/login", fields | {"login": self.customer.login, "password": Customer.password})
                self.assertEqual((answer.status, answer.field("location")), (303, "/"))
                self.assertTrue(self.is_logged_in(client))

    def test_a_token_of_the_api_is_no_cookie_and_a_cookie_no_token(self):
        self.client.log_in(self.customer)
        answer = self.shop.ask("GET", "/api/v1/balance", fields={"Cookie": f"session={self.session()}"})
        self.assertEqual(answer.status, 401)
        pages = Client(self.shop)
        self.assertEqual(pages.get("/account", Authorization=f"Bearer {self.customer.token}").status, 303)

    def test_a_changed_password_ends_the_other_sessions(self):
        self.client.log_in(self.customer)
        elsewhere = Client(self.shop).log_in(self.customer)
        self.client.submit("/account", "/account/password", current=Customer.password, new="battery staple")
        self.assertTrue(self.is_logged_in(self.client))
        self.assertFalse(self.is_logged_in(elsewhere))

    def test_one_customer_reads_nothing_of_another(self):
        order = self.customer.order(self.shop.products[0])
        self.client.log_in(self.shop.customer())
        for path in (f"/orders/{order}", f"/orders/{order}/pay"):
            self.assertEqual(self.client.get(path).status, 404)
        for action in ("pay", "cancel"):
            fields = self.client.form("/balance", "/balance/charges")
            self.assertEqual(self.client.post(f"/orders/{order}/{action}", fields).status, 404)
        self.assertEqual(self.customer.orders(), {order: "pending"})


class CookiesBehindTLS(ShopTestCase):
    """What the shop does when the front end says that a request came through TLS."""

    @classmethod
    def setUpClass(cls):
        def say_https(text):
            said, count = re.subn(r"fastcgi_param HTTPS .*;", "fastcgi_param HTTPS on;", text)
            assert count == 1, "nginx.conf tells the responder of TLS in one line"
            return said

        cls.shop = cls.enterClassContext(Shop(say_https))

    def setUp(self):
        self.customer = self.shop.customer()
        self.client = Client(self.shop)
        self.client.post = functools.partial(self.post_with_origin, self.client)

    def post_with_origin(self, client, target, form, fields=None):
        origin = f"https://127.0.0.1:{self.shop.port}"
        return Client.post(client, target, form, {"Origin": origin, **(fields or {})})

    def test_every_cookie_is_for_tls_alone_and_for_this_host(self):
        page = self.client.get("/login")
        entered = self.client.submit("/login", "/login", login=self.customer.login, password=Customer.password)
        self.assertEqual(entered.status, 303)
        chosen = self.client.get("/language/en?next=/")
        left = self.client.submit("/account", "/logout")
        for answer in (page, entered, chosen, left):
            self.assertTrue(answer.cookies)
            for name, cookie in answer.cookies.items():
                with self.subTest(name):
                    self.assertRegex(name, "^__Host-")
                    self.assertTrue(cookie["secure"] and cookie["httponly"])
                    self.assertEqual((cookie["samesite"], cookie["path"], cookie["domain"]), ("Lax", "/", ""))

    def test_a_cookie_without_the_prefix_is_no_session(self):
        self.client.log_in(self.customer)
        other = Client(self.shop)
        other.jar["session"] = self.client.jar["__Host-session"]
        self.assertEqual(other.get("/account").status, 303)
        self.assertEqual(self.client.get("/account").status, 200)

    def test_a_form_from_a_page_without_tls_is_refused(self):
        self.client.log_in(self.customer)
        fields = self.client.form("/balance", "/balance/charges") | {"amount": "1000"}
        answer = self.client.post("/balance/charges", fields, {"Origin": self.shop.url})
        self.assertEqual((answer.status, self.customer.balance()), (403, 0))
