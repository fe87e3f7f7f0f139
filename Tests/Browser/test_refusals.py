"""What the shop refuses, and that its pages say why and how to go on; each with and without JavaScript."""
import re

from playwright.sync_api import expect

from browsing import LOGGED_IN, BrowserTestCase, button, fill, form, is_offered, is_path, log_in, submit
from support import Customer


class Refusals:
    # --- Accounts -----------------------------------------------------------------------------------------------------

    def sign_up(self, login, name="하나", password="correct horse"):
        self.page.goto("/signup")
        fill(self.page, "/signup", login=login, name=name, password=password)
        submit(self.page, "/signup", check=False)

    def try_to_log_in(self, login, password):
        self.page.goto("/login?next=/coupons")
        fill(self.page, "/login", login=login, password=password)
        submit(self.page, "/login", check=False)

    def test_a_wrong_password(self):
        customer = self.shop.customer()
        self.try_to_log_in(customer.login, "wrong horse")
        self.assert_refused(422)
        expect(form(self.page, "/login").locator("[name=login]")).to_have_value(customer.login)
        expect(form(self.page, "/login").locator("[name=password]")).to_have_value("")
        fill(self.page, "/login", password=customer.password)
        submit(self.page, "/login")
        expect(self.page).to_have_url(is_path("/coupons"))

    def test_an_unknown_login_is_told_the_same_as_a_wrong_password(self):
        self.try_to_log_in(self.shop.customer().login, "wrong horse")
        wrong = self.page.locator("main [role=alert]").inner_text()
        self.try_to_log_in("nobody-at-all", "wrong horse")
        self.assert_refused(422)
        self.assertEqual(self.page.locator("main [role=alert]").inner_text(), wrong)

    def test_too_many_wrong_passwords(self):
        customer = self.shop.customer()
        # Five are free. The wait behind them begins at a second, which may pass before the next one, and doubles each time.
        for attempt in range(15):
            self.try_to_log_in(customer.login, "wrong horse")
            if attempt >= 5 and self.status(self.page) == 429:
                break
            self.assert_refused(422)
        self.assert_refused(429)
        self.assertRegex(self.main(), r"\d")
        fill(self.page, "/login", password=customer.password)
        submit(self.page, "/login")
        self.assertIn(self.status(self.page), (200, 429))

    def test_a_login_that_is_taken(self):
        customer = self.shop.customer()
        self.sign_up(customer.login.upper(), name="둘")
        self.assert_refused(409, "login")
        expect(form(self.page, "/signup").locator("[name=login]")).to_have_value(customer.login.upper())
        expect(form(self.page, "/signup").locator("[name=name]")).to_have_value("둘")
        expect(form(self.page, "/signup").locator("[name=password]")).to_have_value("")

    def test_a_password_that_is_too_short(self):
        self.sign_up("short-password", password="1234567")
        self.assert_refused(422, "password")
        fill(self.page, "/signup", password="eight ch")
        submit(self.page, "/signup")
        expect(self.page.locator(LOGGED_IN).first).to_be_attached()

    def test_a_password_that_many_people_have(self):
        self.sign_up("common-password", password="password")
        self.assert_refused(422, "password")

    def test_the_login_as_password(self):
        self.sign_up("login-as-password", password="login-as-password")
        self.assert_refused(422, "password")

    def test_a_login_with_characters_that_it_may_not_have(self):
        self.sign_up("하나")
        self.assert_refused(422, "login")

    def test_a_name_that_is_missing(self):
        self.sign_up("nameless", name="")
        self.assert_refused(422, "name")

    def test_everything_that_is_wrong_is_said_at_once(self):
        self.sign_up("x", name="", password="short")
        links = self.page.locator("main [role=alert] a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
        self.assertEqual(links, ["#field-login", "#field-name", "#field-password"])

    def test_a_wrong_current_password(self):
        customer = self.logged_in()
        self.page.goto("/account")
        fill(self.page, "/account/password", current="wrong horse", new="battery staple")
        submit(self.page, "/account/password")
        self.assert_refused(422, "current")
        log_in(self.new_visitor(), customer)

    def test_a_new_password_that_is_too_short(self):
        self.logged_in()
        self.page.goto("/account")
        fill(self.page, "/account/password", current=Customer.password, new="short")
        submit(self.page, "/account/password", check=False)
        self.assert_refused(422, "new")

    # --- Balance ------------------------------------------------------------------------------------------------------

    def charge(self, amount):
        self.page.goto("/balance")
        fill(self.page, "/balance/charges", amount=amount)
        submit(self.page, "/balance/charges", check=False)

    def test_charges_that_are_too_small_or_too_large(self):
        customer = self.logged_in()
        for amount, bound in ((999, 1_000), (0, 1_000), (-5_000, 1_000), (1_000_001, 1_000_000)):
            with self.subTest(amount):
                self.charge(amount)
                self.assert_refused(422, "amount")
                self.assert_digits(bound, self.page.locator("#error-amount").inner_text())
                expect(self.page.locator("#field-amount")).to_have_value(str(amount))
        self.assertEqual(customer.entries(), [])

    def test_a_charge_without_an_amount(self):
        self.logged_in()
        self.charge("")
        self.assert_refused(422, "amount")

    def test_a_charge_beyond_the_balance_limit(self):
        customer = self.logged_in(balance=9_500_000)
        self.charge(600_000)
        self.assert_refused(422, "amount")
        self.assert_digits(10_000_000, self.main())
        fill(self.page, "/balance/charges", amount=500_000)
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(re.compile(r"/balance\?entry="))
        self.assertEqual(customer.balance(), 10_000_000)

    # --- Coupons ------------------------------------------------------------------------------------------------------

    def test_coupons_that_cannot_be_taken_offer_no_button(self):
        self.logged_in()
        for state in ("coming", "sold_out", "closed"):
            with self.subTest(state):
                coupon = self.shop.coupon(state)
                self.page.goto(f"/coupons/{coupon}")
                self.assertEqual(self.status(self.page), 200)
                self.assertFalse(is_offered(self.page, f"/coupons/{coupon}/take"))

    def assert_coupon_refused(self, meanwhile):
        """A coupon that could be taken when the page was made, and cannot when the button is pressed."""
        self.logged_in()
        coupon = self.shop.new_coupon()
        self.page.goto(f"/coupons/{coupon}")
        meanwhile(coupon)
        submit(self.page, f"/coupons/{coupon}/take")
        self.assert_refused(409)
        self.assertFalse(is_offered(self.page, f"/coupons/{coupon}/take"))
        self.assertEqual(self.shop.value("SELECT count(*) FROM user_coupons WHERE coupon_id = ?", coupon), 0)

    def test_a_coupon_that_is_sold_out_meanwhile(self):
        self.assert_coupon_refused(lambda coupon: self.shop.sql(
            "UPDATE coupons SET remaining = 0, quantity = 1 WHERE id = ?", coupon))

    def test_a_coupon_that_is_closed_meanwhile(self):
        self.assert_coupon_refused(lambda coupon: self.shop.sql(
            "UPDATE coupons SET closes_at = opens_at + 1 WHERE id = ?", coupon))

    def test_a_coupon_that_is_not_open_yet(self):
        self.assert_coupon_refused(lambda coupon: self.shop.sql(
            "UPDATE coupons SET opens_at = closes_at - 1 WHERE id = ?", coupon))

    def test_a_coupon_that_one_has_already_is_shown_as_ones_own(self):
        customer, coupon = self.logged_in(), self.shop.new_coupon()
        self.page.goto(f"/coupons/{coupon}")
        customer.take(coupon)
        submit(self.page, f"/coupons/{coupon}/take")
        self.assertIn(self.status(self.page), (200, 409))
        expect(self.page).to_have_url(re.compile(rf"/coupons/{coupon}\b"))
        expect(self.page.locator("main [role=status], main [role=alert]").first).to_be_visible()
        self.assertFalse(is_offered(self.page, f"/coupons/{coupon}/take"))
        self.assertEqual(self.shop.value("SELECT remaining FROM coupons WHERE id = ?", coupon), 9)

    def test_a_coupon_for_larger_orders_is_shown_and_not_offered(self):
        customer = self.logged_in()
        own = customer.take(self.shop.new_coupon(name="큰 주문 쿠폰", minimum=900_000))
        self.fill_basket(self.shop.products[0])
        expect(self.page.locator("main")).to_contain_text("큰 주문 쿠폰")
        self.assert_digits(900_000, self.main())
        self.page.goto(f"/basket?coupon={own}")
        order = self.order()
        self.assertEqual(self.shop.value("SELECT discount_amount FROM orders WHERE id = ?", order), 0)

    def test_a_coupon_that_another_order_used_meanwhile(self):
        customer = self.logged_in(balance=100_000)
        coupon = customer.take(self.shop.new_coupon())
        product = self.shop.new_product(price=10_000)
        first, second = (customer.order(product, coupon=coupon) for _ in range(2))
        path = self.open_payment(second)
        customer.pay(first)
        submit(self.page, path)
        self.assert_refused(409)
        self.assertEqual(customer.orders(), {first: "completed", second: "pending"})

    def test_a_basket_whose_coupon_was_used_meanwhile(self):
        customer = self.logged_in(balance=100_000)
        coupon = customer.take(self.shop.new_coupon())
        product = self.shop.new_product(price=10_000)
        self.fill_basket(product)
        self.choose_coupon()
        first = customer.order(product, coupon=coupon)
        customer.pay(first)
        submit(self.page, "/orders")
        self.assert_refused(409)
        self.assertEqual(list(customer.orders()), [first])
        self.order()

    # --- Products and baskets -----------------------------------------------------------------------------------------

    def test_a_sold_out_product_offers_no_button(self):
        self.logged_in()
        self.page.goto(self.shop.sold_out.path)
        self.assertFalse(is_offered(self.page, "/basket"))

    def test_more_than_there_is(self):
        self.logged_in()
        product = self.shop.new_product(stock=3)
        for action in ("/basket", "/orders"):
            with self.subTest(action):
                self.page.goto(product.path)
                fill(self.page, "/basket", quantity=4)
                form(self.page, "/basket").evaluate("form => { form.noValidate = true }")
                with self.page.expect_navigation():
                    (button(self.page, "/basket") if action == "/basket"
                     else self.page.locator('main button[formaction="/orders"]')).click()
                self.assert_refused(409, "quantity")
                self.assert_digits(3, self.page.locator("#error-quantity").inner_text())
                expect(self.page.locator("#field-quantity")).to_have_value("4")

    def test_quantities_that_make_no_sense(self):
        self.logged_in()
        for quantity in ("0", "-1", "1001", ""):
            with self.subTest(quantity):
                self.page.goto(self.shop.products[0].path)
                fill(self.page, "/basket", quantity=quantity)
                submit(self.page, "/basket", check=False)
                self.assert_refused(422, "quantity")
        self.page.goto("/basket")
        self.assertFalse(is_offered(self.page, "/orders"))

    def test_a_product_that_is_sold_out_meanwhile(self):
        self.logged_in()
        product = self.shop.new_product(stock=1)
        self.page.goto(product.path)
        self.set_stock(product, 0)
        submit(self.page, "/basket")
        self.assert_refused(409)
        self.assertFalse(is_offered(self.page, "/basket"))

    def test_a_basket_of_which_there_is_less_now_says_so_and_is_ordered_with_less(self):
        customer = self.logged_in()
        product = self.shop.new_product(stock=5)
        self.add(product, quantity=5)
        self.set_stock(product, 2)
        self.page.goto("/basket")
        self.assert_digits(2, self.page.locator(f"#error-quantity-{product.id}").inner_text())
        submit(self.page, "/orders")
        self.assert_refused(409, f"quantity-{product.id}")
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 2})
        order = self.order()
        self.assertEqual(customer.orders(), {order: "pending"})

    def test_a_basket_with_something_that_is_no_longer_sold_offers_no_order_until_it_is_out(self):
        self.logged_in()
        gone, kept = self.shop.new_product(name="사라질 것"), self.shop.products[0]
        self.fill_basket(gone, kept)
        self.shop.api("PATCH", f"/admin/products/{gone.id}", {"listed": False}, self.shop.admin.token)
        self.page.goto("/basket")
        expect(self.page.locator("main")).to_contain_text("사라질 것")
        self.assertFalse(is_offered(self.page, "/orders"))
        self.page.locator(f'button[name=remove][value="{gone.id}"]').click()
        expect(self.page.locator(f'button[name=remove][value="{gone.id}"]')).to_have_count(0)
        self.order()

    def test_a_basket_of_which_there_is_less_when_it_is_ordered(self):
        customer = self.logged_in()
        product = self.shop.new_product(stock=5)
        self.add(product, quantity=5)
        self.page.goto("/basket")
        self.set_stock(product, 4)
        submit(self.page, "/orders")
        self.assertEqual(self.status(self.page), 409)
        self.assertTrue(self.page.title().startswith(self.words["error_prefix"]))
        self.assertEqual(customer.orders(), {})
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_be_visible()

    def test_more_in_a_basket_than_there_is_is_not_changed_to_and_told_once(self):
        self.logged_in()
        product = self.shop.new_product(stock=128)
        self.fill_basket(product)
        field = f"quantity-{product.id}"
        for action in ("/basket/lines", "/orders"):
            with self.subTest(action):
                self.page.goto("/basket")
                fill(self.page, "/basket/lines", **{field: 500})
                submit(self.page, action)
                self.assert_refused(409, field)
                expect(self.page.locator("main [role=status]")).to_have_count(0)
                expect(self.page.locator("main .field-error")).to_have_count(1)
                self.assert_digits(128, self.page.locator(f"#error-{field}").inner_text())
                expect(self.page.locator(f'[name="{field}"]')).to_have_value("500")
        self.page.goto("/basket")
        expect(self.page.locator(f'[name="{field}"]')).to_have_value("1")

    def test_every_line_of_which_there_is_less_says_so_at_once(self):
        self.logged_in()
        products = [self.shop.new_product(stock=stock) for stock in (5, 7)]
        self.fill_basket(*products)
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 50 for product in products})
        submit(self.page, "/basket/lines")
        for product in products:
            self.assert_digits(product.stock, self.page.locator(f"#error-quantity-{product.id}").inner_text())

    def test_quantities_of_a_basket_that_make_no_sense(self):
        self.logged_in()
        product = self.shop.products[0]
        self.fill_basket(product)
        field = f"quantity-{product.id}"
        for quantity in ("-1", "1001", ""):
            with self.subTest(quantity):
                self.page.goto("/basket")
                fill(self.page, "/basket/lines", **{field: quantity})
                submit(self.page, "/basket/lines", check=False)
                self.assert_refused(422, field)
                expect(self.page.locator(f'[name="{field}"]')).to_have_value(quantity)
        self.page.goto("/basket")
        expect(self.page.locator(f'[name="{field}"]')).to_have_value("1")

    def set_stock(self, product, stock):
        self.shop.api(
            "PATCH", f"/admin/products/{product.id}", {"stockChange": stock - product.stock}, self.shop.admin.token)

    # --- Orders and payments ------------------------------------------------------------------------------------------

    def test_a_balance_that_is_no_longer_enough(self):
        customer = self.logged_in(balance=10_000)
        product = self.shop.new_product(price=6_000)
        first, second = customer.order(product), customer.order(product)
        path = self.open_payment(second)
        customer.pay(first)
        submit(self.page, path)
        self.assert_refused(409)
        self.assert_digits(2_000, self.main())
        link = self.page.locator('main a[href^="/balance?"]').first
        expect(link).to_have_attribute("href", re.compile(r"[?&]amount=2000\b"))
        link.click()
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path(path))
        submit(self.page, path)
        self.assert_receipt(second)
        self.assertEqual(customer.balance(), 0)

    def test_a_product_that_ran_out_before_it_was_paid(self):
        customer = self.logged_in(balance=100_000)
        product = self.shop.new_product(name="마지막 하나", stock=1)
        order = customer.order(product)
        path = self.open_payment(order)
        self.set_stock(product, 0)
        submit(self.page, path)
        self.assert_refused(409)
        expect(self.page.locator("main")).to_contain_text("마지막 하나")
        self.assertEqual((customer.orders(), customer.balance()), ({order: "pending"}, 100_000))

    def assert_no_longer_payable(self, meanwhile):
        customer = self.logged_in(balance=100_000)
        order = customer.order(self.shop.products[0])
        path = self.open_payment(order)
        meanwhile(customer, order)
        submit(self.page, path)
        self.assert_refused(409)
        self.assertFalse(is_offered(self.page, path))
        self.assertEqual(customer.balance(), 100_000)
        self.page.goto(f"/orders/{order}")
        self.assertFalse(is_offered(self.page, f"/orders/{order}/cancel"))
        expect(self.page.locator(f'main a[href="{path}"]')).to_have_count(0)
        self.open_payment(order)
        self.assertFalse(is_offered(self.page, path))

    def test_an_order_that_expired_before_it_was_paid(self):
        self.assert_no_longer_payable(lambda customer, order: customer.let_expire(order))

    def test_an_order_that_was_cancelled_before_it_was_paid(self):
        self.assert_no_longer_payable(lambda customer, order: customer.cancel(order))

    def test_more_orders_than_may_wait_are_told(self):
        customer, product = self.logged_in(), self.shop.products[0]
        waiting = [customer.order(product) for _ in range(20)]
        self.fill_basket(product)
        submit(self.page, "/orders")
        self.assert_refused(409)
        self.assert_digits(20, self.main())
        self.assertEqual(list(customer.orders()), waiting)
        customer.cancel(waiting[0])
        self.order()

    def test_cancelling_what_was_paid_meanwhile(self):
        customer = self.logged_in(balance=100_000)
        order = customer.order(self.shop.products[0])
        self.page.goto(f"/orders/{order}")
        customer.pay(order)
        submit(self.page, f"/orders/{order}/cancel")
        self.assert_refused(409)
        self.assertEqual(customer.orders(), {order: "completed"})

    # --- What there is not --------------------------------------------------------------------------------------------

    def test_what_is_nowhere_or_another_customers_is_not_found(self):
        order = self.shop.customer().order(self.shop.products[0])
        self.logged_in()
        for path in ("/nothing", "/products/999999", "/products/0", "/products/x", "/coupons/999999", "/orders/999999",
                     f"/orders/{order}", f"/orders/{order}/pay", "/language/xx"):
            with self.subTest(path):
                self.page.goto(path)
                self.assertEqual(self.status(self.page), 404)
                self.assertTrue(self.page.title().startswith(self.words["error_prefix"]), self.page.title())
                expect(self.page.locator('a[href="/"]').first).to_be_visible()
                expect(self.page.locator("main h1")).to_be_visible()

    def test_lists_that_are_asked_for_with_nonsense_are_answered_all_the_same(self):
        self.logged_in()
        for path in ("/products?cursor=x", "/products?sort=x", "/products?q=", "/products?q=" + "x" * 300,
                     "/orders?cursor=x", "/balance?cursor=x", "/balance?amount=x&next=x", "/balance?entry=x",
                     "/basket?coupon=x", "/basket?coupon=999999", "/coupons/mine?cursor=x", "/products?unknown=1",
                     "/products?utm_source=a&utm_source=b"):
            with self.subTest(path):
                self.page.goto(path)
                self.assertLess(self.status(self.page), 500)
                expect(self.page.locator("main h1")).to_be_visible()
                expect(self.page.locator("header")).to_be_visible()


class RefusalsWithJavaScript(Refusals, BrowserTestCase):
    pass


class RefusalsWithoutJavaScript(Refusals, BrowserTestCase):
    java_script = False
