"""What customers come for, each way with and without JavaScript."""
import re

from playwright.sync_api import expect

from browsing import LOGGED_IN, BrowserTestCase, button, fill, form, is_offered, is_path, log_in, submit
from support import words


class Journeys:
    def test_from_signing_up_to_the_receipt(self):
        page, shop = self.page, self.shop
        products, coupon = shop.products[-3:], shop.coupon("open")
        total = sum(product.price for product in products)

        page.goto("/")
        page.locator('header a[href^="/signup"]').first.click()
        fill(page, "/signup", login="hana", name="김하나", password="correct horse")
        submit(page, "/signup")
        expect(page).to_have_url(is_path("/"))
        expect(page.locator("header")).to_contain_text("김하나")

        page.goto("/balance")
        fill(page, "/balance/charges", amount=300_000)
        submit(page, "/balance/charges")
        expect(page).to_have_url(re.compile(r"/balance\?entry=\d+"))
        expect(page.locator("[role=status]").first).to_be_visible()
        self.assert_digits(300_000, self.main())

        page.goto(f"/coupons/{coupon}")
        submit(page, f"/coupons/{coupon}/take")
        expect(page).to_have_url(is_path(f"/coupons/{coupon}"))
        self.assertFalse(is_offered(page, f"/coupons/{coupon}/take"))

        self.fill_basket(*products)
        self.assert_digits(total, self.main())
        self.choose_coupon()
        discount = shop.value("SELECT fixed_amount FROM coupons WHERE id = ?", coupon)
        self.assert_digits(total - discount, self.main())
        order = self.order()
        self.assert_digits(300_000 - (total - discount), self.main())
        submit(page, f"/orders/{order}/pay")
        self.assert_receipt(order)
        for product in products:
            expect(page.locator("main")).to_contain_text(product.name)
        self.assert_digits(total - discount, self.main())
        self.assert_digits(300_000 - (total - discount), page.locator("header").inner_text())

        page.goto("/orders")
        expect(page.locator(f'main a[href="/orders/{order}"]').first).to_be_visible()
        page.goto("/balance")
        expect(page.locator(f'main a[href="/orders/{order}"]').first).to_be_visible()
        self.assertRegex(self.main(), rf"[-−]\D?{total - discount:,}")
        page.goto("/coupons/mine")
        expect(page.locator(f'main a[href="/orders/{order}"]').first).to_be_visible()
        page.goto("/basket")
        self.assertFalse(is_offered(page, "/orders"), "what was ordered is still in the basket")

    def test_ordering_at_once_leaves_the_basket_alone(self):
        customer = self.logged_in(balance=100_000)
        wanted, kept = self.shop.products[:2]
        self.add(kept)
        self.page.goto(wanted.path)
        fill(self.page, "/basket", quantity=2)
        self.page.locator('main button[formaction="/orders"]').click()
        expect(self.page).to_have_url(re.compile(r"/orders/\d+/pay$"))
        [order] = customer.orders()
        lines = self.shop.sql("SELECT product_id, quantity FROM order_lines WHERE order_id = ?", order)
        self.assertEqual(lines, [(wanted.id, 2)])
        submit(self.page, self.open_payment(order))
        self.assert_receipt(order)
        self.assert_paid_once(customer, order, 2 * wanted.price)
        self.page.goto("/basket")
        expect(self.page.locator("main")).to_contain_text(kept.name)

    def test_a_basket_is_changed_line_by_line(self):
        self.logged_in()
        one, two, three = self.shop.products[:3]
        self.fill_basket(one, two, three)
        fill(self.page, "/basket/lines", **{f"quantity-{one.id}": 3})
        submit(self.page, "/basket/lines")
        expect(self.page).to_have_url(is_path("/basket"))
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_value("3")
        self.assert_digits(3 * one.price + two.price + three.price, self.main())
        self.page.locator(f'button[name=remove][value="{two.id}"]').click()
        expect(self.page.locator(f'[name="quantity-{two.id}"]')).to_have_count(0)
        fill(self.page, "/basket/lines", **{f"quantity-{three.id}": 0})
        submit(self.page, "/basket/lines")
        expect(self.page.locator(f'[name="quantity-{three.id}"]')).to_have_count(0)
        self.assert_digits(3 * one.price, self.main())

    def test_enter_in_a_quantity_changes_it_and_removes_nothing(self):
        self.logged_in()
        one, two = self.shop.products[:2]
        self.fill_basket(one, two)
        fill(self.page, "/basket/lines", **{f"quantity-{two.id}": 4})
        with self.page.expect_navigation():
            self.page.locator(f'[name="quantity-{two.id}"]').press("Enter")
        expect(self.page.locator(f'[name="quantity-{two.id}"]')).to_have_value("4")
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_value("1")

    def test_putting_a_product_into_the_basket_again_adds_to_it(self):
        self.logged_in()
        product = self.shop.products[0]
        self.add(product, quantity=2)
        self.add(product, quantity=3)
        self.page.goto("/basket")
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_have_value("5")

    def test_an_order_is_cancelled(self):
        customer = self.logged_in()
        order = customer.order(self.shop.products[0])
        self.page.goto(f"/orders/{order}")
        submit(self.page, f"/orders/{order}/cancel")
        expect(self.page).to_have_url(is_path(f"/orders/{order}"))
        self.assertEqual(customer.orders(), {order: "cancelled"})
        self.assertFalse(is_offered(self.page, f"/orders/{order}/cancel"))
        expect(self.page.locator(f'a[href="/orders/{order}/pay"]')).to_have_count(0)

    def test_a_visitor_is_led_through_the_log_in_and_back_to_the_product(self):
        customer, product = self.shop.customer(), self.shop.products[0]
        self.page.goto(product.path)
        fill(self.page, "/basket", quantity=3)
        submit(self.page, "/orders")
        fill(self.page, "/login", login=customer.login, password=customer.password)
        submit(self.page, "/login")
        expect(self.page).to_have_url(is_path(product.path))
        expect(self.page.locator("#field-quantity")).to_have_value("3")
        order = self.order()
        self.assertEqual(self.shop.value("SELECT quantity FROM order_lines WHERE order_id = ?", order), 3)

    def test_a_visitor_is_led_through_signing_up_and_back(self):
        self.page.goto("/login?next=/coupons")
        self.page.locator('main a[href^="/signup"]').first.click()
        fill(self.page, "/signup", login="dul", name="둘", password="correct horse")
        submit(self.page, "/signup")
        expect(self.page).to_have_url(is_path("/coupons"))
        expect(self.page.locator(LOGGED_IN).first).to_be_attached()

    def test_pages_of_customers_ask_visitors_to_log_in_first(self):
        customer = self.shop.customer()
        order = customer.order(self.shop.products[0])
        for path in ("/orders", f"/orders/{order}", "/balance", "/coupons/mine", "/account"):
            with self.subTest(path):
                self.page.goto(path)
                expect(self.page).to_have_url(re.compile(r"/login\?next="))
        fill(self.page, "/login", login=customer.login, password=customer.password)
        submit(self.page, "/login")
        expect(self.page).to_have_url(is_path("/account"))

    def test_logging_out_ends_it(self):
        self.logged_in()
        self.page.goto("/account")
        self.page.locator('form[action="/logout"] button').last.click()
        expect(self.page).to_have_url(is_path("/"))
        expect(self.page.locator("[role=status]").first).to_be_visible()
        expect(self.page.locator(LOGGED_IN)).to_have_count(0)
        self.page.reload()
        expect(self.page.locator("main h1")).to_be_visible()
        expect(self.page.locator("[role=status]")).to_have_count(0)
        self.page.goto("/orders")
        expect(self.page).to_have_url(re.compile(r"/login\?next="))

    def test_the_password_is_changed(self):
        customer = self.logged_in()
        self.page.goto("/account")
        fill(self.page, "/account/password", current=customer.password, new="battery staple")
        submit(self.page, "/account/password")
        expect(self.page).to_have_url(re.compile(r"/account$"))
        expect(self.page.locator("[role=status]").first).to_be_visible()
        elsewhere = self.new_visitor().new_page()
        elsewhere.goto("/login")
        fill(elsewhere, "/login", login=customer.login, password=customer.password)
        submit(elsewhere, "/login")
        self.assert_refused(422, page=elsewhere)
        fill(elsewhere, "/login", login=customer.login, password="battery staple")
        submit(elsewhere, "/login")
        expect(elsewhere.locator(LOGGED_IN).first).to_be_attached()

    def test_other_sessions_are_ended_from_the_account(self):
        customer = self.logged_in()
        other_browser = self.new_visitor()
        log_in(other_browser, customer)
        elsewhere = other_browser.new_page()
        self.page.goto("/account")
        submit(self.page, "/account/sessions/end-others")
        expect(self.page).to_have_url(re.compile(r"/account$"))
        expect(self.page.locator("[role=status]").first).to_be_visible()
        self.assertFalse(is_offered(self.page, "/account/sessions/end-others"))
        elsewhere.goto("/orders")
        expect(elsewhere).to_have_url(re.compile(r"/login\?next="))
        self.page.goto("/orders")
        expect(self.page).to_have_url(is_path("/orders"))

    def test_the_language_changes_where_one_stands_and_stays(self):
        page, path = self.page, "/products?q=kg&sort=price"
        page.goto(path)
        self.assertEqual(page.locator("html").get_attribute("lang"), "ko")
        page.locator('a[href^="/language/en"]').first.click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page).to_have_url(self.shop.url + path)
        page.goto("/coupons")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page).to_have_title(re.compile(re.escape(words("en")["shop_name"])))
        log_in(self.context, self.shop.customer())
        page.reload()
        expect(page.locator(LOGGED_IN).first).to_be_attached()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.locator('a[href^="/language/ko"]').first.click()
        expect(page.locator("html")).to_have_attribute("lang", "ko")

    def test_products_are_searched_sorted_and_leafed_through(self):
        page = self.page
        page.goto("/")
        search = page.locator('header form[action="/products"] [name=q]')
        search.fill("김치")
        search.press("Enter")
        expect(page).to_have_url(is_path("/products"))
        found = {name for [name] in self.shop.sql("SELECT name FROM products WHERE name || description LIKE '%김치%'")}
        self.assertEqual(self.names_of_products(), found)
        expect(page.locator('header [name=q]')).to_have_value("김치")

        page.goto("/products")
        page.locator('main a[href*="sort=price"]').first.click()
        expect(page).to_have_url(re.compile(r"sort=price"))
        seen, pages = [], 0
        while True:
            pages += 1
            seen += self.paths_of_products()
            further = page.locator('main a[href*="cursor="]').last
            if not further.count():
                break
            with page.expect_navigation():
                further.click()
        by_price = self.shop.sql("SELECT id FROM products WHERE listed ORDER BY price, id")
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen), len(by_price))
        self.assertGreater(pages, 1)
        prices = dict(self.shop.sql("SELECT '/products/' || id, price FROM products"))
        self.assertEqual([prices[path] for path in seen], sorted(prices[path] for path in seen))

    def names_of_products(self):
        names = dict(self.shop.sql("SELECT '/products/' || id, name FROM products"))
        return {names[path] for path in self.paths_of_products()}

    def paths_of_products(self):
        hrefs = self.page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        return list(dict.fromkeys(href for href in hrefs if re.fullmatch(r"/products/\d+", href or "")))

    def test_an_offered_amount_is_charged_in_two_clicks(self):
        customer = self.logged_in()
        self.page.goto("/balance")
        offer = self.page.locator('main a[href*="amount="], main button[name=amount]').first
        offer.click()
        if not customer.entries():
            submit(self.page, "/balance/charges")
        [amount] = customer.entries()
        self.assert_digits(amount, self.page.locator("header").inner_text())

    def test_what_is_missing_is_charged_on_the_way(self):
        customer = self.logged_in(balance=5_000)
        product = self.shop.new_product(price=12_345)
        order = customer.order(product)
        path = self.open_payment(order)
        self.assertFalse(is_offered(self.page, path))
        self.assert_digits(7_345, self.main())
        self.page.locator('main a[href^="/balance?"]').first.click()
        expect(form(self.page, "/balance/charges").locator("[name=amount]")).to_have_value("7345")
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path(path))
        submit(self.page, path)
        self.assert_receipt(order)
        self.assert_paid_once(customer, order, 12_345)
        self.assertEqual(customer.balance(), 0)

    def test_when_less_is_missing_than_can_be_charged_the_least_is_charged(self):
        customer = self.logged_in(balance=5_000)
        order = customer.order(self.shop.new_product(price=5_001))
        path = self.open_payment(order)
        self.page.locator('main a[href^="/balance?"]').first.click()
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path(path))
        submit(self.page, path)
        self.assert_receipt(order)
        self.assertEqual(customer.balance(), 999)

    def test_when_more_is_missing_than_can_be_charged_at_once_it_is_charged_in_parts(self):
        customer = self.logged_in(balance=1_000)
        order = customer.order(self.shop.new_product(price=1_500_000))
        path = self.open_payment(order)
        for _ in range(2):
            self.page.locator('main a[href^="/balance?"]').first.click()
            submit(self.page, "/balance/charges")
            expect(self.page).to_have_url(is_path(path))
        submit(self.page, path)
        self.assert_receipt(order)

    def test_a_basket_that_costs_more_than_the_balance_leads_to_the_charge_and_back(self):
        customer = self.logged_in(balance=1_000)
        product = self.shop.new_product(price=9_000)
        self.fill_basket(product)
        self.assert_digits(8_000, self.main())
        with self.page.expect_navigation():
            self.page.locator("main button[name=charge]").click()
        expect(form(self.page, "/balance/charges").locator("[name=amount]")).to_have_value("8000")
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path("/basket"))
        self.assertEqual(customer.balance(), 9_000)

    def test_a_coupon_that_makes_an_order_free(self):
        customer = self.logged_in()
        customer.take(self.shop.new_coupon(amount=50_000))
        self.fill_basket(self.shop.new_product(price=4_000))
        order = self.order()
        submit(self.page, self.open_payment(order))
        self.assert_receipt(order)
        self.assertEqual(customer.orders(), {order: "completed"})

    def test_a_customer_hears_what_the_shop_kept_of_an_order_when_the_product_changes(self):
        customer = self.logged_in(balance=10_000)
        product = self.shop.new_product(name="그때 이름", price=2_000)
        order = customer.order(product)
        self.shop.api("PATCH", f"/admin/products/{product.id}", {"name": "새 이름", "price": 9_000}, self.shop.admin.token)
        path = self.open_payment(order)
        expect(self.page.locator("main")).to_contain_text("그때 이름")
        submit(self.page, path)
        self.assert_paid_once(customer, order, 2_000)

    def test_a_refunded_order_says_so_and_the_money_is_back(self):
        customer = self.logged_in(balance=10_000)
        order = customer.order(self.shop.new_product(price=2_000))
        customer.pay(order)
        self.shop.api("POST", f"/admin/orders/{order}/refund", {}, self.shop.admin.token)
        self.page.goto(f"/orders/{order}")
        self.assertFalse(is_offered(self.page, f"/orders/{order}/cancel"))
        refunded = self.shop.value("SELECT refunded_at FROM payments WHERE order_id = ?", order)
        times = self.page.locator("main time").evaluate_all("times => times.map(time => Date.parse(time.dateTime))")
        self.assertIn(refunded, times)
        self.page.goto("/balance")
        self.assertRegex(self.main(), r"\+\D?2,000")
        self.assert_digits(10_000, self.page.locator("header").inner_text())

    def test_the_pay_button_stands_on_a_page_that_shows_what_is_paid(self):
        customer = self.logged_in(balance=100_000)
        product = self.shop.products[0]
        order = customer.order(product, quantity=2)
        path = self.open_payment(order)
        expect(button(self.page, path)).to_be_visible()
        text = self.main()
        self.assertIn(product.name, text)
        for amount in (2 * product.price, 100_000, 100_000 - 2 * product.price):
            self.assert_digits(amount, text)


class JourneysWithJavaScript(Journeys, BrowserTestCase):
    pass


class JourneysWithoutJavaScript(Journeys, BrowserTestCase):
    java_script = False
