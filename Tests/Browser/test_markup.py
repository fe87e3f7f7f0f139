"""Script, quotes and markup in every field that is shown again."""
import urllib.parse

from playwright.sync_api import expect

from browsing import BrowserTestCase, button, log_in

# Each tries to get out of a text, an attribute in either kind of quotes, an element or a template. A character that
# combines with the one before it makes one character of both to a program that looks at them as people do.
MARKUP = (
    "<script>window.pwned=1</script>",
    "</title></textarea></script><img src=x onerror=window.pwned=1>",
    "\" autofocus onfocus=window.pwned=1 x=\"",
    "' autofocus onfocus=window.pwned=1 x='",
    "\"\u0301 autofocus onfocus=window.pwned=1 x=\"\u0301",
    "'\u0301 autofocus onfocus=window.pwned=1 x='\u0301",
    "\"\u200d><svg onload=window.pwned=1>",
    "\"\ufe0f\u0338>\u0338<\u0338img src=x onerror=window.pwned=1>\u0338",
    "<\u0301b>&\u0301amp;</\u0301b>",
    "&lt;b&gt; &amp; &#39; &quot;",
    "{{csrf}}{{{user.login}}}{{#user}}{{/user}}{{>layout}}",
    "javascript:window.pwned=1",
    "`${window.pwned=1}` \\\" \\' \\x3cscript\\x3e",
)
# Where there is room for it.
ALL_MARKUP = " ".join(MARKUP)


class MarkupInPages(BrowserTestCase):
    """Whatever is typed anywhere stands in the page as it was typed."""

    def setUp(self):
        super().setUp()
        self.page.add_init_script("window.pwned = 0")

    def assert_nothing_got_in(self):
        intruders = self.page.evaluate("""() => [...document.querySelectorAll('*')].filter(element =>
            element.getAttributeNames().some(name => name.startsWith('on') || name === 'style'
                || (/^(href|src|action|formaction)$/.test(name)
                    && /^\\s*javascript:/i.test(element.getAttribute(name))))
            || element.localName === 'style'
            || (element.localName === 'script' && !element.getAttribute('src')?.startsWith('/static/'))
            || (element.localName === 'img' && !element.getAttribute('src')?.startsWith('/static/'))
            || (element.localName === 'b' && element.textContent.includes('amp'))).map(element => element.outerHTML)""")
        self.assertEqual(intruders, [])
        self.assertEqual(self.page.evaluate("window.pwned"), 0)

    def typed(self, action, **values):
        """Sends a form as it is, with nothing that a browser would mend."""
        fields = self.page.locator(f'main form[action="{action}"], main form:has([formaction="{action}"])').first
        for name, value in values.items():
            fields.locator(f'[name="{name}"]').evaluate(
                "(field, value) => { field.type = 'text'; field.value = value }", value)
        fields.evaluate("form => { form.noValidate = true }")
        with self.page.expect_navigation():
            button(self.page, action).click()

    def test_in_a_search(self):
        for text in MARKUP:
            with self.subTest(text):
                self.page.goto("/products?q=" + urllib.parse.quote(text))
                expect(self.page.locator("header [name=q]")).to_have_value(text)
                self.assertIn(text, self.page.title())
                self.assert_nothing_got_in()

    def test_in_a_log_in_that_is_refused(self):
        self.page.goto("/login?next=" + urllib.parse.quote("/" + ALL_MARKUP))
        self.typed("/login", login=ALL_MARKUP, password=ALL_MARKUP)
        expect(self.page.locator("main [name=login]")).to_have_value(ALL_MARKUP)
        self.assert_nothing_got_in()

    def test_in_a_sign_up_that_is_refused(self):
        self.page.goto("/signup")
        self.typed("/signup", login=ALL_MARKUP, name=ALL_MARKUP, password="short")
        expect(self.page.locator("main [name=login]")).to_have_value(ALL_MARKUP)
        expect(self.page.locator("main [name=name]")).to_have_value(ALL_MARKUP)
        self.assert_nothing_got_in()

    def test_in_a_customers_name(self):
        for text in MARKUP:
            with self.subTest(text):
                log_in(self.context, self.shop.customer(name=text))
                self.page.goto("/account")
                self.assertIn(text, self.page.locator("header").text_content())
                self.assertIn(text, self.page.locator("main").text_content())
                self.assert_nothing_got_in()

    def test_in_an_amount(self):
        self.logged_in()
        self.page.goto("/balance?amount=" + urllib.parse.quote(MARKUP[2][:20]))
        self.assert_nothing_got_in()
        self.page.goto("/balance?next=" + urllib.parse.quote("/" + ALL_MARKUP))
        self.typed("/balance/charges", amount=ALL_MARKUP)
        expect(self.page.locator("main #field-amount")).to_have_value(ALL_MARKUP)
        self.assert_nothing_got_in()

    def test_in_a_quantity(self):
        self.logged_in()
        product = self.shop.products[0]
        self.page.goto(product.path)
        self.typed("/basket", quantity=ALL_MARKUP)
        expect(self.page.locator("main #field-quantity")).to_have_value(ALL_MARKUP)
        self.assert_nothing_got_in()
        self.add(product)
        self.page.goto("/basket")
        self.typed("/basket/lines", **{f"quantity-{product.id}": ALL_MARKUP})
        expect(self.page.locator(f'main [name="quantity-{product.id}"]')).to_have_value(ALL_MARKUP)
        self.assert_nothing_got_in()

    def test_in_the_fields_that_nobody_sees(self):
        self.logged_in()
        product = self.shop.products[0]
        hidden = ((product.path, "/basket", ("product", "key")), ("/basket", "/orders", ("best", "source", "seen")),
                  ("/balance", "/balance/charges", ("key",)))
        for path, action, names in hidden:
            for name in names:
                with self.subTest((action, name)):
                    # What was in the basket may have been ordered.
                    self.add(product)
                    self.page.goto(path)
                    self.typed(action, **{name: ALL_MARKUP})
                    self.assert_nothing_got_in()

    def test_in_what_the_shop_sells_and_customers_buy(self):
        customer = self.logged_in(balance=100_000)
        pages = []
        for text in MARKUP:
            product = self.shop.new_product(name=text, description=text, price=100)
            self.add(product)
            order = customer.order(product)
            customer.pay(order)
            coupon = self.shop.new_coupon(name=text)
            customer.take(coupon)
            pages += [(path, [text]) for path in (product.path, f"/orders/{order}", f"/coupons/{coupon}")]
        pages += [(path, MARKUP) for path in ("/products", "/basket", "/orders", "/coupons", "/coupons/mine")]
        for path, texts in [*pages, ("/", [])]:
            with self.subTest(path):
                self.page.goto(path)
                said = self.page.locator("main").text_content()
                self.assertEqual([text for text in texts if text not in said], [])
                self.assert_nothing_got_in()

    def test_in_an_address(self):
        quoted = urllib.parse.quote(ALL_MARKUP)
        for path in (f"/{quoted}", f"/products/{quoted}", f"/coupons/{quoted}", f"/orders/{quoted}",
                     f"/language/{quoted}", f"/products?cursor={quoted}", f"/products?sort={quoted}",
                     f"/products?q={quoted}", f"/?{quoted}={quoted}", f"/login?next=/{quoted}",
                     f"/signup?next=/{quoted}"):
            with self.subTest(path[:20]):
                self.page.goto(path)
                self.assert_nothing_got_in()
