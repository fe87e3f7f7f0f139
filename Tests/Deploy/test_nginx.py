"""nginx.conf: what nginx answers by itself, what it logs, and what it tells the responder."""
import json
import re
import subprocess

from support import Nginx, ParameterCatcher, REPOSITORY, TestCase, until

# What a client can do wrong, or the shop, that nginx answers: the request, and the problem.
REFUSALS = {
    "malformed_request": (400, b"GET /api/v1/products HTTP/1.1\r\n"),
    "method_not_allowed": (405, b"TRACE /api/v1/products HTTP/1.1\r\nHost: shop\r\n"),
    "payload_too_large": (413, b"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 1048577\r\n"),
    "uri_too_long": (414, b"GET /api/v1/products?q=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: shop\r\n"),
    "unavailable": (503, b"GET /api/v1/products HTTP/1.1\r\nHost: shop\r\n"),
}

# The same where people look: the status, and the request.
PAGES = {
    "not_found": (404, b"GET /static/nothing HTTP/1.1\r\nHost: shop\r\n"),
    "method_not_allowed": (405, b"TRACE / HTTP/1.1\r\nHost: shop\r\n"),
    "payload_too_large": (413, b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 1048577\r\n"),
    "uri_too_long": (414, b"GET /products?q=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: shop\r\n"),
    "malformed_request": (400, b"GET /% HTTP/1.1\r\nHost: shop\r\n"),
    "unavailable": (503, b"GET / HTTP/1.1\r\nHost: shop\r\n"),
}
# Refused before the language has been read.
TOO_EARLY = {"malformed_request", "uri_too_long"}
# nginx has to know its words when the shop is away; they are those of the shop.
WORDS = {language: json.loads((REPOSITORY / f"Sources/ShopWeb/Storefront/words/{language}.json").read_text())
         for language in ("ko", "en")}


class Configuration(TestCase):
    def test_nginx_accepts_it_without_a_word(self):
        checked = Nginx(self.folder).check()
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_it_is_whole_as_it_stands(self):
        nginx = Nginx(self.folder, edit=lambda _: (REPOSITORY / "nginx.conf").read_text())
        checked = nginx.check()
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_both_linters_find_nothing(self):
        # Kept connections are few on purpose: nginx.conf says why.
        for linter, more in (("gixy", []), ("gixy-ng", ["--skips", "low_keepalive_requests"])):
            program = REPOSITORY / ".build" / linter / "bin" / "gixy"
            self.assertTrue(program.exists(), f"{program} is missing: deploy/test installs it")
            found = subprocess.run([program, *more, "nginx.conf"], cwd=REPOSITORY, capture_output=True, text=True)
            self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
            self.assertIn("No issues found", found.stdout)

    def test_filling_in_changes_those_lines_and_no_other(self):
        Nginx(self.folder)
        whole = (REPOSITORY / "nginx.conf").read_text().splitlines()
        filled = (self.folder / "nginx.conf").read_text().splitlines()
        changed = [line.split()[0] for line, other in zip(whole, filled) if line != other]
        self.assertEqual((len(whole), changed), (len(filled), ["server", "listen", "root", "root"]))


class Problems(TestCase):
    def setUp(self):
        super().setUp()
        self.nginx = self.enterContext(Nginx(self.folder))

    def refused(self, code, language):
        status, request = REFUSALS[code]
        answer = self.nginx.ask_raw(request + b"Accept-Language: %s\r\nConnection: close\r\n\r\n" % language.encode())
        self.assertEqual(answer[0], status, answer)
        return answer

    def test_every_refusal_is_a_problem(self):
        for code, (status, _) in REFUSALS.items():
            with self.subTest(code):
                _, fields, body = self.refused(code, "ko")
                self.assertEqual(fields["content-type"], "application/problem+json")
                self.assertEqual(fields["content-language"], "ko")
                self.assertEqual(fields["x-content-type-options"], "nosniff")
                self.assertRegex(fields["x-request-id"], "^[0-9a-f]{32}$")
                problem = json.loads(body)
                self.assertEqual(problem, {"type": f"/problems/{code}", "title": WORDS["ko"][f"refused_{code}"],
                                           "status": status, "code": code})

    def test_english_is_answered_to_those_who_ask_for_it(self):
        # An address that does not fit is refused before the language has been read.
        for code in REFUSALS.keys() - {"uri_too_long"}:
            with self.subTest(code):
                _, fields, body = self.refused(code, "en-GB, en;q=0.9")
                self.assertEqual(fields["content-language"], "en")
                self.assertEqual(json.loads(body)["title"], WORDS["en"][f"refused_{code}"])

    def test_the_language_that_is_named_first_is_answered(self):
        for language, named in (
                ("en", ("EN", "fr,en;q=0.8", "en-US,en,ko;q=0.5", "fr, de-AT ;q=0.9 , en-GB", "kok,en")),
                ("ko", ("ko,en", "ko-KR, en;q=0.9", "fr, KO;q=0.8, en", "fr,  ko,en"))):
            for field in named:
                with self.subTest(field):
                    _, fields, _ = self.refused("unavailable", field)
                    self.assertEqual(fields["content-language"], language)

    def test_korean_is_answered_when_no_language_fits(self):
        for field in ("fr", "", "*", "enm", "fr-en, x-en", "," * 4_000):
            with self.subTest(field[:20]):
                _, fields, _ = self.refused("unavailable", field)
                self.assertEqual(fields["content-language"], "ko")

    def test_a_request_line_that_is_none_is_a_problem(self):
        status, fields, body = self.nginx.ask_raw(b"not HTTP\r\n\r\n")
        self.assertEqual((status, fields["content-type"]), (400, "application/problem+json"))
        self.assertEqual(json.loads(body)["code"], "malformed_request")

    def test_what_nginx_cannot_read_is_malformed(self):
        for fault in (b" HTTP/1.1\r\nHost: shop\r\nX-Long: " + b"x" * 9_000, b" HTTP/1.1\r\nHost: a b",
                      b" HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: gzip", b" HTTP/3.0\r\nHost: shop",
                      b"\0 HTTP/1.1\r\nHost: shop"):
            with self.subTest(fault[:40]):
                status, fields, body = self.nginx.ask_raw(b"GET /api/v1/products" + fault + b"\r\n\r\n")
                self.assertEqual((status, fields["content-type"]), (400, "application/problem+json"))
                self.assertEqual((json.loads(body)["code"], json.loads(body)["status"]), ("malformed_request", 400))

    def test_the_places_of_the_problems_are_not_for_clients(self):
        for place in ("/problem", "/problem-page"):
            status, fields, _ = self.nginx.ask("GET", place)
            self.assertEqual((status, fields["content-type"]), (404, "text/html; charset=utf-8"))

    def test_people_get_a_page_of_the_shop(self):
        for code, (status, request) in PAGES.items():
            for language in WORDS:
                with self.subTest((code, language)):
                    answer = self.page(request, b"Accept-Language: " + language.encode())
                    if code in TOO_EARLY:
                        language = "ko"
                    heading = WORDS[language][f"refused_{code}"]
                    self.assertEqual(answer[0], status)
                    fields, body = answer[1], answer[2].decode()
                    self.assertEqual(fields["content-type"], "text/html; charset=utf-8")
                    self.assertEqual(fields["content-language"], language)
                    self.assertIn("default-src 'none'", fields["content-security-policy"])
                    self.assertEqual(fields["cache-control"], "no-store")
                    self.assertEqual(fields.get("retry-after"), "2" if status == 503 else None)
                    self.assertIn(f'<html lang="{language}">', body)
                    self.assertIn(f"<h1>{heading}</h1>", body)
                    words = WORDS[language]
                    self.assertIn(f"<title>{words['error_prefix']} {heading} · {words['shop_name']}</title>", body)
                    self.assertIn(f'href="/">{words["to_home"]}</a>', body)
                    self.assertIn(f'<p class="fine">{words["request_id"]} <code>{fields["x-request-id"]}</code>', body)
                    self.assertIn("<title>오류: " if language == "ko" else "<title>Error: ", body)
                    self.assertIn(fields["x-request-id"], body)
                    self.assertIn('href="/"', body)

    def test_a_chosen_language_wins(self):
        for cookie, language in (("language=en", "en"), ("a=b; __Host-language=en", "en"), ("xlanguage=en", "ko"),
                                 ("language=enough", "ko")):
            with self.subTest(cookie):
                _, fields, _ = self.page(PAGES["unavailable"][1], b"Accept-Language: ko\r\nCookie: " + cookie.encode())
                self.assertEqual(fields["content-language"], language)

    def page(self, request, field):
        return self.nginx.ask_raw(request + field + b"\r\nConnection: close\r\n\r\n")

    def test_a_method_that_is_refused_names_those_that_are_not(self):
        _, fields, _ = self.refused("method_not_allowed", "ko")
        self.assertEqual(fields["allow"], "GET, HEAD, OPTIONS, POST, PATCH, DELETE")

    def test_a_shop_that_is_away_says_when_to_come_back(self):
        for code in REFUSALS:
            with self.subTest(code):
                _, fields, _ = self.refused(code, "ko")
                self.assertEqual(fields.get("retry-after"), "2" if code == "unavailable" else None)

    def test_a_body_of_a_mebibyte_is_let_through(self):
        status, _, _ = self.nginx.ask("POST", "/api/v1/orders", b" " * 1_048_576)
        self.assertEqual(status, 503)


class Limits(TestCase):
    def logins(self, edit):
        with Nginx(self.folder, edit) as nginx:
            return [nginx.ask("POST", "/api/v1/tokens", b"{}") for _ in range(20)]

    def test_logins_from_elsewhere_are_limited(self):
        # As if this machine were another.
        answers = self.logins(lambda text: re.sub(r"(127\.0\.0\.0/8|::1) 0;", "", text))
        # One, a burst of ten, and what the second that this may take gives back.
        let_through = [status for status, _, _ in answers if status == 503]
        self.assertIn(len(let_through), range(11, 15))
        status, fields, body = answers[-1]
        self.assertEqual((status, fields["content-type"]), (429, "application/problem+json"))
        self.assertEqual(fields["retry-after"], "1")
        problem = json.loads(body)
        self.assertEqual(problem["code"], "too_many_attempts")
        self.assertEqual(problem["title"], WORDS["ko"]["refused_too_many_attempts"])

    def test_logins_from_this_machine_are_not(self):
        self.assertEqual({status for status, _, _ in self.logins(lambda text: text)}, {503})


class StaticFiles(TestCase):
    def setUp(self):
        super().setUp()
        self.nginx = self.enterContext(Nginx(self.folder))

    def test_a_name_with_a_hash_is_kept_for_a_year(self):
        for name, kind in (("shop.css", "text/css; charset=utf-8"), ("shop.js", "text/javascript; charset=utf-8"),
                           ("pictures/basket.svg", "image/svg+xml; charset=utf-8")):
            with self.subTest(name):
                stem, _, suffix = name.rpartition(".")
                status, fields, body = self.nginx.ask("GET", f"/static/{stem}.0123456789abcdef.{suffix}")
                self.assertEqual((status, fields["content-type"]), (200, kind))
                self.assertEqual(fields["cache-control"], "public, max-age=31536000, immutable")
                self.assertEqual(fields["x-content-type-options"], "nosniff")
                self.assertEqual(body, (REPOSITORY / "Sources/ShopWeb/Storefront/static" / name).read_bytes())

    def test_a_plain_name_is_kept_for_minutes(self):
        status, fields, _ = self.nginx.ask("GET", "/static/shop.css")
        self.assertEqual((status, fields["cache-control"]), (200, "public, max-age=300"))

    def test_nothing_else_is_served(self):
        for path in ("/static/", "/static/../templates/home.mustache", "/static/%2e%2e/words/ko.json",
                     "/static/a.0123456789abcdef.css", "/static/shop.0123456789abcde.css"):
            with self.subTest(path):
                status, fields, _ = self.nginx.ask("GET", path)
                self.assertNotEqual(status, 200)
                self.assertNotIn("immutable", fields.get("cache-control", ""))


class BehindNginx(TestCase):
    def setUp(self):
        super().setUp()
        self.nginx = self.enterContext(Nginx(self.folder))

    def lines_of_the_log(self, count):
        log = self.folder / "access.log"
        return until(10, f"{count} lines in the log", lambda: len(
            lines := log.read_bytes().splitlines()) == count and lines)

    def test_the_log_has_one_json_object_a_request(self):
        requests = (
            b"GET /api/v1/products?q=%22\"\\ HTTP/1.1\r\nHost: shop\r\nUser-Agent: \"quoted\" \\ \t tab\r\n",
            "GET /장터 HTTP/1.1\r\nHost: shop\r\nUser-Agent: 장터\r\n".encode(),
            b"GET /\xff\xfe HTTP/1.1\r\nHost: shop\r\nUser-Agent: \x80\r\n",
        )
        ids = [self.nginx.ask_raw(r + b"Connection: close\r\n\r\n")[1]["x-request-id"] for r in requests]
        lines = [json.loads(line.decode("utf-8", "replace")) for line in self.lines_of_the_log(len(requests))]
        # Each worker writes its own lines when it is time.
        lines.sort(key=lambda line: ids.index(line["request"]))
        self.assertEqual([line["status"] for line in lines], [503, 503, 503])
        self.assertEqual(lines[0]["target"], "/api/v1/products?q=%22\"\\")
        self.assertEqual({line["address"] for line in lines}, {"127.0.0.1"})

    def test_the_responder_is_told_the_id_that_the_answer_carries(self):
        with ParameterCatcher(self.folder / "jangteo.sock") as responder:
            status, fields, _ = self.nginx.ask("GET", "/api/v1/products")
        self.assertEqual(status, 204)
        self.assertEqual(responder.parameters[0]["REQUEST_ID"], fields["x-request-id"])
        [line] = self.lines_of_the_log(1)
        self.assertEqual(json.loads(line)["request"], fields["x-request-id"])

    def test_a_field_named_proxy_does_not_reach_the_responder(self):
        with ParameterCatcher(self.folder / "jangteo.sock") as responder:
            self.nginx.ask("GET", "/api/v1/products", headers={"Proxy": "http://evil", "X-Other": "kept"})
        [parameters] = responder.parameters
        self.assertEqual((parameters.get("HTTP_PROXY", ""), parameters["HTTP_X_OTHER"]), ("", "kept"))

    def test_the_responder_is_told_the_request_as_it_came(self):
        with ParameterCatcher(self.folder / "jangteo.sock") as responder:
            self.nginx.ask("POST", "/api/v1/a%2Fb/../c?d=%20", b"{}", {"Content-Type": "application/json"})
        [parameters] = responder.parameters
        told = {name: parameters[name] for name in (
            "REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR")}
        self.assertEqual(told, {
            "REQUEST_METHOD": "POST", "REQUEST_URI": "/api/v1/a%2Fb/../c?d=%20", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "2", "REMOTE_ADDR": "127.0.0.1"})
