"""nginx.conf: what nginx answers by itself, what it logs, and what it tells the responder."""
import contextlib
import hashlib
import json
import re
import resource
import socket
import subprocess
import threading

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
# Seconds until somebody comes back who was turned away.
SHORTLY = {str(seconds) for seconds in range(1, 9)}
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
        self.assertEqual((len(whole), changed), (len(filled), ["server", "server", "listen", "root", "root", "listen"]))


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
                    self.assertIn(fields.get("retry-after"), SHORTLY if status == 503 else {None})
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
                self.assertIn(fields.get("retry-after"), SHORTLY if code == "unavailable" else {None})

    def test_those_who_are_turned_away_do_not_come_back_together(self):
        told = {self.nginx.ask("GET", "/api/v1/products")[1]["retry-after"] for _ in range(200)}
        self.assertEqual(told, SHORTLY)

    def test_a_page_that_cannot_be_shown_now_tries_again_by_itself(self):
        status, fields, _ = self.nginx.ask("GET", "/products")
        self.assertEqual((status, fields["refresh"]), (503, fields["retry-after"]))
        # What was sent is not sent again, and what is not there will not be.
        for method, target in (("POST", "/orders"), ("GET", "/static/nothing"), ("GET", "/api/v1/products")):
            with self.subTest(f"{method} {target}"):
                self.assertNotIn("refresh", self.nginx.ask(method, target)[1])

    def test_a_form_that_reached_the_shop_may_have_been_done(self):
        with socket.socket(socket.AF_UNIX) as shop:
            path = self.folder / "jangteo.sock"
            shop.bind(str(path))
            path.chmod(0o777)
            shop.listen()

            def fall_silent():
                for _ in range(2):
                    connection, _ = shop.accept()
                    connection.recv(65_536)
                    connection.close()

            threading.Thread(target=fall_silent, daemon=True).start()
            for method, advice in (("POST", "may have been done"), ("GET", "Nothing was changed")):
                with self.subTest(method):
                    status, _, page = self.nginx.ask(method, "/orders", headers={"Accept-Language": "en"})
                    self.assertEqual(status, 503)
                    self.assertIn(advice, page.decode())

    def test_a_body_of_a_mebibyte_is_let_through(self):
        status, _, _ = self.nginx.ask("POST", "/api/v1/orders", b" " * 1_048_576)
        self.assertEqual(status, 503)


def as_from_elsewhere(text):
    """As if this machine were another."""
    return re.sub(r"(127\.0\.0\.0/8|::1) 0;", "", text)


