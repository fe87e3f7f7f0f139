"""Staff log in with a code of their phone: from the first log-in of a new owner to a lost phone."""
import re
import subprocess

from playwright.sync_api import expect

from browsing import BrowserTestCase, fill, is_path, submit
from support import Customer, Shop, code_of, jangteo


class SecondFactor(BrowserTestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop(JANGTEO_SECOND_FACTOR="required"))

    def log_in(self, login, next="/admin/trace"):
        self.page.goto(f"/login?next={next}")
        fill(self.page, "/login", login=login, password=Customer.password)
        submit(self.page, "/login")

    def log_out(self):
        with self.page.expect_navigation():
            self.page.locator('header form[action="/logout"] button').click()

    def picture(self):
        """What a camera reads off the page."""
        path = self.shop.folder / "qr.png"
        self.page.locator("svg.qr").screenshot(path=path)
        return subprocess.run(
            ["zbarimg", "--quiet", "--raw", path], check=True, capture_output=True, text=True).stdout.strip()

    def set_up(self, login):
        """Sets it up as the page says; the secret and the recovery codes."""
        self.log_in(login)
        expect(self.page).to_have_url(is_path("/account/second-factor"))
        submit(self.page, "/account/second-factor/begin")
        address = self.picture()
        self.assertEqual(address, self.page.locator('main a[href^="otpauth:"]').get_attribute("href"))
        secret = re.search(r"secret=([A-Z2-7]{32})&", address)[1]
        self.assertIn(f":{login}?", address)
        fill(self.page, "/account/second-factor/confirm", code=code_of(secret))
        submit(self.page, "/account/second-factor/confirm")
        return secret, self.page.locator(".codes code").all_inner_texts()

    def test_a_new_owner_sets_it_up_and_logs_in_with_it(self):
        page = self.page
        owner = self.shop.staff("owner", "주인")
        self.log_in(owner.login)
        # Nothing of the staff's side before it is set up.
        page.goto("/admin")
        expect(page).to_have_url(is_path("/account/second-factor"))
        self.log_out()
        secret, codes = self.set_up(owner.login)
        self.assertEqual(len(set(codes)), 10)
        expect(page.locator("[data-print]")).to_be_visible()
        page.locator("main a.button").click()
        expect(page).to_have_url(is_path("/admin/trace"))
        self.log_out()

        self.log_in(owner.login)
        expect(page).to_have_url(is_path("/login/code"))
        expect(page.locator("#field-code")).to_be_focused()
        fill(page, "/login/code", code="12345")
        submit(page, "/login/code")
        self.assert_refused(422, "code")
        # One ahead: that of now was used for the set-up.
        page.locator("#field-code").fill(code_of(secret, 1))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page).to_have_url(is_path("/admin/trace"))
        self.log_out()

        # The phone is lost.
        self.log_in(owner.login)
        page.locator('main a[href*="with=recovery"]').click()
        fill(page, "/login/code", code=codes[7].lower())
        submit(page, "/login/code")
        expect(page).to_have_url(is_path("/admin/trace"))
        expect(page.locator("[role=status]").first).to_contain_text("복구 코드")
        page.goto("/account/second-factor")
        expect(page.locator("main")).to_contain_text("9개 남음")

    def test_without_phone_and_codes_it_is_removed_by_the_shell_and_set_up_anew(self):
        owner = self.shop.staff("owner", "주인")
        owner.set_up_second_factor()
        self.log_in(owner.login)
        expect(self.page).to_have_url(is_path("/login/code"))
        jangteo("users", "remove-factor", owner.login, "--data", self.shop.folder)
        secret, _ = self.set_up(owner.login)
        self.page.goto("/admin/trace")
        expect(self.page.locator("main")).to_contain_text("2단계 인증")
        self.log_out()
        self.log_in(owner.login)
        fill(self.page, "/login/code", code=code_of(secret, 1))
        submit(self.page, "/login/code")
        expect(self.page).to_have_url(is_path("/admin/trace"))

    def test_an_owner_removes_it_for_somebody_else(self):
        owner, kim = self.shop.staff("owner", "주인"), self.shop.staff("manager", "김관리")
        secret, _ = owner.set_up_second_factor()
        kim.set_up_second_factor()
        page = self.page
        self.log_in(owner.login, "/admin/staff")
        fill(page, "/login/code", code=code_of(secret, 1))
        submit(page, "/login/code")
        expect(page).to_have_url(is_path("/admin/staff"))
        page.locator("main").get_by_role("link", name=kim.login).click()
        page.locator('main a[href$="/second-factor/remove"]').click()
        expect(page.locator("main")).to_contain_text(kim.login)
        submit(page, f"/admin/staff/{kim.id}/second-factor/remove")
        expect(page).to_have_url(is_path(f"/admin/staff/{kim.id}"))
        expect(page.locator("[role=status]").first).to_be_visible()
        expect(page.locator('main a[href$="/second-factor/remove"]')).to_have_count(0)
        page.goto(f"/admin/trace?subject=account&subjectId={kim.id}")
        expect(page.locator("main")).to_contain_text(owner.login)
        self.log_out()
        self.set_up(kim.login)

    def test_support_is_not_led_there(self):
        support = self.shop.staff("support", "상담")
        self.log_in(support.login, "/admin")
        expect(self.page).to_have_url(is_path("/admin"))


class SecondFactorWithoutScript(SecondFactor):
    java_script = False

    def test_a_new_owner_sets_it_up_and_logs_in_with_it(self):
        owner = self.shop.staff("owner", "주인")
        secret, codes = self.set_up(owner.login)
        expect(self.page.locator("[data-print]")).to_be_hidden()
        self.page.locator("main a.button").click()
        expect(self.page).to_have_url(is_path("/admin/trace"))
