"""A whole shop behind a HAProxy that ends TLS, each on a machine of its own, and customers on a third one."""
import contextlib
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import networks
from support import PATH, REPOSITORY, until
from test_site import DebiansNginx

MANUAL = (REPOSITORY / "deploy/README.md").read_text().split("### Behind a proxy", 1)[-1].split("\n### ", 1)[0]
JANGTEO = REPOSITORY / ".build/release/jangteo"
NAME = "shop.example.com"
PASSWORD = "ein Stück Käse"
# What whoever asks can write, to be taken for another one.
LIES = {
    "X-Forwarded-For": "10.0.0.5", "Forwarded": "for=10.0.0.5;proto=http;host=evil.example", "X-Real-IP": "10.0.0.5",
    "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
}


class Debians(DebiansNginx):
    """On the ports that it has on a server, for it has a machine of its own."""

    def rewrite(self, path):
        super().rewrite(path)
        text = path.read_text()
        for port, here in self.ports.items():
            text = text.replace(f"listen 127.0.0.1:{here}", f"listen {port}")
            text = text.replace(f"listen [::1]:{here}", f"listen [::]:{port}")
        path.write_text(text.replace(f"127.0.0.1:{self.operations}", "127.0.0.1:9108"))


class Client:
    """Somebody with an address and cookies of their own."""

    def __init__(self, machine, folder, address):
        self.machine, self.address = machine, address
        self.cookies = pathlib.Path(tempfile.mkstemp(prefix="cookies-", dir=folder)[1])
        self.certificate = folder / "fullchain.pem"

    def ask(self, path, *arguments, fields=None, form=None):
        """The status and the body. A form is sent as a browser does."""
        at = "[2001:db8::1]" if ":" in self.address else "203.0.113.1"
        sent = [part for name, value in (fields or {}).items() for part in ("-H", f"{name}: {value}")]
        if form is not None:
            sent += ["-H", f"Origin: https://{NAME}", "-H", "Sec-Fetch-Site: same-origin"]
            sent += [part for name, value in form.items() for part in ("--data-urlencode", f"{name}={value}")]
        said = self.machine.run(
            "curl", "-sS", "--noproxy", "*", "--max-time", 30, "--interface", self.address,
            "--cacert", self.certificate, "--connect-to", f"{NAME}:443:{at}:443",
            "-b", self.cookies, "-c", self.cookies, "-w", "\n%{http_code}", *sent, *arguments, f"https://{NAME}{path}")
        body, _, status = said.rpartition("\n")
        return int(status), body

    def submit(self, path, fields=None, **form):
        page = self.ask(path)[1]
        return self.ask(path, fields=fields, form={**form, "csrf": re.search(r'name="csrf" value="([^"]*)"', page)[1]})


