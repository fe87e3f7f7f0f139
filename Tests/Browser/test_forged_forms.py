"""Forms that others send in a customer's name, by hand and from pages of their own."""
import http.server
import threading
import urllib.parse

from browsing import BrowserTestCase, browser
from plain import Client
from support import Customer, ShopTestCase, words


class ForgedForms(ShopTestCase):
    """A form is taken from a page of this shop, made for this session, and from nothing else."""

    def setUp(self):
        self.customer = self.shop.customer(balance=50_000)
        self.client = Client(self.shop).log_in(self.customer)
        self.product = self.shop.new_product(price=1_000)
        self.client.submit(self.product.path, "/basket")
        self.mine = self.customer.take(self.shop.new_coupon())
        self.other_order, self.order, self.over = (self.customer.order(self.product) for _ in range(3))
        self.customer.cancel(self.over)

    def forms(self):
        """Every form that changes something: the page it stands on, where it goes, what is filled in."""
        coupon = self.shop.new_coupon()
        return [
            (self.product.path, "/basket", {"quantity": "2"}),
            (self.product.path, "/orders", {"quantity": "1"}),
            ("/basket", "/basket/lines", {f"quantity-{self.product.id}": "7"}),
            ("/basket", "/orders", {}),
            (f"/orders/{self.order}/pay", f"/orders/{self.order}/pay", {}),
            (f"/orders/{self.other_order}", f"/orders/{self.other_order}/cancel", {}),
            (f"/orders/{self.order}/pay", f"/orders/{self.order}/coupon", {"coupon": str(self.mine)}),
            (f"/orders/{self.over}", f"/orders/{self.over}/again", {}),
            ("/balance", "/balance/charges", {"amount": "1000"}),
            (f"/coupons/{coupon}", f"/coupons/{coupon}/take", {}),
            ("/account", "/account/password", {"current": Customer.password, "new": "battery staple"}),
            ("/account", "/account/sessions/end-others", {}),
            ("/account", "/logout", {}),
        ]

    def filled(self, page, action, values, client=None):
        # The second button of a product's form sends it elsewhere.
        on_page = "/basket" if page == self.product.path else action
        return (client or self.client).form(page, on_page) | values

    def everything(self):
        """What there is of the customer, to be compared."""
        return [self.shop.sql(f"SELECT * FROM {table} WHERE user_id = ? ORDER BY 1, 2", self.customer.id)
                for table in ("orders", "payments", "balance_entries", "user_coupons")] + [
            self.shop.sql("SELECT user_id, product_id, quantity FROM customer_basket_lines ORDER BY 1, 2"),
            self.shop.sql("SELECT token_hash, product_id, quantity FROM visitor_basket_lines ORDER BY 1, 2"),
            self.shop.sql("SELECT password_hash FROM users WHERE id = ?", self.customer.id),
            self.shop.sql("SELECT token_hash FROM sessions ORDER BY 1")]

    def assert_all_refused(self, forge):
        """- forge: makes of a good form what is sent: its fields, and the fields of the request."""
        for page, action, values in self.forms():
            with self.subTest(action):
                fields, more = forge(self.filled(page, action, values))
                before = self.everything()
                answer = self.client.post(action, fields, more)
                self.assertEqual(answer.status, 403)
                self.assertIn(words("ko")["shop_name"], answer.markup.title)
                self.assertEqual(self.everything(), before)

    def test_without_a_token(self):
        self.assert_all_refused(lambda form: ({**form, "csrf": ""}, {}))
        self.assert_all_refused(lambda form: ({name: form[name] for name in form if name != "csrf"}, {}))

    def test_with_a_token_that_was_made_up(self):
        self.assert_all_refused(lambda form: ({**form, "csrf": "A" * len(form["csrf"])}, {}))

    def test_with_the_token_of_another_customer(self):
        stranger = Client(self.shop).log_in(self.shop.customer())
        token = stranger.form("/balance", "/balance/charges")["csrf"]
        self.assert_all_refused(lambda form: ({**form, "csrf": token}, {}))

    def test_with_the_token_of_a_visitor(self):
        token = Client(self.shop).form("/login", "/login")["csrf"]
        self.assert_all_refused(lambda form: ({**form, "csrf": token}, {}))

    def test_with_the_token_of_a_session_that_has_ended(self):
        ended = Client(self.shop).log_in(self.customer)
        token = ended.form("/balance", "/balance/charges")["csrf"]
        ended.submit("/account", "/logout")
        self.assert_all_refused(lambda form: ({**form, "csrf": token}, {}))

    def test_from_another_origin(self):
        port = self.shop.port
        for origin in ("http://evil.example", "null", "", f"https://127.0.0.1:{port}", "http://127.0.0.1",
                       f"http://127.0.0.1:{port}.evil.example", f"http://localhost:{port}",
                       f"http://127.0.0.1:{port + 1}", f"http://evil.example/http://127.0.0.1:{port}"):
            with self.subTest(origin):
                self.assert_all_refused(lambda form: (form, {"Origin": origin, "Sec-Fetch-Site": None}))

    def test_from_another_site_as_the_browser_says(self):
        for site in ("cross-site", "same-site"):
            with self.subTest(site):
                self.assert_all_refused(lambda form: (form, {"Sec-Fetch-Site": site}))

    def test_as_another_kind_of_content(self):
        """Kinds that another site's form can send without being asked, and JSON, which no form sends."""
        for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json", None):
            with self.subTest(kind):
                fields = self.client.form("/balance", "/balance/charges") | {"amount": "1000"}
                answer = self.client.post("/balance/charges", fields, {"Content-Type": kind})
                self.assertEqual(answer.status, 415)
                self.assertEqual(self.customer.balance(), 50_000)

    def test_by_address_alone(self):
        fields = self.client.form("/balance", "/balance/charges") | {"amount": "1000"}
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            with self.subTest(method):
                answer = self.client.send(method, "/balance/charges?" + urllib.parse.urlencode(fields))
                # A form's address leads to the page that the form stands on, and does no more.
                self.assertIn(answer.status, (303, 404, 405))
        self.assertEqual(self.customer.balance(), 50_000)

    def test_of_a_browser_that_says_nothing_of_origins_a_form_with_its_token_is_taken(self):
        fields = self.client.form("/balance", "/balance/charges") | {"amount": "1000"}
        answer = self.client.post("/balance/charges", fields, {"Origin": None, "Sec-Fetch-Site": None})
        self.assertEqual((answer.status, self.customer.balance()), (303, 51_000))

    def test_nobody_is_logged_in_or_signed_up_by_another_site(self):
        for action, values in (("/login", {"login": self.customer.login, "password": Customer.password}),
                               ("/signup", {"login": "forged", "name": "x", "password": Customer.password})):
            for more in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                with self.subTest((action, more)):
                    visitor = Client(self.shop)
                    answer = visitor.post(action, visitor.form(action, action) | values, more)
                    self.assertEqual((answer.status, "session" in visitor.jar), (403, False))
            for token in ("", Client(self.shop).form(action, action)["csrf"]):
                with self.subTest((action, token)):
                    visitor = Client(self.shop)
                    answer = visitor.post(action, visitor.form(action, action) | values | {"csrf": token})
                    self.assertEqual((answer.status, "session" in visitor.jar), (403, False))