class Limits(TestCase):
    def posts(self, edit, target="/api/v1/tokens", count=20, headers=None):
        with Nginx(self.folder, edit) as nginx:
            return [nginx.ask("POST", target, b"{}", headers) for _ in range(count)]

    def assert_too_many(self, answer, code):
        status, fields, body = answer
        self.assertEqual((status, fields["content-type"], fields["retry-after"]), (429, "application/problem+json", "1"))
        problem = json.loads(body)
        self.assertEqual((problem["code"], problem["title"]), (code, WORDS["ko"][f"refused_{code}"]))

    def test_logins_from_elsewhere_are_limited(self):
        answers = self.posts(as_from_elsewhere)
        # One, a burst of ten, and what the second that this may take gives back.
        let_through = [status for status, _, _ in answers if status == 503]
        self.assertIn(len(let_through), range(11, 15))
        self.assert_too_many(answers[-1], "too_many_attempts")

    def test_logins_from_this_machine_are_not(self):
        self.assertEqual({status for status, _, _ in self.posts(lambda text: text)}, {503})

    def test_this_machine_is_counted_when_it_passes_on_what_others_asked(self):
        for field in ("X-Forwarded-For", "Forwarded", "Via"):
            with self.subTest(field):
                self.folder = self.folder / field
                self.folder.mkdir()
                answers = self.posts(lambda text: text, headers={field: "192.0.2.1"})
                self.assertIn(429, {status for status, _, _ in answers})

    def test_orders_are_limited_generously_and_in_words(self):
        # A tenth of the rate: a busy machine sends no ten a second.
        answers = self.posts(
            lambda text: as_from_elsewhere(text).replace("rate=10r/s", "rate=1r/s"), "/api/v1/orders", 200)
        self.assertEqual({status for status, _, _ in answers[:101]}, {503})
        self.assert_too_many(next(answer for answer in answers if answer[0] == 429), "too_many_requests")

    def test_people_who_order_too_often_get_a_page_in_their_language(self):
        def edit(text):
            return as_from_elsewhere(text).replace("rate=10r/s", "rate=1r/m").replace("burst=100 nodelay", "nodelay")
        with Nginx(self.folder, edit) as nginx:
            nginx.ask("POST", "/orders", b"")
            for language in WORDS:
                status, fields, body = nginx.ask("POST", "/orders", b"", {"Accept-Language": language})
                self.assertEqual((status, fields["retry-after"]), (429, "1"))
                self.assertIn(f"<h1>{WORDS[language]['refused_too_many_requests']}</h1>", body.decode())
            self.assertEqual(nginx.ask("GET", "/orders")[0], 503)

    def test_who_looks_around_is_turned_away_at_once_when_many_wait_and_who_pays_is_not(self):
        edit = lambda text: text.replace("max_conns=2048", "max_conns=3")
        with ParameterCatcher(self.folder / "jangteo.sock", None) as responder, Nginx(self.folder, edit) as nginx, \
                contextlib.ExitStack() as held:
            for count in range(1, 4):
                nginx.leave_asking(held, "GET", "/products")
                until(10, "it waits for the responder", lambda: len(responder.parameters) == count)
            for target in ("/", "/api/v1/products"):
                status, fields, body = nginx.ask("GET", target)
                self.assertEqual(status, 503)
                self.assertIn(fields["retry-after"], set("12345678"))
                self.assertEqual(fields.get("refresh"), None if "api" in target else fields["retry-after"])
                self.assertIn(WORDS["ko"]["refused_unavailable"], body.decode())
            # A form has not reached the shop, and the browser still has it.
            _, fields, body = nginx.ask("POST", "/cart", b"")
            self.assertNotIn("refresh", fields)
            self.assertIn("새로 고치면 입력하신 내용을 그대로 다시 보냅니다", body.decode())
            for count, (method, target) in enumerate([
                    ("POST", "/orders/7/payment"), ("POST", "/api/v1/balance/charges"), ("GET", "/orders/7")], 4):
                nginx.leave_asking(held, method, target)
                until(10, f"{target} goes before", lambda: len(responder.parameters) == count)
            self.assertEqual(nginx.ask("GET", "/api/v1/orders")[0], 503)

    def test_connections_of_one_address_have_a_bound(self):
        edit = lambda text: as_from_elsewhere(text).replace("limit_conn clients 256", "limit_conn clients 3")
        with Nginx(self.folder, edit) as nginx, contextlib.ExitStack() as held:
            for _ in range(3):
                # A head that is whole, and a body that is not. nginx asks for it once the connection is counted.
                connection = held.enter_context(socket.create_connection(("127.0.0.1", nginx.port), timeout=20))
                connection.sendall(
                    b"POST /api/v1/orders HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
                self.assertEqual(connection.recv(1_000), b"HTTP/1.1 100 Continue\r\n\r\n")
            self.assert_too_many(nginx.ask("GET", "/api/v1/products"), "too_many_requests")

    def test_an_address_of_ipv6_is_counted_by_its_network(self):
        def edit(text):
            text = text.replace("include jangteo.d/*.conf;", "set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;")
            return text.replace("location / {", "location = /network { return 200 $counted_address; }\n location / {", 1)
        with Nginx(self.folder, edit) as nginx:
            for address, network in (
                    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8:1:2::7", "2001:db8:1:2"),
                    ("2001:db8:1:3::7", "2001:db8:1:3"), ("2001:db8::9", "2001:db8::"), ("2001:db8::1:2:3:4", "2001:db8::"),
                    ("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1")):
                with self.subTest(address):
                    self.assertEqual(nginx.ask("GET", "/network", headers={"X-Real-IP": address})[2].decode(), network)


class SlowReaders(TestCase):
    def test_a_client_that_reads_nothing_holds_no_responder(self):
        # The largest answer there is: 100 descriptions of 10,000 characters, each escaped with six bytes.
        answer = b"Status: 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"\\u0001" * 1_000_000
        with ParameterCatcher(self.folder / "jangteo.sock", answer) as responder, Nginx(self.folder) as nginx, \
                contextlib.ExitStack() as readers:
            for _ in range(3):
                reader = readers.enter_context(socket.socket())
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                reader.connect(("127.0.0.1", nginx.port))
                reader.sendall(b"GET /api/v1/products?limit=100 HTTP/1.1\r\nHost: shop\r\n\r\n")
            # Less than nginx waits for a client that takes nothing.
            until(8, "nginx has taken all answers", lambda: responder.taken == 3)
            self.assertEqual(len(nginx.ask("GET", "/api/v1/products?limit=100")[2]), 6_000_000)


class ManyAtOnce(TestCase):
    CLIENTS = 9000

    def setUp(self):
        super().setUp()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limits[1] < self.CLIENTS + 1000:
            self.skipTest(f"needs {self.CLIENTS + 1000} open files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)

    def test_thousands_of_connections_are_kept_and_answered(self):
        with Nginx(self.folder) as nginx, contextlib.ExitStack() as kept:
            clients = [kept.enter_context(socket.create_connection(("127.0.0.1", nginx.port), timeout=30))
                       for _ in range(self.CLIENTS)]
            # The second time nginx has all of them, and would have closed some to take the others.
            for _ in range(2):
                for number, client in enumerate(clients):
                    client.sendall(b"HEAD /static/shop.css HTTP/1.1\r\nHost: shop\r\n\r\n")
                    answer = client.recv(4096)
                    self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), f"client {number} got {answer[:40]!r}")
            self.assertEqual((self.folder / "error.log").read_text(), "")


