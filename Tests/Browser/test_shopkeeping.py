"""
What the staff come for: from an empty shop to its first sale, by clicking alone, and by the keyboard alone; and two of
them at once.
"""
import concurrent.futures
import datetime
import re
import subprocess
import threading

from PIL import Image
from playwright.sync_api import expect

from browsing import BrowserTestCase, button, fill, is_path, log_in, submit
from support import ENVIRONMENT, JANGTEO, Customer, EmptyShop, code_of, jangteo, until
from test_keyboard import Keys

SEOUL = datetime.timezone(datetime.timedelta(hours=9))


def audit(shop):
    """What does not add up in the books; nothing when all of it does."""
    ran = subprocess.run([JANGTEO, "audit", "--data", shop.folder], env=ENVIRONMENT, capture_output=True, text=True)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


class Mouse:
    """What one does with a mouse; the keyboard's own words for the same are `Keys`."""

    def follow(self, selector, url=None):
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        if url:
            expect(self.page).to_have_url(url)

    def type(self, selector, text):
        self.page.locator(selector).first.fill(str(text))


class FirstSale:
    """The owner and the customer have a browser each; the test looks at the page of whoever has the turn."""
    APPLES, HONEY = ("사과 5kg", 10_000), ("꿀 1kg", 20_000)
    # For those who do not see it.
    PICTURE = "상자에 담긴 사과"

    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(EmptyShop(JANGTEO_SECOND_FACTOR="required"))

    def test_from_an_empty_shop_to_the_first_sale(self):
        office = self.page
        self.log_in_for_the_first_time()
        apples = self.add_product(*self.APPLES)
        self.add_picture(apples)
        honey = self.add_product(*self.HONEY)
        coupon = self.make_coupon()

        self.page = counter = self.new_visitor().new_page()
        self.sign_up_and_charge(50_000)
        self.follow('header a[href="/coupons"]', is_path("/coupons"))
        self.follow(f'main a[href="/coupons/{coupon}"]', is_path(f"/coupons/{coupon}"))
        self.follow(f'form[action="/coupons/{coupon}/take"] button', is_path(f"/coupons/{coupon}"))
        order = self.buy({apples: 2, honey: 1}, pictured=apples)
        self.assert_digits(36_000, self.main())
        self.assert_digits(14_000, counter.locator("header").inner_text())

        self.page = office
        self.refund_one_line(order, honey, apples)
        self.page = counter
        self.follow('header a[href="/orders"]', is_path("/orders"))
        self.follow(f'main a[href="/orders/{order}"]', is_path(f"/orders/{order}"))
        self.assert_digits(18_000, self.main())
        self.assert_digits(32_000, counter.locator("header").inner_text())

        self.page = office
        self.assert_trace(apples, honey, coupon, order)
        self.assertEqual(audit(self.shop), "")

    # --- The staff ----------------------------------------------------------------------------------------------------

    def log_in_for_the_first_time(self):
        jangteo("users", "create", "boss", "--role", "owner", "--data", self.shop.folder, "--password-stdin",
                password=Customer.password)
        self.page.goto("/")
        self.give_password()
        self.follow('header a[href="/account"]', is_path("/account"))
        # Not yet.
        self.follow('main a[href="/admin"]', is_path("/account/second-factor"))
        self.follow('main form[action="/account/second-factor/begin"] button')
        address = self.page.locator('main a[href^="otpauth:"]').get_attribute("href")
        secret = re.search(r"secret=([A-Z2-7]+)&", address)[1]
        self.type("main [name=code]", code_of(secret))
        self.follow('main form[action="/account/second-factor/confirm"] button')
        expect(self.page.locator(".codes code")).to_have_count(10)
        self.follow("main a.button", is_path("/admin"))

        self.follow('header form[action="/logout"] button', is_path("/"))
        self.give_password()
        expect(self.page).to_have_url(is_path("/login/code"))
        # One ahead: that of now was taken for the set-up.
        self.type("main [name=code]", code_of(secret, 1))
        self.follow('main form[action="/login/code"] button')
        self.follow('header a[href="/account"]', is_path("/account"))
        self.follow('main a[href="/admin"]', is_path("/admin"))

    def give_password(self):
        self.follow('header a[href^="/login"]')
        self.type("main [name=login]", "boss")
        self.type("main [name=password]", Customer.password)
        self.follow('main form[action="/login"] button')

    def add_product(self, name, price):
        """Its number."""
        self.follow('nav a[href="/admin/products"]', is_path("/admin/products"))
        self.follow('main a[href="/admin/products/new"]', is_path("/admin/products/new"))
        self.type("main [name=name]", name)
        self.type("main [name=price]", price)
        self.type("main [name=stock]", 10)
        self.follow('main form[action="/admin/products"] button', re.compile(r"/admin/products/\d+$"))
        return int(self.page.url.rsplit("/", 1)[1])

    def add_picture(self, product):
        path = f"/admin/products/{product}/pictures"
        self.follow(f'main a[href="{path}"]', is_path(path))
        picture = self.shop.folder / "apples.jpg"
        Image.linear_gradient("L").resize((1_200, 900)).convert("RGB").save(picture)
        # What chooses a file is a window of the browser's own.
        self.page.locator("main [name=file]").set_input_files(picture)
        self.type('main form[enctype="multipart/form-data"] [name=text]', self.PICTURE)
        self.follow('main form[enctype="multipart/form-data"] button', is_path(path))
        self.assert_is_seen(self.PICTURE)

    def assert_is_seen(self, text):
        """The picture has arrived, with its text."""
        picture = self.page.locator("main").get_by_alt_text(text).first
        expect(picture).to_be_visible()
        expect(picture).not_to_have_js_property("naturalWidth", 0)

    def make_coupon(self):
        """Its number."""
        self.follow('nav a[href="/admin/coupons"]', is_path("/admin/coupons"))
        self.follow('main a[href="/admin/coupons/new"]', is_path("/admin/coupons/new"))
        self.type("main [name=name]", "개업 쿠폰")
        self.type("main [name=discount]", 4_000)
        self.type("main [name=minimum]", 10_000)
        self.type("main [name=quantity]", 100)
        # Its parts are another thing in each language of the browser.
        opens = datetime.datetime.now(SEOUL) - datetime.timedelta(hours=1)
        self.page.locator("main [name=opensAt]").fill(opens.strftime("%Y-%m-%dT%H:%M"))
        self.follow('main form[action="/admin/coupons/preview"] button', is_path("/admin/coupons/preview"))
        self.assert_digits(4_000, self.main())
        self.follow('main form[action="/admin/coupons"] button', re.compile(r"/admin/coupons/\d+$"))
        return int(self.page.url.rsplit("/", 1)[1])

    def refund_one_line(self, order, line, kept):
        self.follow('nav a[href="/admin/orders"]', is_path("/admin/orders"))
        self.follow(f'main a[href="/admin/orders/{order}"]', is_path(f"/admin/orders/{order}"))
        main = self.page.locator("main")
        for part in ("hana", self.APPLES[0], self.HONEY[0], "개업 쿠폰"):
            expect(main).to_contain_text(part)
        self.follow(f'main a[href="/admin/orders/{order}/refund"]')
        self.type(f"main [name=quantity-{kept}]", 0)
        self.type(f"main [name=quantity-{line}]", 1)
        self.follow("main button[name=what][value=lines]", is_path(f"/admin/orders/{order}/refund/check"))
        # Its share of the coupon's 4,000 stays with the shop.
        self.assert_digits(18_000, self.main())
        self.assert_digits(32_000, self.main())
        self.follow(f'main form[action="/admin/orders/{order}/refund"] button', is_path(f"/admin/orders/{order}"))
        expect(self.page.locator("[role=status]").first).to_be_visible()
        self.assert_digits(18_000, self.main())

    def assert_trace(self, apples, honey, coupon, order):
        self.follow('nav a[href="/admin/trace"]', is_path("/admin/trace"))
        boss = self.shop.value("SELECT id FROM users WHERE login = 'boss'")
        told = [(f"action_{action}", str(number)) for action, number in (
            ("account-created", boss), ("second-factor-set", boss), ("product-added", apples), ("picture-added", apples),
            ("product-added", honey), ("coupon-added", coupon), ("order-refunded", order))]
        lines = self.page.locator("main .trace > li")
        titles = lines.locator("h2").all_inner_texts()
        self.assertEqual(len(titles), len(told), titles)
        for title, (action, number) in zip(titles, reversed(told)):
            self.assertTrue(title.startswith(self.words[action]), (title, action))
            self.assertIn(number, title)
        for line in lines.all()[:-1]:
            expect(line).to_contain_text("boss")
        expect(lines.first).to_contain_text("18,000")
        expect(lines.last).to_contain_text(self.words["way_shell"])

    # --- The customer -------------------------------------------------------------------------------------------------

    def sign_up_and_charge(self, amount):
        self.page.goto("/")
        self.follow('header a[href^="/signup"]')
        self.type("main [name=login]", "hana")
        self.type("main [name=name]", "김하나")
        self.type("main [name=password]", Customer.password)
        self.follow('main form[action="/signup"] button', is_path("/"))
        self.follow('header a[href="/balance"]', is_path("/balance"))
        self.type('main form[action="/balance/charges"] [name=amount]', amount)
        self.follow('main form[action="/balance/charges"] button:not([name])', re.compile(r"/balance\?entry="))

    def buy(self, quantities, pictured):
        """The number of the paid order."""
        for product, quantity in quantities.items():
            self.follow('header a[href="/products"]', is_path("/products"))
            self.follow(f'main a[href="/products/{product}"]', is_path(f"/products/{product}"))
            if product == pictured:
                self.assert_is_seen(self.PICTURE)
            self.type("main [name=quantity]", quantity)
            self.follow('main form[action="/basket"] button:not([formaction])')
        self.follow('header a[href="/basket"]', is_path("/basket"))
        self.follow('main button[formaction="/orders"]', re.compile(r"/orders/\d+/pay$"))
        self.follow('main form[action$="/pay"] button:not([formaction])', re.compile(r"/orders/\d+\?paid"))
        order = int(re.search(r"/orders/(\d+)", self.page.url)[1])
        self.assert_receipt(order)
        return order


