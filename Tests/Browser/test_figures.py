"""The bars of figures: what each stands for, by pointer, by keys and without JavaScript."""
from playwright.sync_api import expect

from browsing import BrowserTestCase, log_in


class Figures:
    def setUp(self):
        super().setUp()
        customer, product = self.shop.customer(50_000), self.shop.new_product(price=7_000)
        customer.pay(customer.order(product, quantity=3))
        log_in(self.context, self.shop.admin)
        self.page.goto("/admin")
        self.bars = self.page.locator("figure.bars").first

    def test_each_number_stands_in_the_table_too(self):
        figure = self.page.locator("figure.bars").last
        figure.locator("summary").click()
        rows = figure.locator("tbody tr")
        self.assertEqual(rows.count(), 28)
        revenue = self.page.locator("li", has_text=self.words["figure_revenue"]).locator(".tile-number").first
        self.assertGreaterEqual(int("".join(filter(str.isdigit, revenue.inner_text()))), 21_000)
        expect(rows.last.locator("td").nth(3)).to_have_text(revenue.inner_text())


class FiguresWithJavaScript(Figures, BrowserTestCase):
    def value(self):
        return self.bars.locator(".bars-value").inner_text()

    def test_the_arrow_keys_go_from_bar_to_bar(self):
        slider = self.bars.get_by_role("slider")
        slider.focus()
        keys, values = ["Home", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight"], []
        for key in keys:
            slider.press(key)
            values.append(self.value()[:5])
            self.assertEqual(slider.get_attribute("aria-valuetext"), self.value())
        self.assertEqual(values, ["00:00", "01:00", "02:00", "01:00", "23:00", "23:00"])

    def test_the_first_arrow_to_the_left_begins_at_the_end(self):
        self.bars.get_by_role("slider").press("ArrowLeft")
        self.assertTrue(self.value().startswith("23:00"), self.value())

    def test_the_pointer_shows_the_bar_below_it(self):
        box = self.bars.locator(".bars-plot svg").bounding_box()
        for hour in (0, 9, 23):
            self.page.mouse.move(box["x"] + box["width"] * (hour + .5) / 24, box["y"] + 5)
            self.assertTrue(self.value().startswith(f"{hour:02}:00"), self.value())
        expect(self.bars.locator(".is-shown")).to_have_count(1)


class FiguresWithoutJavaScript(Figures, BrowserTestCase):
    java_script = False

    def test_each_bar_has_its_text(self):
        texts = self.bars.locator("title").all_text_contents()
        self.assertEqual([text[:5] for text in texts], [f"{hour:02}:00" for hour in range(24)])
        expect(self.bars.get_by_role("img")).to_have_count(1)