class Operations(TestCase):
    def test_they_have_a_port_of_their_own(self):
        with ParameterCatcher(self.folder / "jangteo.sock") as responder, Nginx(self.folder) as nginx:
            for target in ("/metrics", "/readyz"):
                for path in (target, target + "?", "/" + target, "/x/.." + target, "/%" + target[1:2].encode().hex() + target[2:]):
                    self.assertEqual(nginx.ask("GET", path)[0], 404, path)
            self.assertEqual(responder.parameters, [])
            nginx.port = nginx.operations
            for target in ("/metrics", "/readyz", "/healthz"):
                self.assertEqual(nginx.ask("GET", target)[0], 204, target)
            self.assertEqual(nginx.ask("GET", "/")[0], 404)
        self.assertEqual([told["REQUEST_URI"] for told in responder.parameters], ["/metrics", "/readyz", "/healthz"])


class Proxies(TestCase):
    """Behind a proxy that ends TLS."""

    FORWARDED = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto": "https",
                 "X-Forwarded-Host": "shop.example.com"}

    def told(self, trusted, more="", headers=FORWARDED):
        (self.folder / "jangteo.d").mkdir()
        if trusted:
            (self.folder / "jangteo.d/proxies.conf").write_text(
                "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n" + more)
        with ParameterCatcher(self.folder / "jangteo.sock") as responder, Nginx(self.folder) as nginx:
            nginx.ask("GET", "/", headers=headers)
        [parameters] = responder.parameters
        return [parameters.get(name) for name in ("REMOTE_ADDR", "HTTPS", "HTTP_HOST")]

    def test_one_that_is_trusted_says_who_asks_how_and_for_what_name(self):
        # Not what the client itself has written before.
        self.assertEqual(self.told(True), ["203.0.113.9", "on", "shop.example.com"])

    def test_several_in_a_row_say_it_together(self):
        forwarded = {**self.FORWARDED, "X-Forwarded-For": "10.0.0.5, 203.0.113.9, 10.0.0.6"}
        address, _, _ = self.told(
            True, "set_real_ip_from 10.0.0.5; set_real_ip_from 10.0.0.6; real_ip_recursive on;", forwarded)
        self.assertEqual(address, "203.0.113.9")

    def test_nobody_else_does(self):
        address, https, host = self.told(False)
        self.assertEqual((address, https), ("127.0.0.1", None))
        self.assertRegex(host, r"^127\.0\.0\.1:\d+$")


