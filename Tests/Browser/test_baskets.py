"""What is on the screen is what is ordered; and whose a basket is. Each with and without JavaScript."""
import re

from playwright.sync_api import expect

from browsing import BrowserTestCase, button, fill, form, is_offered, is_path, log_in, submit
from support import Customer


class Baskets:
    def order_lines(self, order):
        return self.shop.sql("SELECT product_id, quantity FROM order_lines WHERE order_id = ? ORDER BY position", order)

    def money(self, order):
        [row] = self.shop.sql("SELECT total_amount, discount_amount, final_amount FROM orders WHERE id = ?", order)
        return row

    def log_out(self, page=None):
        page = page or self.page
        page.goto("/account")
        page.locator('form[action="/logout"] button').last.click()
        expect(page).to_have_url(is_path("/"))

    # --- What is on the screen ----------------------------------------------------------------------------------------

    def test_the_quantity_and_the_coupon_on_the_screen_are_ordered(self):
        customer = self.logged_in()
        large, small = (customer.take(self.shop.new_coupon(amount=amount)) for amount in (3_000, 500))
        one, two = self.shop.new_product(price=10_000), self.shop.new_product(price=20_000)
        self.fill_basket(one, two)
        expect(self.page.locator(f"#coupon-{large}")).to_be_checked()
        self.page.locator(f"#coupon-{small}").check()
        fill(self.page, "/basket/lines", **{f"quantity-{one.id}": 4})
        order = self.order()
        self.assertEqual(self.order_lines(order), [(one.id, 4), (two.id, 1)])
        self.assertEqual(self.money(order), (60_000, 500, 59_500))
        self.assert_digits(59_500, self.main())

    def test_the_best_coupon_is_chosen_beforehand_and_can_be_unchosen(self):
        customer = self.logged_in()
        own = customer.take(self.shop.new_coupon(amount=2_000))
        product = self.shop.new_product(price=10_000)
        self.fill_basket(product)
        self.assert_digits(8_000, self.main())
        self.page.locator("#coupon-none").check()
        # What was chosen stays when something else is changed.
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 2})
        submit(self.page, "/basket/lines")
        expect(self.page.locator("#coupon-none")).to_be_checked()
        self.assert_digits(20_000, self.page.locator("[data-sum=final]").inner_text())
        self.assertEqual(self.money(self.order()), (20_000, 0, 20_000))
        self.fill_basket(product)
        expect(self.page.locator(f"#coupon-{own}")).to_be_checked()
        self.assertEqual(self.money(self.order()), (10_000, 2_000, 8_000))

    def test_while_nobody_has_chosen_the_best_coupon_follows_the_quantities(self):
        customer = self.logged_in()
        fixed = customer.take(self.shop.new_coupon(amount=2_000))
        large = customer.take(self.shop.new_coupon(amount=9_000, minimum=30_000))
        product = self.shop.new_product(price=10_000)
        self.fill_basket(product)
        expect(self.page.locator(f"#coupon-{fixed}")).to_be_checked()
        expect(self.page.locator(f"#coupon-{large}")).to_be_disabled()
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 3})
        submit(self.page, "/basket/lines")
        expect(self.page.locator(f"#coupon-{large}")).to_be_checked()
        self.assert_digits(21_000, self.main())
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 1})
        submit(self.page, "/basket/lines")
        expect(self.page.locator(f"#coupon-{fixed}")).to_be_checked()

    def test_what_is_typed_elsewhere_stays_when_a_line_is_removed(self):
        self.logged_in()
        one, two = self.shop.products[:2]
        self.fill_basket(one, two)
        fill(self.page, "/basket/lines", **{f"quantity-{one.id}": 5})
        with self.page.expect_navigation():
            self.page.locator(f'button[name=remove][value="{two.id}"]').click()
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_value("5")
        expect(self.page.locator(f'[name="quantity-{two.id}"]')).to_have_count(0)

    def test_what_is_typed_goes_along_to_the_charge(self):
        customer = self.logged_in(balance=1_000)
        product = self.shop.new_product(price=9_000)
        self.fill_basket(product)
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 2})
        with self.page.expect_navigation():
            self.page.locator("main button[name=charge]").click()
        expect(form(self.page, "/balance/charges").locator("[name=amount]")).to_have_value("17000")
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path("/basket"))
        self.assert_digits(17_000, self.page.locator("main [role=status]").first.inner_text())
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_have_value("2")
        self.assertEqual(customer.balance(), 18_000)

    def test_ordering_at_once_takes_the_best_coupon_which_can_be_changed_before_paying(self):
        customer = self.logged_in(balance=50_000)
        large, small = (customer.take(self.shop.new_coupon(amount=amount)) for amount in (3_000, 500))
        self.page.goto(self.shop.new_product(price=10_000).path)
        order = self.order()
        self.assertEqual(self.money(order), (10_000, 3_000, 7_000))
        expect(self.page.locator(f"#coupon-{large}")).to_be_checked()
        self.page.locator(f"#coupon-{small}").check()
        submit(self.page, f"/orders/{order}/coupon")
        expect(self.page).to_have_url(is_path(f"/orders/{order}/pay"))
        expect(self.page.locator("main [role=status]").first).to_be_visible()
        self.assert_digits(9_500, button(self.page, f"/orders/{order}/pay").inner_text())
        submit(self.page, f"/orders/{order}/pay")
        self.assert_receipt(order)
        self.assert_paid_once(customer, order, 9_500)

    def test_one_coupon_on_two_orders_the_second_is_paid_without_it(self):
        customer = self.logged_in(balance=50_000)
        own = customer.take(self.shop.new_coupon(amount=3_000))
        product = self.shop.new_product(price=10_000)
        first, second = (customer.order(product, coupon=own) for _ in range(2))
        submit(self.page, self.open_payment(first))
        self.assert_receipt(first)
        path = self.open_payment(second)
        expect(self.page.locator("main")).to_contain_text(self.words["coupon_lost"])
        self.assert_digits(10_000, button(self.page, path).inner_text())
        submit(self.page, path)
        self.assert_receipt(second)
        self.assertEqual(self.money(second), (10_000, 0, 10_000))
        self.assertEqual(customer.balance(), 33_000)

    def test_a_coupon_that_is_lost_while_one_looks_is_told_and_nothing_is_paid(self):
        customer = self.logged_in(balance=50_000)
        own = customer.take(self.shop.new_coupon(amount=3_000))
        product = self.shop.new_product(price=10_000)
        first, second = (customer.order(product, coupon=own) for _ in range(2))
        path = self.open_payment(second)
        customer.pay(first)
        submit(self.page, path)
        self.assert_refused(409)
        self.assertEqual(customer.balance(), 43_000)
        submit(self.page, path)
        self.assert_receipt(second)
        self.assertEqual(customer.balance(), 33_000)

    def test_a_coupon_taken_off_by_another_tab_pays_nothing_that_was_not_shown(self):
        customer = self.logged_in(balance=50_000)
        own = customer.take(self.shop.new_coupon(amount=3_000))
        order = customer.order(self.shop.new_product(price=10_000), coupon=own)
        path = self.open_payment(order)
        other = self.context.new_page()
        self.open_payment(order, other)
        other.locator("#coupon-none").check()
        submit(other, f"/orders/{order}/coupon")
        # This one still shows the coupon: that is what is paid with.
        submit(self.page, path)
        self.assert_receipt(order)
        self.assertEqual(self.money(order), (10_000, 3_000, 7_000))

    # --- Orders that are over -----------------------------------------------------------------------------------------

    def test_an_order_that_was_cancelled_or_expired_goes_into_the_basket_again(self):
        customer = self.logged_in()
        product = self.shop.new_product(stock=4)
        for end in (customer.cancel, customer.let_expire):
            with self.subTest(end.__name__):
                order = customer.order(product, quantity=2)
                end(order)
                self.page.goto(f"/orders/{order}")
                submit(self.page, f"/orders/{order}/again")
                expect(self.page).to_have_url(is_path("/basket"))
                expect(self.page.locator("main [role=status]").first).to_have_text(self.words["notice_ordered_again"])
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_have_value("4")
        self.page.goto(f"/orders/{order}")
        submit(self.page, f"/orders/{order}/again")
        expect(self.page.locator("main [role=status]").first).to_have_text(self.words["notice_ordered_again_in_part"])
        self.order()

    def test_a_charge_from_a_checkout_says_what_was_charged_and_goes_on(self):
        customer = self.logged_in(balance=5_000)
        order = customer.order(self.shop.new_product(price=12_345))
        path = self.open_payment(order)
        self.page.locator('main a[href^="/balance?"]').first.click()
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(is_path(path))
        self.assert_digits(7_345, self.page.locator("main [role=status]").first.inner_text())
        self.page.reload()
        expect(self.page.locator("main [role=status]")).to_have_count(0)

    def test_nothing_is_charged_for_an_order_whose_time_is_over(self):
        customer = self.logged_in(balance=5_000)
        order = customer.order(self.shop.new_product(price=12_345))
        self.open_payment(order)
        self.page.locator('main a[href^="/balance?"]').first.click()
        customer.let_expire(order)
        submit(self.page, "/balance/charges")
        self.assert_refused(409)
        self.assertEqual(customer.balance(), 5_000)
        # Who wants to charge all the same does.
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(re.compile(r"/balance\?entry="))
        self.assertEqual(customer.balance(), 12_345)
        self.page.goto(f"/balance?amount=1000&next=/orders/{order}/pay")
        expect(self.page.locator("main [role=status]").first).to_have_text(self.words["charge_order_over"])

    def test_that_it_takes_several_charges_is_told_before(self):
        customer = self.logged_in(balance=1_000)
        order = customer.order(self.shop.new_product(price=2_500_000))
        self.open_payment(order)
        self.assert_digits(1_000_000, self.main())
        self.assertIn(self.words["charge_several"].replace("{maximum}", "1,000,000원").replace("{times}", "3"), self.main())
        too_dear = customer.order(self.shop.new_product(price=10_000_001))
        self.open_payment(too_dear)
        self.assert_digits(10_000_000, self.main())

    # --- Whose it is --------------------------------------------------------------------------------------------------

    def test_a_basket_is_there_after_logging_out_and_on_another_device(self):
        customer, product = self.logged_in(), self.shop.products[0]
        self.add(product, quantity=3)
        self.log_out()
        self.page.goto("/basket")
        self.assertFalse(is_offered(self.page, "/orders"))
        for context in (self.context, self.new_visitor()):
            log_in(context, customer)
            page = context.new_page()
            page.goto("/basket")
            expect(page.locator(f'[name="quantity-{product.id}"]')).to_have_value("3")

    def enter(self, customer):
        fill(self.page, "/login", login=customer.login, password=Customer.password)
        submit(self.page, "/login")

    def test_a_visitors_basket_goes_through_the_log_in_with_what_is_on_the_screen(self):
        customer = self.shop.customer()
        one, two = self.shop.new_product(stock=4), self.shop.products[0]
        elsewhere = self.new_visitor()
        log_in(elsewhere, customer)
        page = elsewhere.new_page()
        page.goto(one.path)
        fill(page, "/basket", quantity=3)
        submit(page, "/basket")

        self.fill_basket(one, two)
        expect(self.page.locator("header .count")).to_contain_text("2")
        fill(self.page, "/basket/lines", **{f"quantity-{two.id}": 6})
        submit(self.page, "/orders")
        self.enter(customer)
        expect(self.page).to_have_url(is_path("/basket"))
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_value("4")
        expect(self.page.locator(f'[name="quantity-{two.id}"]')).to_have_value("6")
        self.order()
        self.log_out()
        self.page.goto("/basket")
        self.assertFalse(is_offered(self.page, "/orders"), "it went along, and is nobody else's here")

    def test_a_visitors_basket_goes_through_signing_up(self):
        product = self.shop.products[0]
        self.add(product, quantity=2)
        self.page.locator('header a[href^="/signup"]').first.click()
        fill(self.page, "/signup", login=f"from-a-visit-{self.java_script}", name="둘", password=Customer.password)
        submit(self.page, "/signup")
        self.page.goto("/basket")
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_have_value("2")

    def test_a_visitor_changes_a_basket_in_two_tabs(self):
        one, two = self.shop.products[:2]
        pages = [self.page, self.context.new_page()]
        for page, product in zip(pages, (one, two)):
            page.goto(product.path)
        for page in pages:
            submit(page, "/basket")
            expect(page).to_have_url(is_path("/basket"))
        fill(self.page, "/basket/lines", **{f"quantity-{one.id}": 3})
        submit(self.page, "/basket/lines")
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_value("3")
        with self.page.expect_navigation():
            self.page.locator(f'button[name=remove][value="{one.id}"]').click()
        expect(self.page.locator(f'[name="quantity-{one.id}"]')).to_have_count(0)
        expect(self.page.locator(f'[name="quantity-{two.id}"]')).to_have_value("1")

    def test_what_was_typed_when_the_session_had_ended_is_there_after_the_log_in(self):
        customer, product = self.logged_in(), self.shop.products[0]
        self.fill_basket(product)
        fill(self.page, "/basket/lines", **{f"quantity-{product.id}": 7})
        self.log_out(self.context.new_page())
        submit(self.page, "/orders")
        self.enter(customer)
        expect(self.page).to_have_url(is_path("/basket"))
        expect(self.page.locator(f'[name="quantity-{product.id}"]')).to_have_value("7")
        self.assertEqual(self.order_lines(self.order()), [(product.id, 7)])

    def test_a_form_of_an_old_page_keeps_what_was_typed_and_is_sent_with_another_press(self):
        customer = self.logged_in()
        self.page.goto("/balance")
        fill(self.page, "/balance/charges", amount=7_000)
        self.log_out(self.context.new_page())
        log_in(self.context, customer)
        submit(self.page, "/balance/charges")
        self.assert_refused(403)
        self.assertEqual(customer.entries(), [])
        expect(form(self.page, "/balance/charges").locator("[name=amount]")).to_have_value("7000")
        submit(self.page, "/balance/charges")
        expect(self.page).to_have_url(re.compile(r"/balance\?entry="))
        self.assertEqual(customer.entries(), [7_000])

    # --- Coupons ------------------------------------------------------------------------------------------------------

    def test_a_coupon_is_taken_on_the_first_page_and_used_from_ones_own(self):
        customer = self.logged_in()
        # The first page shows the three that opened first.
        coupon = self.shop.new_coupon(amount=1_000, opens_at="2010-01-01T00:00:00Z")
        worse = customer.take(self.shop.new_coupon(amount=500))
        product = self.shop.new_product(price=10_000)
        self.add(product)
        self.page.goto("/")
        submit(self.page, f"/coupons/{coupon}/take")
        expect(self.page.locator("main [role=status]").first).to_be_visible()
        self.assertEqual(self.shop.value("SELECT remaining FROM coupons WHERE id = ?", coupon), 9)
        self.page.goto("/coupons/mine")
        self.page.locator(f'main a[href="/basket?coupon={worse}"]').click()
        expect(self.page).to_have_url(is_path("/basket"))
        expect(self.page.locator(f"#coupon-{worse}")).to_be_checked()
        self.assert_digits(9_500, self.main())