class Shop(contextlib.ExitStack):
    """All of it: `here` is where the proxy is, on the shop's machine or on one of its own."""

    def __init__(self, proxies, haproxy, edit_site=lambda text: text, is_on_shop=False):
        super().__init__()
        self.proxies, self.haproxy, self.edit_site, self.is_on_shop = proxies, haproxy, edit_site, is_on_shop

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.make(stack)
            self.push(stack.pop_all())
        return self

    def make(self, stack):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-proxy-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.shop, self.outside = stack.enter_context(networks.Machine()), stack.enter_context(networks.Machine())
        proxy = self.shop
        if not self.is_on_shop:
            proxy = stack.enter_context(networks.Machine())
            self.shop.cable(proxy, ["10.0.0.2/24"], ["10.0.0.5/24"])
        proxy.cable(
            self.outside, ["203.0.113.1/24", "2001:db8::1/32"],
            [f"203.0.113.{number}/24" for number in (10, 11, 66)]
            + ["2001:db8:1::66/32", "2001:db8:1::67/32", "2001:db8:2::10/32"])
        self.proxy = proxy
        self.make_certificate()
        self.start_responder(stack)
        self.start_nginx(stack)
        self.start_haproxy(stack)
        self.client("203.0.113.11").ask("/healthz", "--retry", 20, "--retry-connrefused")

    def client(self, address):
        return Client(self.outside, self.folder, address)

    def make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
             "-keyout", self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"], check=True, capture_output=True)
        (self.folder / "both.pem").write_text(
            (self.folder / "fullchain.pem").read_text() + (self.folder / "privkey.pem").read_text())

    def keep(self, stack, process):
        def end():
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        stack.callback(end)
        return process

    def start_responder(self, stack):
        data = self.folder / "data"
        subprocess.run([JANGTEO, "migrate", "--data", data], check=True, capture_output=True, env={"PATH": PATH})
        environment = {
            "PATH": PATH, "JANGTEO_PASSWORD_COST": "4", "JANGTEO_SHARE": str(REPOSITORY / "Sources/ShopWeb/Storefront")}
        log = stack.enter_context(open(self.folder / "responder.log", "wb"))
        self.keep(stack, subprocess.Popen(
            [*networks.WITH_US, *self.shop.inside(JANGTEO, "serve", "--data", data, "--socket", self.folder / "jangteo.sock")],
            env=environment, stdout=log, stderr=log))
        until(20, "the shop listens", (self.folder / "jangteo.sock").exists)

    def start_nginx(self, stack):
        debians = Debians(self.folder)
        debians.enable(text=self.edit_site(debians.site))
        (debians.etc / "jangteo.d").mkdir()
        # As the manual says, in this folder.
        subprocess.run(["bash", "-euc", self.proxies.replace("/etc/nginx", str(debians.etc))], check=True)
        log = stack.enter_context(open(self.folder / "nginx.log", "wb"))
        nginx = self.keep(stack, self.shop.start(
            "nginx", "-c", debians.etc / "nginx.conf", "-e", self.folder / "start.log", "-g", "daemon off;", stderr=log))
        until(10, "nginx runs", lambda: (self.folder / "nginx.pid").exists() or nginx.poll() is not None)
        if nginx.poll() is not None:
            raise AssertionError((self.folder / "nginx.log").read_text())

    def start_haproxy(self, stack):
        configuration = self.folder / "haproxy.cfg"
        haproxy = self.haproxy.replace("/etc/haproxy/shop.pem", str(self.folder / "both.pem"))
        if self.is_on_shop:
            haproxy = haproxy.replace("10.0.0.2:80", "127.0.0.1:80")
        configuration.write_text(
            "defaults\n    timeout connect 10s\n    timeout client 60s\n    timeout server 60s\n\n" + haproxy)
        self.keep(stack, self.proxy.start("haproxy", "-db", "-q", "-f", configuration))

    def addresses(self):
        """Those that nginx has logged until now."""
        return set(re.findall(r'"address":"([^"]*)"', (self.folder / "jangteo-access.log").read_text()))


def of_manual(*words):
    """The commands of the manual, or the lines for HAProxy, that have all these words in them."""
    [block] = [block for block in re.findall(r"(?m)(?:^    .*\n|(?<=\n)\n(?=    ))+", MANUAL)
               if all(word in block for word in words)]
    return re.sub(r"(?m)^    ", "", block)


SETTINGS = "\n".join(line for line in of_manual("set_real_ip_from").splitlines() if "nginx -t" not in line)
HTTP = of_manual("frontend", "X-Forwarded-For")
TCP = of_manual("frontend", "send-proxy")


def for_proxy_protocol(site):
    """The site after the manual's command for the PROXY protocol."""
    [command] = re.findall(r"sed -i .*listen.* /etc/nginx/sites-available/jangteo", MANUAL)
    with tempfile.NamedTemporaryFile("w+", suffix=".conf") as file:
        file.write(site)
        file.flush()
        subprocess.run(["bash", "-euc", command.replace("/etc/nginx/sites-available/jangteo", file.name)], check=True)
        return pathlib.Path(file.name).read_text()


def proxy_protocol(version):
    settings = SETTINGS.replace("X-Forwarded-For", "proxy_protocol")
    assert settings != SETTINGS
    return Shop(settings, TCP.replace("send-proxy-v2", {1: "send-proxy", 2: "send-proxy-v2"}[version]), for_proxy_protocol)