class StaticFiles(TestCase):
    def setUp(self):
        super().setUp()
        self.nginx = self.enterContext(Nginx(self.folder))

    FILES = REPOSITORY / "Sources/ShopWeb/Storefront/static"

    def address(self, name, of=None):
        """As pages name a file, with the hash of its content or of another one."""
        stem, _, suffix = name.rpartition(".")
        return f"/static/{stem}.{hashlib.sha256(of or (self.FILES / name).read_bytes()).hexdigest()[:16]}.{suffix}"

    def test_a_name_with_a_hash_is_kept_for_a_year(self):
        for name, kind in (("shop.css", "text/css; charset=utf-8"), ("shop.js", "text/javascript; charset=utf-8"),
                           ("pictures/basket.svg", "image/svg+xml; charset=utf-8")):
            with self.subTest(name):
                status, fields, body = self.nginx.ask("GET", self.address(name))
                self.assertEqual((status, fields["content-type"]), (200, kind))
                self.assertEqual(fields["cache-control"], "public, max-age=31536000, immutable")
                self.assertEqual(fields["x-content-type-options"], "nosniff")
                self.assertEqual(body, (self.FILES / name).read_bytes())

    def test_a_hash_that_is_not_the_files_own_is_not_found_and_not_kept(self):
        for name in ("shop.css", "shop.js", "pictures/basket.svg"):
            with self.subTest(name):
                status, fields, _ = self.nginx.ask("GET", self.address(name, b"another"))
                self.assertEqual((status, fields["cache-control"]), (404, "no-store"))

    def test_pages_from_before_an_upgrade_get_what_they_were_made_with(self):
        files, named = self.folder / "files", self.folder / "named"
        files.mkdir()
        for content in (b"old", b"new"):
            (files / "shop.css").write_bytes(content)
            subprocess.run([REPOSITORY / "deploy/name-static", files, named], check=True)
        self.assertEqual({"/static/" + path.name: path.read_bytes() for path in named.iterdir()},
                         {self.address("shop.css", content): content for content in (b"old", b"new")})

    def test_nginxs_own_redirects_name_neither_scheme_nor_host_nor_port(self):
        status, fields, _ = self.nginx.ask("GET", "/static/pictures", headers={"Host": "shop.example.com"})
        self.assertEqual((status, fields["location"]), (301, "/static/pictures/"))

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
        lines = [json.loads(line.decode()) for line in self.lines_of_the_log(len(requests))]
        # Each worker writes its own lines when it is time.
        lines.sort(key=lambda line: ids.index(line["request"]))
        self.assertEqual([line["status"] for line in lines], [503, 503, 503])
        self.assertEqual(lines[0]["target"], "/api/v1/products?q=%22\"\\")
        self.assertEqual([line["target"] for line in lines[1:]], ["/장터", "/"], "up to what is no UTF-8")
        self.assertEqual([line["agent"] for line in lines[1:]], ["장터", ""])
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
