"""The whole way without a mouse, and one always sees where one is."""
import re

from playwright.sync_api import expect

from browsing import LOGGED_IN, BrowserTestCase, is_path

# How the element with the focus looks, itself and with what is inside it or drawn around it.
LOOK = """() => {
    const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect()
    const ring = [style, getComputedStyle(element, '::after')].some(style =>
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    return {
        html: element.outerHTML.slice(0, 120), ring,
        size: box.width * box.height,
        inside: box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0,
        covered: !middle || !(element.contains(middle) || middle.contains(element)
            || element.labels?.[0]?.contains(middle)),
    }
}"""


class Keys:
    """What one does without a mouse."""

    def press_until(self, selector, key="Tab", most=150):
        """Goes on with the key until the focus is there; looks at each element on the way."""
        for _ in range(most):
            self.page.keyboard.press(key)
            look = self.page.evaluate(LOOK)
            if look["html"].startswith("<body"):
                continue
            self.assertTrue(look["ring"], f"nothing shows the focus on {look}")
            self.assertTrue(look["size"] > 0 and look["inside"], f"the focus is where nobody sees it: {look}")
            self.assertFalse(look["covered"], f"something covers what has the focus: {look}")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        self.fail(f"{selector} is not reached with {key} on {self.page.url}")

    def follow(self, selector, url=None):
        self.press_until(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        if url:
            expect(self.page).to_have_url(url)

    def type(self, selector, text):
        self.press_until(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(str(text))


class Keyboard(Keys):
    def test_from_the_first_page_to_the_receipt(self):
        product, coupon = self.shop.new_product(price=20_000), self.shop.new_coupon(amount=2_000)
        page = self.page
        page.goto("/")
        self.follow('header a[href^="/signup"]')
        self.type("[name=login]", f"keys-{int(self.java_script)}")
        self.type("[name=name]", "글쇠")
        self.type("[name=password]", "correct horse")
        self.follow("main form button")
        expect(page.locator(LOGGED_IN).first).to_be_attached()

        self.follow('header a[href="/balance"]', is_path("/balance"))
        self.type('form[method=post] [name=amount]', 30_000)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/balance\?entry="))

        self.follow('header a[href="/coupons"]', is_path("/coupons"))
        self.follow(f'main a[href="/coupons/{coupon}"]', is_path(f"/coupons/{coupon}"))
        self.follow(f'form[action="/coupons/{coupon}/take"] button', is_path(f"/coupons/{coupon}"))

        self.follow('header a[href="/products"]', is_path("/products"))
        self.follow(f'main a[href="{product.path}"]', is_path(product.path))
        self.follow('form[action="/basket"] button')
        self.follow('header a[href="/basket"]', is_path("/basket"))
        coupons = 'main [name=coupon]'
        expect(page.locator(f'{coupons}:not([value=""])').first).to_be_checked()
        self.press_until(coupons)
        # To the choice of none and back again.
        page.keyboard.press("ArrowDown")
        expect(page.locator("#coupon-none")).to_be_checked()
        page.keyboard.press("ArrowUp")
        expect(page.locator(f'{coupons}:not([value=""])').first).to_be_checked()
        self.follow('main button[formaction="/orders"]', re.compile(r"/orders/\d+/pay"))
        self.follow('form[action$="/pay"] button:not([formaction])', re.compile(r"/orders/\d+\?paid"))
        self.assert_digits(18_000, self.main())
        self.assert_digits(12_000, page.locator("header").inner_text())

    def test_the_first_tab_leads_past_the_head_of_the_page(self):
        self.page.goto("/products")
        self.press_until('a[href="#main"]', most=1)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Tab")
        self.assertTrue(self.page.evaluate("document.querySelector('main').contains(document.activeElement)"))

    def test_the_focus_goes_back_the_same_way(self):
        self.page.goto("/login")
        self.press_until("main form button")
        self.press_until('a[href="#main"]', key="Shift+Tab", most=30)

    def test_a_refused_form_leads_to_what_is_wrong(self):
        self.page.goto("/signup")
        self.press_until("main [name=login]")
        self.page.keyboard.press("Enter")
        expect(self.page.locator("main [role=alert]")).to_be_visible()
        self.follow_link_on_page('main [role=alert] a[href="#field-login"]')
        expect(self.page.locator("#field-login")).to_be_focused()

    def follow_link_on_page(self, selector):
        self.press_until(selector)
        self.page.keyboard.press("Enter")


class KeyboardWithJavaScript(Keyboard, BrowserTestCase):
    pass


class KeyboardWithoutJavaScript(Keyboard, BrowserTestCase):
    java_script = False


class KeyboardInTheDark(Keyboard, BrowserTestCase):
    """Where colours differ, what shows the focus may as well."""

    def setUp(self):
        super().setUp()
        self.page.emulate_media(color_scheme="dark")
