"""A coupon that opens soon: everybody waits for the same instant."""
import datetime
import time

from playwright.sync_api import expect

from browsing import BrowserTestCase, button
from support import words

SOON = 5


class Countdown:
    def setUp(self):
        super().setUp()
        self.customer = self.logged_in()
        now = datetime.datetime.now(datetime.timezone.utc)
        self.opens = now + datetime.timedelta(seconds=SOON)
        self.coupon = self.shop.new_coupon(opens_at=self.opens.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z")
        self.path = f"/coupons/{self.coupon}"

    def left(self):
        return (self.opens - datetime.datetime.now(datetime.timezone.utc)).total_seconds()

    @property
    def taking(self):
        return button(self.page, f"{self.path}/take")


class CountdownWithJavaScript(Countdown, BrowserTestCase):
    java_script = True

    def test_it_runs_and_the_coupon_can_be_taken_when_it_is_over_without_a_touch(self):
        page = self.page
        # As many do who wait: the page was loaded again and again.
        for _ in range(5):
            page.goto(self.path)
        clock = page.locator("[data-countdown]").first
        seen = set()
        while self.left() > 1:
            seen.add(clock.inner_text())
            time.sleep(0.2)
        self.assertGreaterEqual(len(seen), 3, seen)
        expect(self.taking).to_be_visible(timeout=(self.left() + 2) * 1000)
        # Not before, and not a second later either: others wait, too.
        self.assertLess(-self.left(), 1)
        self.assertGreater(-self.left(), 0)
        self.taking.click()
        expect(page.locator("main")).to_contain_text(words("ko")["coupon_taken"])


class CountdownWithoutJavaScript(Countdown, BrowserTestCase):
    java_script = False

    def test_it_is_right_without(self):
        page = self.page
        page.goto(self.path)
        expect(page.locator(f'time[datetime^="{self.opens:%Y-%m-%dT%H:%M:%S}"]').first).to_be_visible()
        expect(page.locator("[data-countdown]").first).to_have_text(words("ko")["span_less_than_minute"])
        expect(self.taking).to_have_count(0)
        while self.left() > 0.3:
            page.reload()
            expect(self.taking).to_have_count(0)
            time.sleep(0.1)
        time.sleep(max(0, self.left()) + 0.01)
        page.reload()
        expect(self.taking).to_be_visible()
