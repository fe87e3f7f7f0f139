"""A balance is corrected by the staff: alone, or by two of them, whatever they click and however often."""
import threading

from playwright.sync_api import expect

from browsing import BrowserTestCase, button, fill, is_offered, is_path, log_in, submit
from plain import Client
from support import ShopTestCase


class Entries:
    def corrections(self, customer):
        """How the balance was corrected, and why."""
        return self.shop.sql(
            "SELECT balance_entries.amount, reason FROM balance_entries JOIN corrections "
            "ON corrections.user_id = balance_entries.user_id AND entry_id = balance_entries.id "
            "WHERE balance_entries.user_id = ? ORDER BY balance_entries.id", customer.id)


class CorrectionsByClicking(Entries, BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.customer = self.shop.customer(100_000)
        self.asker = self.colleague()

    def colleague(self):
        """A page of one more of the staff, in a browser of their own."""
        context = self.new_visitor()
        log_in(context, self.shop.staff("manager", "관리 담당"))
        return context.new_page()

    def look(self, page, amount, explanation, take=False):
        """Finds the customer, fills in the form, and sees what it would do."""
        page.goto("/admin/customers")
        search = page.locator("main form[role=search]")
        search.locator("[name=q]").fill(self.customer.login)
        with page.expect_navigation():
            search.locator("button").click()
        page.locator(f"#customer-{self.customer.id} a").click()
        path = f"/admin/customers/{self.customer.id}/correct"
        page.locator(f"main a[href='{path}']").click()
        expect(page).to_have_url(is_path(path))
        if take:
            page.locator("[name=direction][value=take]").check()
        fill(page, path, amount=amount, explanation=explanation)
        submit(page, path)

    def ask(self, amount, explanation):
        """Asks for one that needs a second person; the path of its page."""
        self.look(self.asker, amount, explanation)
        self.asker.locator("main button[name=step][value=correct]").click()
        expect(self.asker).to_have_url(is_path("/admin/corrections"))
        row = self.asker.locator("main tr", has_text=self.customer.login)
        return row.locator("a[href^='/admin/corrections/']").get_attribute("href")

    def test_a_small_one_is_looked_at_changed_and_made_once(self):
        page = self.asker
        self.look(page, "30,000", "두 번 충전된 금액", take=True)
        self.assertIn(self.money(70_000), self.main(page))
        # What was typed is still there.
        with page.expect_navigation():
            page.locator("main button[name=step][value=edit]").click()
        expect(page.locator("[name=direction][value=take]")).to_be_checked()
        expect(page.locator("[name=explanation]")).to_have_value("두 번 충전된 금액")
        path = f"/admin/customers/{self.customer.id}/correct"
        fill(page, path, amount="3000")
        submit(page, path)
        page.locator("main button[name=step][value=correct]").dblclick(no_wait_after=True)
        expect(page).to_have_url(is_path(f"/admin/customers/{self.customer.id}"))
        expect(page.locator("[role=status]").first).to_be_visible()
        self.assertEqual(self.customer.balance(), 97_000)
        self.assertEqual(self.corrections(self.customer), [(-3_000, "두 번 충전된 금액")])
        # The customer reads why.
        log_in(self.context, self.customer)
        self.page.goto("/balance")
        self.assertIn("두 번 충전된 금액", self.main())

    def test_a_large_one_waits_for_somebody_else_who_confirms_it_once(self):
        path = self.ask("250,000", "이벤트 당첨금")
        self.assertEqual(self.customer.balance(), 100_000)
        self.asker.goto(path)
        self.assertFalse(is_offered(self.asker, f"{path}/confirm"))
        # Two others look at it. One of them clicks twice, the other one later.
        first, second = self.colleague(), self.colleague()
        for page in first, second:
            page.goto("/admin/corrections")
            page.locator(f"main a[href='{path}']").click()
            expect(page).to_have_url(is_path(path))
            self.assertIn(self.money(350_000), self.main(page))
        button(first, f"{path}/confirm").dblclick(no_wait_after=True)
        expect(first).to_have_url(is_path(f"/admin/customers/{self.customer.id}"))
        submit(second, f"{path}/confirm")
        self.assert_refused(409, page=second)
        self.assertFalse(is_offered(second, f"{path}/confirm"))
        self.assertEqual(self.customer.balance(), 350_000)
        self.assertEqual(self.corrections(self.customer), [(250_000, "이벤트 당첨금")])

    def test_whoever_asked_takes_it_back_and_nothing_moves(self):
        path = self.ask("250,000", "잘못 누름")
        other = self.colleague()
        other.goto(path)
        self.asker.goto(path)
        submit(self.asker, f"{path}/refuse")
        expect(self.asker).to_have_url(is_path("/admin/corrections"))
        submit(other, f"{path}/confirm")
        self.assert_refused(409, page=other)
        self.assertEqual((self.customer.balance(), self.corrections(self.customer)), (100_000, []))

    @staticmethod
    def money(amount):
        return f"{amount:,}원"


class CorrectionsAtOnce(Entries, ShopTestCase):
    AT_ONCE = 6

    def test_many_people_who_confirm_it_at_once_move_the_balance_once(self):
        customer = self.shop.customer(100_000)
        asker, *others = [self.shop.staff("manager", "관리 담당") for _ in range(self.AT_ONCE + 1)]
        asked = asker.api("POST", f"/admin/customers/{customer.id}/corrections", {
            "amount": 250_000, "reason": "이벤트 당첨금"})
        page = f"/admin/corrections/{asked['id']}"
        path = f"{page}/confirm"
        clients = [Client(self.shop).log_in(other) for other in others]
        forms = [(client, client.form(page, path)) for client in clients]
        answers = []
        threads = [threading.Thread(target=lambda c=client, f=fields: answers.append(c.post(path, f)))
                   for client, fields in forms]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answer.status for answer in answers), [303] + [409] * (self.AT_ONCE - 1))
        self.assertEqual(customer.balance(), 350_000)
        self.assertEqual(self.corrections(customer), [(250_000, "이벤트 당첨금")])
        self.assertEqual(self.shop.value(
            "SELECT count(*) FROM trace WHERE action = 'correction-confirmed' AND subject_id = ?", customer.id), 1)