class FirstSaleWithJavaScript(Mouse, FirstSale, BrowserTestCase):
    pass


class FirstSaleWithoutJavaScript(Mouse, FirstSale, BrowserTestCase):
    java_script = False


class FirstSaleByKeyboard(Keys, FirstSale, BrowserTestCase):
    pass


class TwoAtOnce:
    """Two of the staff, each in a browser of their own."""

    def setUp(self):
        super().setUp()
        self.colleague = self.shop.staff("manager", "김관리")
        log_in(self.context, self.shop.admin)
        other = self.new_visitor()
        log_in(other, self.colleague)
        self.other = other.new_page()

    def paid_order(self):
        """Two pieces of a product, paid; the order, its customer and the product."""
        customer, product = self.shop.customer(10_000), self.shop.new_product("사과", 2_000)
        order = customer.order(product, quantity=2)
        customer.pay(order)
        return order, customer, product

    def check_refund(self, page, order, product):
        """To the page that says what will move."""
        page.goto(f"/admin/orders/{order}/refund")
        page.locator(f"main [name=quantity-{product.id}]").fill("1")
        with page.expect_navigation():
            page.locator("main button[name=what][value=lines]").click()
        expect(page).to_have_url(is_path(f"/admin/orders/{order}/refund/check"))
        return f"/admin/orders/{order}/refund"

    def assert_refunded_once(self, order, customer):
        self.assertEqual(self.shop.sql("SELECT amount FROM refunds WHERE order_id = ?", order), [(2_000,)])
        self.assertEqual(customer.balance(), 8_000)
        told = self.shop.value(
            "SELECT count(*) FROM trace WHERE action = 'order-refunded' AND subject_id = ?", order)
        self.assertEqual(told, 1)
        self.assertEqual(audit(self.shop), "")

    def test_who_saves_an_old_version_sees_both_and_chooses(self):
        product = self.shop.new_product("감귤 5kg", 15_000)
        path = f"/admin/products/{product.id}"
        for page in (self.page, self.other):
            page.goto(path)
        fill(self.other, path, name="노지 감귤 5kg", price=16_000)
        submit(self.other, path)
        expect(self.other.locator("[role=status]").first).to_be_visible()

        fill(self.page, path, price=17_000, description="올해 첫 수확.")
        submit(self.page, path)
        self.assertEqual(self.status(self.page), 409)
        main = self.page.locator("main")
        for part in ("16,000", "17,000", self.colleague.login):
            expect(main).to_contain_text(part)
        stored = "SELECT name, price, description FROM products WHERE id = ?"
        self.assertEqual(self.shop.sql(stored, product.id), [("노지 감귤 5kg", 16_000, "")])
        # Both changed the price: nothing is chosen for me.
        for side in ("mine", "now"):
            expect(self.page.locator(f"#keep-price-{side}")).not_to_be_checked()
        self.page.locator("#keep-price-mine").check()
        submit(self.page, path)
        expect(self.page).to_have_url(is_path(path))
        self.assertEqual(self.shop.sql(stored, product.id), [("노지 감귤 5kg", 17_000, "올해 첫 수확.")])
        told = self.shop.sql(
            "SELECT login FROM trace WHERE action = 'product-changed' AND subject_id = ? ORDER BY id", product.id)
        self.assertEqual(told, [(self.colleague.login,), ("admin",)])

    def test_a_double_click_refunds_once(self):
        order, customer, product = self.paid_order()
        path = self.check_refund(self.page, order, product)
        button(self.page, path).dblclick(no_wait_after=True)
        expect(self.page).to_have_url(is_path(f"/admin/orders/{order}"))
        self.assert_refunded_once(order, customer)

    def test_what_two_people_refund_moves_once(self):
        order, customer, product = self.paid_order()
        for page in (self.page, self.other):
            path = self.check_refund(page, order, product)
        submit(self.page, path)
        expect(self.page).to_have_url(is_path(f"/admin/orders/{order}"))
        submit(self.other, path)
        self.assertEqual(self.status(self.other), 409)
        expect(self.other.locator("main [role=alert]").first).to_be_visible()
        self.assert_refunded_once(order, customer)

    def test_the_stock_is_changed_by_clicking_while_32_customers_buy(self):
        stock = 100_000
        product = self.shop.new_product("사과", 1, stock=stock)
        customers = [self.shop.customer(10_000) for _ in range(32)]
        path = f"/admin/products/{product.id}"
        at_once = threading.Barrier(len(customers) + 1, timeout=60)
        changed = threading.Event()
        sold = []

        def buy(customer):
            at_once.wait()
            while not changed.is_set():
                customer.pay(customer.order(product))
                sold.append(customer)

        with concurrent.futures.ThreadPoolExecutor(len(customers)) as pool:
            buying = [pool.submit(buy, customer) for customer in customers]
            try:
                for change, reason in ((5, "delivery"), (-3, "damage"), (4, "correction")):
                    self.page.goto(path)
                    fill(self.page, f"{path}/stock", stockChange=change)
                    self.page.locator("main [name=reason]").select_option(reason)
                    if not sold:
                        at_once.wait()
                    # Some were sold since the form has been on the screen.
                    before = len(sold)
                    until(30, "sales while the form is open", lambda: len(sold) > before)
                    submit(self.page, f"{path}/stock")
                    expect(self.page.locator("[role=status]").first).to_be_visible()
            finally:
                changed.set()
                at_once.abort()
            for each in buying:
                each.result()
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = ?", product.id), stock + 6 - len(sold))
        self.page.goto(path)
        lines = self.page.locator("main tbody tr").all_inner_texts()
        self.assertEqual(len(lines), 4, lines)
        self.assertEqual(audit(self.shop), "")


