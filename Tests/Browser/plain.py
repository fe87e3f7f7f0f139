"""A browser without a screen: plain HTTP with cookies, for what no real browser would send."""
import contextlib
import dataclasses
import html.parser
import http.client
import http.cookies
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


class Markup(html.parser.HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.forms, self.title, self.text = [], [], "", ""
        self.inside = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        self.inside.append(tag)
        if tag == "form":
            self.forms.append((attributes, {}))
        if tag == "button" and self.forms and attributes.get("formaction"):
            # The same fields, sent elsewhere.
            form, fields = self.forms[-1]
            self.forms.append(({**form, "action": attributes["formaction"]}, fields))
        if tag == "input" and self.forms and attributes.get("name"):
            is_left_out = attributes.get("type") in ("radio", "checkbox") and "checked" not in attributes
            if not is_left_out:
                self.forms[-1][1][attributes["name"]] = attributes.get("value") or ""

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if "title" in self.inside and "svg" not in self.inside:
            self.title += data
        elif not {"script", "style"} & set(self.inside):
            self.text += data

    def attributes(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@dataclasses.dataclass
class Answer:
    status: int
    fields: list
    content: bytes

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def field(self, name):
        return next(iter(self.all(name)), None)

    @property
    def text(self):
        return self.content.decode()

    @property
    def markup(self):
        return Markup(self.text)

    @property
    def cookies(self):
        """Those that it sets, each with its attributes."""
        found = {}
        for field in self.all("set-cookie"):
            jar = http.cookies.SimpleCookie()
            jar.load(field)
            found.update(jar)
        return found


class Client:
    def __init__(self, shop, language="ko"):
        self.shop, self.language = shop, language
        self.jar = {}

    def send(self, method, target, body=None, fields=None):
        """One request; follows nothing."""
        fields = {"Accept": "text/html", "Accept-Language": self.language, **(fields or {})}
        if self.jar:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        fields = {name: value for name, value in fields.items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, target, body, fields)
            got = connection.getresponse()
            answer = Answer(got.status, got.getheaders(), got.read())
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.jar.pop(name, None)
            else:
                self.jar[name] = morsel.value
        return answer

    def get(self, target, **fields):
        return self.send("GET", target, fields=fields)

    def post(self, target, form, fields=None):
        """Sends a form as the browsers of today do, or with other fields in the head of the request."""
        return self.send("POST", target, urlencode(form).encode(), {
            "Content-Type": FORM, "Origin": self.shop.url, "Sec-Fetch-Site": "same-origin", **(fields or {})})

    def form(self, page, action):
        """The fields of the form that goes there, as the page has filled them in."""
        answer = self.get(page)
        for attributes, fields in answer.markup.forms:
            if attributes.get("action") == action and attributes.get("method", "").lower() == "post":
                return dict(fields)
        raise AssertionError(f"{page} ({answer.status}) has no form for {action}")

    def submit(self, page, action, **values):
        return self.post(action, self.form(page, action) | values)

    def log_in(self, customer):
        answer = self.submit("/login", "/login", login=customer.login, password=customer.password)
        if answer.status != 303:
            raise AssertionError(f"the log-in was answered with {answer.status}")
        return self
