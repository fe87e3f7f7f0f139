"""Paid once and no more, whatever fingers, browsers and other tabs do in between."""
import re
import threading

from playwright.sync_api import expect

from browsing import BrowserTestCase, button, fill, is_offered, is_path, log_in, submit
from plain import Client


class Paying:
    def setUp(self):
        super().setUp()
        self.customer = self.logged_in(balance=100_000)
        self.product = self.shop.new_product(price=12_000, stock=50)

    def stock(self):
        return self.shop.value("SELECT stock FROM products WHERE id = ?", self.product.id)

    def test_a_double_click_pays_once(self):
        order = self.customer.order(self.product)
        button(self.page, self.open_payment(order)).dblclick(no_wait_after=True)
        self.assert_receipt(order)
        self.assert_paid_once(self.customer, order, 12_000)
        self.assertEqual(self.stock(), 49)

    def test_a_double_click_orders_once(self):
        self.fill_basket(self.product)
        button(self.page, "/orders").dblclick(no_wait_after=True)
        expect(self.page).to_have_url(re.compile(r"/orders/\d+/pay$"))
        [order] = self.customer.orders()
        expect(self.page).to_have_url(is_path(f"/orders/{order}/pay"))

    def test_a_double_click_charges_once(self):
        self.page.goto("/balance")
        fill(self.page, "/balance/charges", amount=7_000)
        button(self.page, "/balance/charges").dblclick(no_wait_after=True)
        expect(self.page).to_have_url(is_path("/balance"))
        expect(self.page.locator("[role=status]").first).to_be_visible()
        self.assertEqual(self.customer.entries(), [100_000, 7_000])

    def test_a_double_click_puts_it_into_the_basket_once(self):
        self.page.goto(self.product.path)
        button(self.page, "/basket").dblclick(no_wait_after=True)
        self.page.wait_for_url(lambda url: not url.endswith(self.product.path))
        self.page.goto("/basket")
        expect(self.page.locator(f'[name="quantity-{self.product.id}"]')).to_have_value("1")

    def test_going_back_and_paying_again_pays_nothing_more(self):
        order = self.customer.order(self.product)
        path = self.open_payment(order)
        submit(self.page, path)
        self.assert_receipt(order)
        self.page.go_back()
        if is_offered(self.page, path):
            submit(self.page, path)
            self.assert_receipt(order)
        self.assert_paid_once(self.customer, order, 12_000)

    def test_reloading_the_receipt_posts_nothing(self):
        order = self.customer.order(self.product)
        submit(self.page, self.open_payment(order))
        self.assert_receipt(order)
        methods = []
        self.page.on("request", lambda request: methods.append(request.method))
        self.page.reload()
        self.assert_receipt(order)
        self.assertEqual(set(methods), {"GET"})
        self.assert_paid_once(self.customer, order, 12_000)

    def test_the_second_of_two_tabs_pays_nothing_and_shows_that_it_is_paid(self):
        order = self.customer.order(self.product)
        path = self.open_payment(order)
        other = self.context.new_page()
        self.open_payment(order, other)
        submit(self.page, path)
        self.assert_receipt(order)
        submit(other, path)
        self.assertIn(self.status(other), (200, 409))
        self.assertFalse(is_offered(other, path))
        if self.status(other) == 409:
            self.assert_refused(409, page=other)
            expect(other.locator("main h1")).to_contain_text(str(order))
        self.assert_paid_once(self.customer, order, 12_000)

    def test_a_basket_in_two_tabs_is_ordered_once(self):
        self.fill_basket(self.product)
        other = self.context.new_page()
        other.goto("/basket")
        self.order()
        submit(other, "/orders")
        self.assertEqual(len(self.customer.orders()), 1)
        self.assertEqual(self.status(other), 409)

    def test_what_another_tab_has_put_into_the_basket_is_looked_at_before_it_is_ordered(self):
        self.fill_basket(self.product)
        other, more = self.context.new_page(), self.shop.products[0]
        other.goto(more.path)
        submit(other, "/basket")
        submit(self.page, "/orders")
        self.assert_refused(409)
        self.assertEqual(self.customer.orders(), {})
        for product in (self.product, more):
            expect(self.page.locator("main")).to_contain_text(product.name)
        self.assert_digits(self.product.price + more.price, self.main())
        order = self.order()
        self.assertEqual(self.shop.value("SELECT count(*) FROM order_lines WHERE order_id = ?", order), 2)

    def test_a_session_that_was_ended_in_another_tab_leads_to_the_log_in_and_back(self):
        order = self.customer.order(self.product)
        path = self.open_payment(order)
        other = self.context.new_page()
        other.goto("/account")
        other.locator('form[action="/logout"] button').last.click()
        expect(other).to_have_url(is_path("/"))
        submit(self.page, path)
        self.assertEqual(self.customer.orders(), {order: "pending"})
        fill(self.page, "/login", login=self.customer.login, password=self.customer.password)
        submit(self.page, "/login")
        expect(self.page).to_have_url(is_path(path))
        submit(self.page, path)
        self.assert_receipt(order)
        self.assert_paid_once(self.customer, order, 12_000)

    def test_a_page_from_before_another_log_in_of_the_same_customer_is_refused_or_pays_once(self):
        order = self.customer.order(self.product)
        path = self.open_payment(order)
        other = self.context.new_page()
        other.goto("/account")
        other.locator('form[action="/logout"] button').last.click()
        expect(other).to_have_url(is_path("/"))
        log_in(self.context, self.customer)
        submit(self.page, path)
        self.assertEqual(self.status(self.page), 403)
        self.assertEqual(self.customer.orders(), {order: "pending"})
        # What to do is on the page: the order, as it is for who is logged in now.
        submit(self.page, self.open_payment(order))
        self.assert_paid_once(self.customer, order, 12_000)

    def test_a_page_of_the_customer_before_moves_nothing_of_the_next_one(self):
        self.page.goto("/balance")
        fill(self.page, "/balance/charges", amount=7_000)
        other, next_customer = self.context.new_page(), self.shop.customer()
        other.goto("/account")
        other.locator('form[action="/logout"] button').last.click()
        expect(other).to_have_url(is_path("/"))
        log_in(self.context, next_customer)
        submit(self.page, "/balance/charges")
        self.assertEqual(self.status(self.page), 403)
        self.assertEqual((next_customer.entries(), self.customer.entries()), ([], [100_000]))