class TwoAtOnceWithJavaScript(TwoAtOnce, BrowserTestCase):
    pass


class TwoAtOnceWithoutJavaScript(TwoAtOnce, BrowserTestCase):
    java_script = False


class SeveralOrders:
    """Several orders refunded at once, one of which was never paid, and a note to all of them."""

    def setUp(self):
        super().setUp()
        log_in(self.context, self.shop.admin)
        self.customer = self.shop.customer(20_000)
        self.product = self.shop.new_product("사과", 2_000, stock=10)
        self.paid, self.unpaid = [self.customer.order(self.product) for _ in range(2)], self.customer.order(self.product)
        for order in self.paid:
            self.customer.pay(order)
        self.list = f"/admin/orders?q={self.customer.login}"

    def tick(self, orders):
        self.page.goto(self.list)
        for order in orders:
            self.page.locator(f"main [name=select][value='{order}']").check()

    def refund(self):
        button(self.page, "/admin/orders/refunds").dblclick(no_wait_after=True)

    def test_what_can_be_refunded_is_once_and_the_rest_is_said(self):
        orders = [*self.paid, self.unpaid]
        self.tick(orders)
        self.follow("main .several-bar [formaction='/admin/orders/refunds']", is_path("/admin/orders/refunds"))
        main = self.page.locator("main")
        for order in self.paid:
            expect(main.locator(f"#field-row-{order}")).to_contain_text(self.customer.login)
        expect(main.locator(f"li#field-row-{self.unpaid}")).to_contain_text(self.words["status_pending"])
        self.assert_digits(4_000, self.main())
        self.assert_digits(16_000, self.main())
        self.assertEqual(self.customer.balance(), 16_000)
        self.refund()
        expect(self.page).to_have_url(is_path("/admin/orders"))
        expect(self.page.locator("[role=status]").first).to_contain_text(self.words["notice_orders_refunded"])
        self.assertEqual(self.page.locator("main [name=select]").count(), 3)
        self.assertEqual(self.customer.balance(), 20_000)
        self.assertEqual(self.shop.value("SELECT stock FROM products WHERE id = ?", self.product.id), 10)

        self.tick(orders)
        self.follow("main .several-bar button:not([formaction])", is_path("/admin/orders/notes"))
        self.type("main [name=note]", "비에 젖은 상자")
        self.follow("main form[action='/admin/orders/notes'] button", is_path("/admin/orders"))
        expect(self.page.locator("[role=status]").first).to_contain_text(self.words["notice_orders_noted"])

        self.follow('nav a[href="/admin/trace"]', is_path("/admin/trace"))
        titles = self.page.locator("main .trace > li h2").all_inner_texts()[:5]
        # Each is done from the top of the list down, and told from the last one back.
        told = [("order-noted", order) for order in orders]
        told += [("order-refunded", order) for order in self.paid]
        for title, (action, order) in zip(titles, told):
            self.assertTrue(title.startswith(self.words[f"action_{action}"]), (title, action))
            self.assertIn(str(order), title)
        refunded = self.shop.value("SELECT count(*) FROM refunds WHERE order_id IN (?, ?, ?)", *orders)
        self.assertEqual(refunded, 2)
        self.assertEqual(audit(self.shop), "")


class SeveralOrdersWithJavaScript(Mouse, SeveralOrders, BrowserTestCase):
    def test_the_box_in_the_head_ticks_all(self):
        self.page.goto(self.list)
        self.page.locator("main [data-all]").check()
        self.assertEqual(self.page.locator("main [name=select]:checked").count(), 3)


class SeveralOrdersWithoutJavaScript(Mouse, SeveralOrders, BrowserTestCase):
    java_script = False


class SeveralOrdersByKeyboard(Keys, SeveralOrders, BrowserTestCase):
    def tick(self, orders):
        self.page.goto(self.list)
        # The newest comes first.
        for order in sorted(orders, reverse=True):
            self.press_until(f"main [name=select][value='{order}']")
            self.page.keyboard.press("Space")

    def refund(self):
        self.press_until("main form[action='/admin/orders/refunds'][method=post] button")
        self.page.keyboard.press("Enter")
