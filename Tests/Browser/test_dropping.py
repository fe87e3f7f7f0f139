"""
Files that are dropped on their field, as from the desk beside the browser: by the browser's own drag and drop, which asks the page
where it takes them.
"""
from PIL import Image
from playwright.sync_api import expect

from browsing import BrowserTestCase, fill, is_path, log_in, submit
import photos  # noqa: E402, found where support looks


class Dropping(BrowserTestCase):
    WORDS = "상자에 담긴 사과"

    def setUp(self):
        super().setUp()
        log_in(self.context, self.shop.admin)
        self.product = self.shop.new_product("사과 5kg", 10_000)
        self.path = f"/admin/products/{self.product.id}/pictures"
        self.field = self.page.locator("main [data-drop]")
        self.told = self.field.get_by_role("alert")

    def jpeg(self, name="apples.jpg"):
        path = self.shop.folder / name
        Image.linear_gradient("L").resize((1_200, 900)).convert("RGB").save(path)
        return path

    def file(self, name, content):
        path = self.shop.folder / name
        path.write_bytes(content)
        return path

    def drop(self, place, *files):
        """Drags the files there and lets go."""
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        hand = self.context.new_cdp_session(self.page)
        for kind in ("dragEnter", "dragOver", "drop"):
            hand.send("Input.dispatchDragEvent", {"type": kind, **middle, "data": data})
        hand.detach()

    def chosen(self):
        """The names of the files that would be sent."""
        return self.field.locator("input[type=file]").evaluate("input => [...input.files].map((file) => file.name)")

    def pictures(self):
        """The words of the product's pictures."""
        return [text for [text] in self.shop.sql(
            "SELECT text FROM product_pictures WHERE product_id = ? ORDER BY position", self.product.id)]

    def test_a_photo_becomes_a_picture(self):
        self.page.goto(self.path)
        self.drop(self.field, self.jpeg())
        self.assertEqual(self.chosen(), ["apples.jpg"])
        expect(self.told).to_be_hidden()
        fill(self.page, self.path, text=self.WORDS)
        submit(self.page, self.path)
        expect(self.page).to_have_url(is_path(self.path))
        self.assertEqual(self.pictures(), [self.WORDS])
        picture = self.page.locator("main").get_by_alt_text(self.WORDS).first
        expect(picture).to_be_visible()
        expect(picture).not_to_have_js_property("naturalWidth", 0)

    def test_without_words_it_is_not_taken_and_has_to_be_chosen_again(self):
        self.page.goto(self.path)
        self.drop(self.field, self.jpeg())
        submit(self.page, self.path)
        self.assertEqual((self.status(self.page), self.pictures()), (422, []))
        expect(self.page.locator("#error-text")).to_be_visible()
        expect(self.page.locator("#lost-file")).to_have_text(self.words["file_lost"])
        self.drop(self.field, self.jpeg())
        fill(self.page, self.path, text=self.WORDS)
        submit(self.page, self.path)
        self.assertEqual(self.pictures(), [self.WORDS])

    def test_of_several_none_is_taken_and_it_says_so(self):
        self.page.goto(self.path)
        self.drop(self.field, self.jpeg("1.jpg"), self.jpeg("2.jpg"))
        expect(self.told).to_have_text(self.words["file_several"])
        self.assertEqual(self.chosen(), [])
        # What was chosen before stays, and one by one they are taken.
        self.drop(self.field, self.jpeg("3.jpg"))
        expect(self.told).to_be_hidden()
        self.drop(self.field, self.jpeg("1.jpg"), self.jpeg("2.jpg"))
        expect(self.told).to_be_visible()
        self.assertEqual(self.chosen(), ["3.jpg"])
        fill(self.page, self.path, text=self.WORDS)
        submit(self.page, self.path)
        self.assertEqual(self.pictures(), [self.WORDS])

    def test_what_is_no_picture_is_refused_at_the_field_with_what_was_typed(self):
        self.page.goto(self.path)
        self.drop(self.field, self.file("photo.jpg", photos.HTML))
        fill(self.page, self.path, text=self.WORDS)
        submit(self.page, self.path)
        self.assertEqual((self.status(self.page), self.pictures()), (422, []))
        expect(self.page.locator("#error-file")).to_contain_text(self.words["refused_picture_unknown"])
        expect(self.page.locator("main form [name=text]").last).to_have_value(self.WORDS)

    def test_one_that_is_too_large_is_told_before_it_is_sent(self):
        self.page.goto(self.path)
        self.drop(self.field, self.file("large.jpg", bytes(10 * 1024 * 1024 + 1)))
        expect(self.told).to_have_text(self.words["picture_too_large"])
        fill(self.page, self.path, text=self.WORDS)
        self.page.locator("main .picture-add button").click()
        expect(self.field.locator("input[type=file]")).to_be_focused()
        expect(self.told).to_be_visible()
        # Instead of it another one.
        self.drop(self.field, self.jpeg())
        expect(self.told).to_be_hidden()
        submit(self.page, self.path)
        self.assertEqual(self.pictures(), [self.WORDS])

    def test_beside_the_field_the_page_stays(self):
        self.page.goto(self.path)
        # A browser with a window would leave the page for the file, and what was typed with it, unless it is told not to.
        left_to_the_browser = """(place) => {
            const data = new DataTransfer();
            data.items.add(new File(["jpeg"], "apples.jpg", { type: "image/jpeg" }));
            return ["dragover", "drop"].filter((kind) => place.dispatchEvent(
                new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data })));
        }"""
        for place in ("h1", ".picture-add [name=text]", "[data-drop]"):
            self.assertEqual(self.page.locator(f"main {place}").evaluate(left_to_the_browser), [], place)
        self.drop(self.page.locator("main h1"), self.jpeg())
        expect(self.page).to_have_url(is_path(self.path))

    def test_a_product_gets_its_first_one(self):
        self.page.goto("/admin/products/new")
        self.drop(self.field, self.jpeg())
        fill(self.page, "/admin/products", name="배 5kg", price=20_000, stock=3, text="배 다섯 개")
        submit(self.page, "/admin/products")
        self.assertEqual(self.shop.sql("SELECT text FROM product_pictures JOIN products ON id = product_id WHERE name = '배 5kg'"),
                         [("배 다섯 개",)])

    def test_a_file_of_products_is_checked(self):
        path = "/admin/products/import"
        self.page.goto(path)
        self.drop(self.field, self.file("상품.csv", "sku,name,price\nD-1,감,1000\n".encode()))
        self.assertEqual(self.chosen(), ["상품.csv"])
        submit(self.page, path)
        expect(self.page.locator("main")).to_contain_text("D-1")
