"""Tests in a real browser: Debian's Chromium, one for the whole run, and a context for each visitor."""
import atexit
import functools
import re
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

from plain import Client
from support import ShopTestCase, words

LOCALES = {"ko": "ko-KR", "en": "en-US"}
DESKTOP = {"width": 1280, "height": 900}
MILLISECONDS = 20_000
# What somebody who is logged in has in the head of every page.
LOGGED_IN = 'header a[href="/account"]'
expect.set_options(timeout=MILLISECONDS)


@functools.cache
def browser():
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    chromium = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", headless=True, args=["--no-sandbox", "--disable-dev-shm-usage"])
    atexit.register(chromium.close)
    return chromium


class Listener:
    """Hears what no page may do: complain in the console, or ask another host."""

    def __init__(self, context, shop):
        self.host = urlsplit(shop.url).netloc
        self.complaints, self.foreign, self.refused = [], [], set()
        # The last page, as it was sent.
        self.answer = None
        context.on("request", self.hear_request)
        context.on("response", self.hear_response)
        context.on("console", self.hear_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear_request(self, request):
        if urlsplit(request.url).netloc != self.host:
            self.foreign.append(request.url)

    def hear_response(self, response):
        if response.request.is_navigation_request():
            self.answer = response
            if response.status >= 400:
                self.refused.add(response.url)

    def hear_console(self, message):
        if message.type != "error":
            return
        # The browser itself notes each page that was a refusal.
        if message.location.get("url") in self.refused and message.text.startswith("Failed to load resource"):
            return
        self.complaints.append(f"{message.text} ({message.location.get('url')})")


def new_context(shop, language="ko", **more):
    context = browser().new_context(base_url=shop.url, locale=LOCALES[language], **{"viewport": DESKTOP, **more})
    context.set_default_timeout(MILLISECONDS)
    return context


def log_in(context, customer):
    """Gives the browser a new session of the customer's, which is quicker than the form. That has tests of its own."""
    session = Client(customer.shop).log_in(customer).jar["session"]
    context.add_cookies([{
        "name": "session", "value": session, "url": customer.shop.url, "httpOnly": True, "sameSite": "Lax"}])


# --- Forms: found by where they go, their fields by their names, whatever the language --------------------------------

def form(page, action, method="post"):
    """The form on the page that goes there. The head of the page may have others."""
    return page.locator(f'main form[action="{action}"][method="{method}" i]').first


def button(page, action, method="post"):
    """The button that sends the form there as it stands."""
    plain = ":is(button:not([type=button], [formaction], [name], [tabindex='-1']), input[type=submit])"
    return page.locator(
        f'main form[action="{action}"][method="{method}" i] {plain}, main button[formaction="{action}"]').first


def fill(page, action, **fields):
    for name, value in fields.items():
        form(page, action).locator(f'[name="{name}"]').fill(str(value))


def submit(page, action, method="post", check=True):
    """
    Sends the form.

    - check: False sends it although the browser would find something missing in it.
    """
    if not check:
        button(page, action, method).evaluate("button => { button.form.noValidate = true }")
    with page.expect_navigation():
        button(page, action, method).click()


def is_offered(page, action):
    return button(page, action).count() > 0


def is_path(path):
    """For the address of a page: this path, whatever follows."""
    return re.compile(rf"^http://[^/]+{re.escape(path)}([?#].*)?$")


class BrowserTestCase(ShopTestCase):
    """A visitor with an empty browser in each test. Afterwards nothing may have gone wrong behind the scenes."""
    language = "ko"
    java_script = True

    def setUp(self):
        self.words = words(self.language)
        self.context = self.new_visitor()
        self.page = self.context.new_page()

    def new_visitor(self):
        context = new_context(self.shop, self.language, java_script_enabled=self.java_script)
        listener = Listener(context, self.shop)
        self.addCleanup(lambda: self.assertEqual(listener.complaints, [], "the console complained"))
        self.addCleanup(lambda: self.assertEqual(listener.foreign, [], "another host was asked"))
        self.addCleanup(context.close)
        return context

    def logged_in(self, balance=0):
        """A new customer, logged in."""
        customer = self.shop.customer(balance)
        log_in(self.context, customer)
        return customer

    def assert_refused(self, status, field=None, page=None):
        """The page says at its head what is wrong, and beside the field where it is one's fault."""
        page = page or self.page
        self.assertEqual(self.status(page), status)
        self.assertTrue(page.title().startswith(self.words["error_prefix"]), page.title())
        message = page.locator("main [role=alert]").first
        expect(message).to_be_visible()
        self.assertNotEqual(message.inner_text().strip(), "")
        for link in message.locator("a").all():
            expect(page.locator(link.get_attribute("href"))).to_be_visible()
        wrong = page.locator("main [aria-invalid=true]")
        self.assertEqual([element.get_attribute("name") for element in wrong.all()], [field] if field else [])
        if field:
            self.assertNotEqual(page.locator(f"#error-{field}").inner_text().strip(), "")
            self.assertIn(f"error-{field}", wrong.get_attribute("aria-describedby"))
            message.locator(f'a[href="#field-{field}"]').click()
            expect(page.locator(f"#field-{field}")).to_be_focused()

    @staticmethod
    def status(page):
        return page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")

    def main(self, page=None):
        """What the page says."""
        return (page or self.page).locator("main").inner_text()

    # --- Shopping -----------------------------------------------------------------------------------------------------

    def add(self, product, quantity=1):
        self.page.goto(product.path)
        fill(self.page, "/basket", quantity=quantity)
        submit(self.page, "/basket")

    def fill_basket(self, *products):
        for product in products:
            self.add(product)
        self.page.goto("/basket")

    def choose_coupon(self, index=0):
        """Takes one of the coupons that the basket offers."""
        self.coupons().nth(index).check()
        submit(self.page, "/basket/lines")

    def coupons(self, page=None):
        """Those that can be chosen, the best first."""
        return (page or self.page).locator('main [name=coupon]:not([value=""], [disabled])')

    def order(self, page=None):
        """Orders what is in the basket; answers the order's number."""
        page = page or self.page
        submit(page, "/orders")
        expect(page).to_have_url(re.compile(r"/orders/\d+/pay$"))
        return int(re.search(r"/orders/(\d+)", page.url)[1])

    def open_payment(self, order, page=None):
        (page or self.page).goto(f"/orders/{order}/pay")
        return f"/orders/{order}/pay"

    def assert_receipt(self, order, page=None):
        page = page or self.page
        expect(page).to_have_url(re.compile(rf"/orders/{order}\?paid"))
        self.assertEqual(self.status(page), 200)
        expect(page.locator("[role=status]").first).to_be_visible()
        self.assertFalse(is_offered(page, f"/orders/{order}/pay"))

    def assert_paid_once(self, customer, order, amount):
        self.assertEqual(customer.orders()[order], "completed")
        self.assertEqual([entry for entry in customer.entries() if entry < 0], [-amount])
        self.assertEqual(self.shop.value("SELECT count(*) FROM payments WHERE order_id = ?", order), 1)
