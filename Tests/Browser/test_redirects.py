"""Addresses of the shop that somebody made to lead elsewhere."""
import urllib.parse

from browsing import BrowserTestCase
from plain import Client
from support import Customer

# What a browser may take for an address elsewhere.
ELSEWHERE = (
    "//evil.example", "https://evil.example", "http:evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "///evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example",
    "\t//evil.example", " //evil.example", "/\x00/evil.example", "\x00//evil.example", "%2f%2fevil.example",
    "%2F%2Fevil.example", "/%09/evil.example", "/%5cevil.example", "/.//evil.example", "/..//evil.example",
    "/;@evil.example", "@evil.example", ".evil.example", ":80@evil.example", "javascript:alert(1)",
    "data:text/html,x", "/\u2028/evil.example", "／／evil.example", "/\u00a0/evil.example", "/\r\nSet-Cookie: evil=1",
    "/x\nLocation: https://evil.example", "//127.0.0.1@evil.example", "https:/\\evil.example", "/" + "x" * 3_000, "",
)


class Redirects(BrowserTestCase):
    """Nobody is led away from the shop by an address of the shop."""

    def assert_stays(self, answer, base):
        self.assertEqual(answer.status, 303)
        [location] = answer.all("location")
        # By the browser's own rules, which are wider than those of any library.
        origin = self.page.evaluate("([to, base]) => new URL(to, base).origin", [location, self.shop.url + base])
        self.assertEqual(origin, self.shop.url)
        self.assertNotIn("evil", answer.cookies)

    def test_after_a_log_in(self):
        customer = self.shop.customer()
        for there in ELSEWHERE:
            with self.subTest(there):
                client = Client(self.shop)
                fields = client.form("/login?next=" + urllib.parse.quote(there), "/login")
                values = {"login": customer.login, "password": customer.password}
                self.assert_stays(client.post("/login", fields | values), "/login")
                # And who is logged in already.
                self.assert_stays(client.get("/login?next=" + urllib.parse.quote(there)), "/login")
                # What is not taken from the address may still be sent.
                client = Client(self.shop)
                fields = client.form("/login", "/login")
                self.assert_stays(client.post("/login", fields | values | {"next": there}), "/login")

    def test_after_signing_up(self):
        for number, there in enumerate(ELSEWHERE):
            with self.subTest(there):
                client = Client(self.shop)
                values = {"login": f"led-{number}", "name": "x", "password": Customer.password, "next": there}
                self.assert_stays(client.submit("/signup", "/signup", **values), "/signup")

    def test_after_choosing_a_language(self):
        for there in ELSEWHERE:
            with self.subTest(there):
                answer = Client(self.shop).get("/language/en?next=" + urllib.parse.quote(there))
                self.assert_stays(answer, "/language/en")

    def test_after_a_charge(self):
        client = Client(self.shop).log_in(self.shop.customer())
        for there in ELSEWHERE:
            with self.subTest(there):
                answer = client.submit("/balance", "/balance/charges", amount="1000", next=there)
                self.assert_stays(answer, "/balance/charges")

    def test_after_a_session_has_ended_whatever_page_the_form_came_from(self):
        for referer in ("http://evil.example/", f"http://evil.example/?://127.0.0.1:{self.shop.port}/",
                        f"http://127.0.0.1:{self.shop.port}//evil.example", f"{self.shop.url}/\\evil.example"):
            with self.subTest(referer):
                client = Client(self.shop).log_in(self.shop.customer())
                fields = client.form("/balance", "/balance/charges") | {"amount": "1000"}
                token = client.jar.copy()
                client.submit("/account", "/logout")
                client.jar = token
                answer = client.post("/balance/charges", fields, {"Referer": referer})
                self.assert_stays(answer, "/balance/charges")
                [location] = answer.all("location")
                there = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query).get("next", ["/"])[0]
                host = self.page.evaluate("([to, base]) => new URL(to, base).origin", [there, self.shop.url])
                self.assertEqual(host, self.shop.url)

    def test_the_links_of_a_page_lead_nowhere_else(self):
        client = Client(self.shop)
        for there in ELSEWHERE:
            with self.subTest(there):
                quoted = urllib.parse.quote(there)
                for path in (f"/login?next={quoted}", f"/signup?next={quoted}", f"//evil.example/{quoted}"):
                    hrefs = [link["href"] for link in client.get(path).markup.attributes("a")]
                    self.assertTrue(hrefs)
                    origins = self.page.evaluate(
                        "([hrefs, base]) => hrefs.map(href => new URL(href, base).origin)",
                        [hrefs, self.shop.url + path])
                    self.assertEqual(set(origins), {self.shop.url})
