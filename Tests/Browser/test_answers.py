"""What stands at the head of each answer, and answers to what no browser sends."""
from plain import FORM, Client
from support import Customer, ShopTestCase, jangteo, words


class Fields(ShopTestCase):
    """The fields at the head of each answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.shop.customer(10_000)
        cls.client = Client(cls.shop).log_in(cls.customer)
        cls.order = cls.customer.order(cls.shop.products[0])

    def pages(self):
        """A page of every kind, refusals and ways on among them."""
        visitor, client = Client(self.shop), self.client
        product = self.shop.products[0].path
        return {
            "home": visitor.get("/"), "product": visitor.get(product), "log-in": visitor.get("/login"),
            "not found": visitor.get("/nothing"), "no such method": visitor.send("DELETE", "/"),
            "to the log-in": visitor.get("/orders"),
            "refused log-in": visitor.submit("/login", "/login", login="x", password="x"),
            "forged": visitor.post("/login", {}),
            "another kind": visitor.post("/login", {}, {"Content-Type": "text/plain"}),
            "too large": visitor.send("POST", "/signup", b"x" * 1_100_000, {"Content-Type": FORM}),
            "too long": visitor.get("/" + "x" * 9_000),
            "customer's home": client.get("/"), "customer's product": client.get(product),
            "balance": client.get("/balance"), "pay": client.get(f"/orders/{self.order}/pay"),
            "refused charge": client.submit("/balance", "/balance/charges", amount="1"),
            "charge": client.submit("/balance", "/balance/charges", amount="1000"),
            "customer's not found": client.get("/orders/999999"),
        }

    def test_a_policy_lets_nothing_run_or_load_that_is_not_the_shops(self):
        for name, answer in self.pages().items():
            if answer.status == 303:
                continue
            with self.subTest(name):
                [policy] = answer.all("content-security-policy")
                rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.strip()}
                self.assertEqual(rules["default-src"], ["'none'"])
                self.assertEqual(rules["frame-ancestors"], ["'none'"])
                self.assertEqual(rules["base-uri"], ["'none'"])
                self.assertIn(rules["form-action"], (["'self'"], ["'none'"]))
                self.assertLessEqual({source for sources in rules.values() for source in sources}, {"'self'", "'none'"})

    def test_no_kind_of_content_is_guessed_and_nobody_is_told_where_one_came_from(self):
        for name, answer in self.pages().items():
            with self.subTest(name):
                self.assertEqual(answer.all("x-content-type-options"), ["nosniff"])
                if answer.status != 303:
                    self.assertEqual(answer.field("content-type"), "text/html; charset=utf-8")
                    [referrer] = answer.all("referrer-policy")
                    self.assertIn(referrer, ("same-origin", "no-referrer", "strict-origin-when-cross-origin"))

    def test_no_cache_keeps_what_is_a_customers(self):
        for name, answer in self.pages().items():
            with self.subTest(name):
                self.assertIn("no-store", answer.field("cache-control") or "")

    def test_nothing_tells_which_program_answers(self):
        for name, answer in self.pages().items():
            with self.subTest(name):
                self.assertEqual((answer.field("server"), answer.field("x-powered-by")), ("nginx", None))

    def test_the_language_is_named_and_is_the_pages(self):
        for language in ("ko", "en"):
            for path in ("/", "/login", "/nothing"):
                answer = Client(self.shop, language).get(path)
                [html] = answer.markup.attributes("html")
                self.assertEqual((answer.field("content-language"), html["lang"]), (language, language))
                self.assertIn("accept-language", ", ".join(answer.all("vary")).lower())

    def test_static_files_are_kept_for_a_year_under_a_name_that_changes_with_them(self):
        addresses = set()
        for path in ("/", "/products", self.shop.products[0].path):
            markup = Client(self.shop).get(path).markup
            addresses |= {attributes.get("href") for attributes in markup.attributes("link")}
            addresses |= {attributes.get("src") for tag in ("script", "img") for attributes in markup.attributes(tag)}
        self.assertGreater(len(addresses), 5)
        kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
        for address in addresses:
            with self.subTest(address):
                self.assertRegex(address, r"^/static/[a-z/-]+\.[0-9a-f]{16}\.(css|js|svg)$")
                answer = Client(self.shop).get(address)
                self.assertEqual(answer.status, 200)
                self.assertIn("max-age=31536000", answer.field("cache-control"))
                self.assertIn("immutable", answer.field("cache-control"))
                self.assertTrue(answer.field("content-type").startswith(kinds[address.rpartition(".")[2]]))
                self.assertEqual(answer.all("x-content-type-options"), ["nosniff"])
                self.assertEqual(answer.all("set-cookie"), [])

    def test_a_static_file_that_there_is_not_is_not_found_and_not_kept(self):
        for path in ("/static/nothing.0123456789abcdef.css", "/static/shop.0123456789abcdef.css", "/static/nothing.css",
                     "/static/", "/static/../words/ko.json", "/static/%2e%2e/words/ko.json"):
            with self.subTest(path):
                answer = Client(self.shop).get(path)
                self.assertIn(answer.status, (400, 403, 404))
                self.assertNotIn("31536000", answer.field("cache-control") or "")

    def test_the_secrets_of_a_form_are_never_in_an_address_or_shown_again(self):
        visitor = Client(self.shop)
        answer = visitor.submit("/login", "/login", login="nobody", password="the secret itself")
        self.assertNotIn("the secret itself", answer.text)
        answer = visitor.submit("/signup", "/signup", login="x", name="x", password="the secret itself")
        self.assertNotIn("the secret itself", answer.text)
        log = (self.shop.folder / "access.log").read_text() + (self.shop.folder / "responder.log").read_text()
        self.assertNotIn("secret", log)
        self.assertNotIn(Customer.password, log)


class Hostile(ShopTestCase):
    """Requests that no browser sends: answered, with a page, and the shop goes on."""

    def test_bodies_that_are_no_form(self):
        client = Client(self.shop)
        csrf = client.form("/login", "/login")["csrf"].encode()
        for body in (b"", b"&", b"=", b"%", b"%zz=%1", b"login=%ff%fe&csrf=" + csrf, b"login=\xff\xfe&csrf=" + csrf,
                     b"login=%00&password=%00&csrf=" + csrf, b"a&" * 100_000, b"csrf=" + csrf + b"&csrf=x",
                     b"login=a&login=b&csrf=" + csrf, b"\x00" * 1_000, b"login=" + b"x" * 1_000_000 + b"&csrf=" + csrf):
            with self.subTest(body[:40]):
                answer = client.send("POST", "/login", body, {"Content-Type": FORM, "Origin": self.shop.url})
                self.assertIn(answer.status, (400, 403, 413, 422))
                self.assertTrue(answer.markup.title)
        self.assertEqual(client.get("/").status, 200)

    def test_cookies_that_are_none(self):
        token = "A" * 43
        for cookie in ("session=", "session", "session=;session=", "=", ";;;", f"session={token}",
                       "session=" + "\x7f" * 43, "session=" + "A" * 4_000, f'session="{token}"',
                       "language=xx", 'language="><b>', "visit=x", "notice=x"):
            for path in ("/", "/login", "/orders"):
                with self.subTest((cookie[:30], path)):
                    self.assertIn(Client(self.shop).get(path, Cookie=cookie).status, (200, 303, 400))

    def test_addresses_that_make_no_sense(self):
        for target in ("/%", "/%zz", "/%00", "/%ff", "//", "/./..", "/orders/-1", "/orders/99999999999999999999",
                       "/products/1%2f..", "/products/+1", "/products/01", "/coupons/1/take", "/products?q=%ff",
                       "/products?q=%00", "/products?%", "/balance?cursor=%ff", "/language/en?next=%ff",
                       "/login?next=%ff"):
            with self.subTest(target):
                answer = Client(self.shop).get(target)
                self.assertIn(answer.status, (200, 303, 400, 404, 405, 422))
                if answer.status != 303:
                    self.assertIn(words("ko")["shop_name"], answer.markup.title)

    def test_the_books_still_add_up(self):
        customer = self.shop.customer(10_000)
        customer.pay(customer.order(self.shop.new_product(price=1_000)))
        jangteo("audit", "--data", self.shop.folder)