class PayingWithJavaScript(Paying, BrowserTestCase):
    pass


class PayingWithoutJavaScript(Paying, BrowserTestCase):
    java_script = False


class Races(BrowserTestCase):
    """The same form many times at once, as no browser sends it."""
    AT_ONCE = 8

    def race(self, clients_fields, path):
        answers = []
        # Each with a connection of its own, behind the same cookies.
        threads = [threading.Thread(target=lambda c=client, f=fields: answers.append(c.post(path, f)))
                   for client, fields in clients_fields]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def setUp(self):
        self.customer = self.shop.customer(100_000)
        self.client = Client(self.shop).log_in(self.customer)
        self.order = self.customer.order(self.shop.new_product(price=12_000))
        self.path = f"/orders/{self.order}/pay"

    def test_one_form_sent_many_times_pays_once_and_is_answered_with_the_receipt_each_time(self):
        fields = self.client.form(self.path, self.path)
        answers = self.race([(self.client, fields)] * self.AT_ONCE, self.path)
        self.assertEqual({answer.status for answer in answers}, {303})
        self.assertEqual(len({answer.field("location") for answer in answers}), 1)
        self.assert_paid_once(self.customer, self.order, 12_000)

    def test_many_forms_sent_at_once_pay_once(self):
        forms = [(self.client, self.client.form(self.path, self.path)) for _ in range(self.AT_ONCE)]
        self.assertEqual(len({fields["key"] for _, fields in forms}), self.AT_ONCE)
        answers = self.race(forms, self.path)
        self.assertEqual([answer.status for answer in answers if answer.status == 303][:1], [303])
        self.assertLessEqual({answer.status for answer in answers}, {303, 409})
        self.assert_paid_once(self.customer, self.order, 12_000)

    def test_one_coupon_asked_for_many_times_is_taken_once(self):
        coupon = self.shop.new_coupon()
        page, path = f"/coupons/{coupon}", f"/coupons/{coupon}/take"
        forms = [(self.client, self.client.form(page, path)) for _ in range(self.AT_ONCE)]
        self.race(forms, path)
        self.assertEqual(self.shop.value("SELECT remaining FROM coupons WHERE id = ?", coupon), 9)