class BasketsWithJavaScript(Baskets, BrowserTestCase):
    def test_the_sums_follow_at_once(self):
        customer = self.logged_in(balance=30_000)
        small = customer.take(self.shop.new_coupon(amount=500))
        percent = customer.take(self.shop.api("POST", "/admin/coupons", {
            "name": "10%", "discount": {"kind": "percent", "percent": 10, "maximumAmount": 2_500},
            "minimumOrderAmount": 15_000, "quantity": 10, "opensAt": "2020-01-01T00:00:00Z",
            "closesAt": "2099-01-01T00:00:00Z", "validDays": 7}, self.shop.admin.token)["id"])
        product = self.shop.new_product(price=9_990)
        self.fill_basket(product)
        quantity = self.page.locator(f'[name="quantity-{product.id}"]')
        sums = {name: self.page.locator(f"[data-sum={name}]") for name in ("total", "discount", "final", "missing")}
        expect(self.page.locator(f"#coupon-{small}")).to_be_checked()
        for typed, chosen, total, discount in (
                ("2", percent, 19_980, 1_998), ("３", percent, 29_970, 2_500), ("5개", percent, 29_970, 2_500),
                ("4", percent, 39_960, 2_500), ("1", small, 9_990, 500)):
            with self.subTest(typed):
                quantity.fill(typed)
                expect(self.page.locator(f"#coupon-{chosen}")).to_be_checked()
                expect(sums["total"]).to_have_text(f"{total:,}원")
                expect(sums["discount"]).to_have_text(f"{discount:,}원")
                expect(sums["final"]).to_have_text(f"{total - discount:,}원")
                if total - discount > 30_000:
                    expect(sums["missing"]).to_have_text(f"{total - discount - 30_000:,}원")
                expect(sums["missing"]).to_be_visible(visible=total - discount > 30_000)
                expect(self.page.locator("main button[name=charge]")).to_be_visible(visible=total - discount > 30_000)
        quantity.fill("2")
        self.page.locator("#coupon-none").check()
        quantity.fill("3")
        expect(self.page.locator("#coupon-none")).to_be_checked()
        expect(sums["discount"]).to_be_hidden()
        self.assertEqual(self.money(self.order()), (29_970, 0, 29_970))

    def test_the_amount_of_a_payment_follows_the_coupon_and_is_what_is_paid(self):
        customer = self.logged_in(balance=50_000)
        own = customer.take(self.shop.new_coupon(amount=3_000))
        order = customer.order(self.shop.new_product(price=10_000), coupon=own)
        path = self.open_payment(order)
        self.page.locator("#coupon-none").check()
        self.assert_digits(10_000, button(self.page, path).inner_text())
        submit(self.page, path)
        self.assert_receipt(order)
        self.assert_paid_once(customer, order, 10_000)


class BasketsWithoutJavaScript(Baskets, BrowserTestCase):
    java_script = False

    def test_another_coupon_that_is_only_ticked_is_shown_with_its_amount_before_it_is_paid(self):
        customer = self.logged_in(balance=50_000)
        own = customer.take(self.shop.new_coupon(amount=3_000))
        order = customer.order(self.shop.new_product(price=10_000), coupon=own)
        path = self.open_payment(order)
        self.page.locator("#coupon-none").check()
        submit(self.page, path)
        self.assert_refused(409)
        self.assertEqual(customer.balance(), 50_000)
        self.assert_digits(10_000, button(self.page, path).inner_text())
        submit(self.page, path)
        self.assert_receipt(order)
        self.assert_paid_once(customer, order, 10_000)