@unittest.skipUnless(pathlib.Path("/etc/nginx/sites-available").exists(), "this nginx is not Debian's")
@unittest.skipIf(why := networks.why_not("haproxy", "curl", "openssl"), why)
class BehindHAProxy(unittest.TestCase):
    def check(self, shop):
        self.check_forms(shop)
        self.check_operations(shop)
        self.check_addresses(shop)
        self.check_limits(shop)

    def check_forms(self, shop):
        for number, (address, lies) in enumerate((
                ("203.0.113.10", {}), ("203.0.113.11", LIES), ("2001:db8:2::10", LIES))):
            client = shop.client(address)
            self.sign_up(client, f"somebody-{number}", lies)
            # For TLS alone, and for this name.
            self.assertRegex(client.cookies.read_text(), r"#HttpOnly_shop\.example\.com\t.*\tTRUE\t.*\t__Host-")
            self.assertEqual(client.ask("/account")[0], 200)

    def sign_up(self, client, login, lies):
        status, page = client.submit("/signup", lies, login=login, name="누구", password=PASSWORD)
        self.assertEqual(status, 303, page)

    def check_operations(self, shop):
        for target in ("/metrics", "/readyz"):
            for fields in ({}, LIES, {"X-Forwarded-For": "127.0.0.1"}):
                self.assertEqual(shop.client("203.0.113.66").ask(target, fields=fields)[0], 404)
        for machine, at in ((shop.outside, "203.0.113.1"), (shop.proxy, "10.0.0.2")):
            if machine is not shop.shop:
                refused = subprocess.run(
                    machine.inside("curl", "-sS", "--max-time", 20, f"http://{at}:9108/metrics"), env={"PATH": PATH},
                    capture_output=True)
                self.assertEqual(refused.returncode, 7, refused)

    def check_addresses(self, shop):
        shop.client("203.0.113.66").ask("/products", fields=LIES)
        until(10, "nginx has logged who asked", lambda: "203.0.113.66" in shop.addresses())
        self.assertLessEqual(shop.addresses(), {
            "203.0.113.10", "203.0.113.11", "203.0.113.66", "2001:db8:2::10", "2001:db8:1::66"})

    def check_limits(self, shop):
        for attacker, neighbour, other in (
                ("203.0.113.66", None, "203.0.113.10"), ("2001:db8:1::66", "2001:db8:1::67", "2001:db8:2::10")):
            client = shop.client(attacker)
            answers = []
            for number in range(1, 40):
                lies = {**LIES, "X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}",
                        "Forwarded": f"for=198.51.100.{number}"}
                answers.append(client.ask(
                    "/login", fields=lies, form={"login": "somebody-0", "password": "wrong", "csrf": ""})[0])
            self.assertIn(429, answers, attacker)
            if neighbour:
                again = [shop.client(neighbour).ask("/login", form={"login": "x", "password": "y", "csrf": ""})[0]
                         for _ in range(12)]
                self.assertIn(429, again, "counted with the rest of its /64")
            status, page = shop.client(other).submit("/login", login="somebody-0", password=PASSWORD)
            self.assertEqual(status, 303, page)

    def test_with_fields_of_http(self):
        with Shop(SETTINGS, HTTP) as shop:
            self.check(shop)

    def test_with_a_field_that_it_adds_to_the_clients_own(self):
        added = HTTP.replace("http-request set-header X-Forwarded-For %[src]", "option forwardfor")
        self.assertNotEqual(added, HTTP)
        with Shop(SETTINGS, added) as shop:
            self.sign_up(shop.client("203.0.113.10"), "somebody-0", LIES)
            self.check_addresses(shop)
            self.check_limits(shop)

    def test_on_the_shops_own_machine(self):
        settings = SETTINGS.replace("10.0.0.5", "127.0.0.1")
        with Shop(settings, HTTP, is_on_shop=True) as shop:
            self.check(shop)

    def test_with_the_proxy_protocol_version_1(self):
        with proxy_protocol(1) as shop:
            self.check(shop)

    def test_with_the_proxy_protocol_version_2(self):
        with proxy_protocol(2) as shop:
            self.check(shop)

    def test_a_proxy_that_was_not_named_is_not_believed(self):
        with Shop("true", HTTP) as shop:
            client = shop.client("203.0.113.10")
            self.assertEqual(client.submit("/signup", login="somebody", name="누구", password=PASSWORD)[0], 403)
            until(10, "nginx has logged who asked", lambda: shop.addresses() == {"10.0.0.5"})
            self.assertEqual(client.ask("/metrics")[0], 404)


if __name__ == "__main__":
    unittest.main()