class OtherSites(BrowserTestCase):
    """Pages of another site, in a real browser, against a customer who is logged in here."""

    def setUp(self):
        super().setUp()
        self.customer = self.logged_in(balance=50_000)
        pages = self.pages = {}

        class Evil(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]

    def new_visitor(self):
        # This one does go elsewhere, and the console complains of what is refused there.
        context = browser().new_context(base_url=self.shop.url, locale="ko-KR")
        context.set_default_timeout(5_000)
        self.addCleanup(context.close)
        return context

    def test_a_form_of_another_site_moves_no_money(self):
        # Another port is the same site to a browser: it sends the cookie along. Another name is not.
        token = Client(self.shop).log_in(self.shop.customer()).form("/balance", "/balance/charges")["csrf"]
        for host in ("127.0.0.1", "localhost"):
            for csrf in ("", token):
                with self.subTest((host, csrf)):
                    self.pages["/"] = f"""<!DOCTYPE html><title>evil</title>
                        <form method=post action="{self.shop.url}/balance/charges">
                        <input name=amount value=1000><input name=csrf value="{csrf}">
                        <input name=key value="{'A' * 43}"><button>win</button></form>"""
                    self.page.goto(f"http://{host}:{self.port}/")
                    with self.page.expect_navigation():
                        self.page.locator("button").click()
                    self.assertEqual(self.status(self.page), 403)
                    self.assertEqual(self.customer.balance(), 50_000)

    def test_no_other_site_shows_the_shop_in_a_frame(self):
        self.pages["/"] = f'<!DOCTYPE html><title>evil</title><iframe src="{self.shop.url}/balance"></iframe>'
        self.page.goto(f"http://127.0.0.1:{self.port}/")
        self.page.wait_for_load_state("networkidle")
        for frame in self.page.frames[1:]:
            self.assertNotIn(self.shop.url, frame.url)
            self.assertNotIn("50,000", frame.content())

    def test_no_other_site_is_told_what_a_customer_looks_at(self):
        self.pages["/"] = "<!DOCTYPE html><title>elsewhere</title>"
        self.page.goto("/orders")
        self.page.goto(f"http://127.0.0.1:{self.port}/", referer=None)
        self.page.goto("/orders")
        with self.page.expect_navigation():
            self.page.evaluate(f"location.href = 'http://localhost:{self.port}/'")
        self.assertEqual(self.page.evaluate("document.referrer"), "")
