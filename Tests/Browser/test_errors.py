"""When something is wrong, with the request or with the shop, people get a page of the shop that leads on."""
import re

from playwright.sync_api import expect

from browsing import BrowserTestCase, fill, form, new_context, submit
from plain import FORM, Client
from support import LANGUAGES, Shop, ShopTestCase, words


class ErrorPages(BrowserTestCase):
    def assert_like_the_shop(self, status, language, page):
        t = words(language)
        self.assertEqual(self.status(page), status)
        expect(page.locator("html")).to_have_attribute("lang", language)
        self.assertRegex(page.title(), rf"^{t['error_prefix']} .+ · {t['shop_name']}$")
        expect(page.locator("main h1")).not_to_be_empty()
        brand = page.locator('header a[href="/"]')
        expect(brand).to_contain_text(t["shop_name"])
        expect(page.locator('main a[href="/"]').first).to_be_visible()
        # Dressed like the shop: the style sheet and the picture beside its name have come.
        self.assertGreater(page.evaluate("document.styleSheets[0].cssRules.length"), 10)
        self.assertGreater(brand.locator("img").evaluate("image => image.naturalWidth"), 0)

    def in_both_languages(self):
        for language in LANGUAGES:
            with self.subTest(language):
                context = new_context(self.shop, language, java_script_enabled=self.java_script)
                self.addCleanup(context.close)
                yield language, context.new_page()

    def test_not_found(self):
        for language, page in self.in_both_languages():
            for path in ("/nothing", "/products/999999", "/coupons/999999", "/static/nothing.css", "/orders/1/2/3"):
                page.goto(path)
                self.assert_like_the_shop(404, language, page)

    def test_a_form_that_is_not_taken(self):
        for language, page in self.in_both_languages():
            page.goto("/login")
            # Then the browser does not say that it comes from this shop.
            page.evaluate("""() => {
                const meta = Object.assign(document.createElement('meta'), { name: 'referrer', content: 'no-referrer' })
                document.head.append(meta)
            }""")
            fill(page, "/login", login="nobody", password="wrong horse")
            submit(page, "/login")
            self.assert_like_the_shop(403, language, page)

    def test_a_method_that_is_not_taken(self):
        for language, page in self.in_both_languages():
            page.goto("/login")
            form(page, "/login").evaluate("form => { form.action = '/products'; form.noValidate = true }")
            with page.expect_navigation():
                page.locator("main form button").click()
            self.assert_like_the_shop(405, language, page)

    def test_what_is_too_large(self):
        for language, page in self.in_both_languages():
            # More than a form may have, which the shop says; more than any request, which nginx does.
            for size in (200_000, 1_100_000):
                page.goto("/signup")
                page.locator("main [name=name]").evaluate("(field, size) => { field.value = 'x'.repeat(size) }", size)
                submit(page, "/signup", check=False)
                self.assert_like_the_shop(413, language, page)

    def test_a_shop_that_is_away_and_comes_back(self):
        customer = self.shop.customer(balance=10_000)
        order = customer.order(self.shop.new_product(price=10_000))
        for language, page in self.in_both_languages():
            page.goto("/login")
            fill(page, "/login", login=customer.login, password=customer.password)
            submit(page, "/login")
            page.goto("/balance")
            self.shop.stop_responder()
            try:
                page.goto(f"/orders/{order}/pay")
                self.assert_like_the_shop(503, language, page)
                answer = Client(self.shop, language).get("/")
                self.assertIn(int(answer.field("retry-after")), range(1, 9))
                self.assertEqual(answer.field("cache-control"), "no-store")
            finally:
                self.shop.start_responder()
            page.reload()
            self.assertEqual(self.status(page), 200)
            page.goto(f"/orders/{order}/pay")
        submit(page, f"/orders/{order}/pay")
        self.assert_receipt(order, page)

    def test_paying_while_the_shop_is_away_pays_nothing_and_once_when_it_is_sent_again(self):
        customer = self.logged_in(balance=10_000)
        order = customer.order(self.shop.new_product(price=10_000))
        path = self.open_payment(order)
        self.shop.stop_responder()
        try:
            submit(self.page, path)
            self.assert_like_the_shop(503, "ko", self.page)
        finally:
            self.shop.start_responder()
        self.assertEqual(customer.orders(), {order: "pending"})
        # The browser sends the form again, with the same key.
        self.page.reload()
        self.assert_receipt(order)
        self.page.go_back()
        self.assert_paid_once(customer, order, 10_000)

    def test_the_chosen_language_stays_where_the_shop_is_away(self):
        page = self.page
        page.goto("/")
        page.locator('a[href^="/language/en"]').first.click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        self.shop.stop_responder()
        try:
            page.goto("/")
            self.assert_like_the_shop(503, "en", page)
        finally:
            self.shop.start_responder()

    def test_programs_are_answered_as_programs_and_people_as_people(self):
        for path, kind in (("/api/v1/nothing", "application/problem+json"), ("/nothing", "text/html; charset=utf-8"),
                           ("/apinothing", "text/html; charset=utf-8")):
            answer = Client(self.shop).get(path)
            self.assertEqual((answer.status, answer.field("content-type")), (404, kind))
        answer = Client(self.shop).send("POST", "/orders", b"x" * 1_100_000, {"Content-Type": FORM})
        self.assertEqual((answer.status, answer.field("content-type")), (413, "text/html; charset=utf-8"))


class ComingBack(ShopTestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop(lambda text: text))

    def test_a_page_of_a_shop_that_is_away_tries_again_by_itself(self):
        for java_script in (True, False):
            with self.subTest(java_script=java_script):
                context = new_context(self.shop, java_script_enabled=java_script)
                self.addCleanup(context.close)
                page = context.new_page()
                self.shop.stop_responder()
                try:
                    self.assertEqual(page.goto("/coupons").status, 503)
                finally:
                    self.shop.start_responder()
                expect(page).to_have_title(re.compile(rf"^{words('ko')['title_coupons']} "), timeout=60_000)


class TooManyLogIns(ShopTestCase):
    """nginx's own limit, which this machine is free of: as if it were another."""

    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop(lambda text: re.sub(r"(127\.0\.0\.0/8|::1) 0;", "", text)))

    def test_they_are_answered_with_a_page_of_the_shop(self):
        for language in LANGUAGES:
            with self.subTest(language):
                client, t = Client(self.shop, language), words(language)
                fields = client.form("/login", "/login") | {"login": "nobody", "password": "wrong horse"}
                # Each with another login, or the shop itself would say so first.
                answers = (client.post("/login", fields | {"login": f"nobody-{number}"}) for number in range(30))
                answer = next(answer for answer in answers if answer.status == 429)
                self.assertEqual(
                    answer.markup.title, f"{t['error_prefix']} {t['refused_too_many_attempts']} · {t['shop_name']}")
                self.assertIn(t["problem_advice_too_many"], answer.text)
                self.assertIn("/", [link["href"] for link in answer.markup.attributes("a")])
                self.assertGreaterEqual(int(answer.field("retry-after")), 1)
                # Looking at the form is not limited.
                self.assertEqual(client.get("/login").status, 200)
