"""The site that the package brings for Debian's nginx, in a copy of Debian's own configuration."""
import contextlib
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from support import PATH, REPOSITORY, ParameterCatcher, free_port, until


class DebiansNginx:
    """The machine's /etc/nginx with our site in it, on ports of its own."""

    def __init__(self, folder):
        self.folder, self.etc, self.ports = folder, folder / "etc", {80: free_port(), 443: free_port()}
        self.operations = free_port()
        shutil.copytree("/etc/nginx", self.etc, symlinks=True)
        for path in (self.etc / "sites-enabled").iterdir():
            path.unlink()
        subprocess.run([REPOSITORY / "deploy" / "debian" / "nginx-site", self.etc], check=True)
        self.rewrite(self.etc / "nginx.conf")
        self.site = (self.etc / "sites-available" / "jangteo").read_text()

    def rewrite(self, path):
        """Puts what is the machine's into this folder."""
        text = path.read_text()
        for ours, machines in (
                (self.etc, "/etc/nginx"), (self.folder, "/var/log/nginx"), (f"{self.folder}/nginx.pid", "/run/nginx.pid"),
                (f"{self.folder}/jangteo.sock", "/run/jangteo/jangteo.sock"),
                (REPOSITORY / "Sources/ShopWeb/Storefront", "/usr/share/jangteo"),
                (self.folder / "named", "/var/lib/jangteo-package"),
                (f"127.0.0.1:{self.operations}", "127.0.0.1:9108"),
                (self.folder, "/etc/letsencrypt/live/market.example.net")):
            text = text.replace(machines, str(ours))
        text = re.sub(r"listen (\[::\]:)?(80|443)\b",
                      lambda match: f"listen {match[1] or '127.0.0.1:'}{self.ports[int(match[2])]}", text)
        path.write_text(text.replace("listen [::]:", "listen [::1]:").replace("user www-data;", "user root;"))

    def enable(self, name="jangteo", text=None):
        path = self.etc / "sites-enabled" / name
        path.write_text(self.site if text is None else text)
        self.rewrite(path)
        for snippet in (self.etc / "snippets").glob("jangteo-*"):
            self.rewrite(snippet)

    def nginx(self, *options):
        return subprocess.run(
            ["nginx", "-c", self.etc / "nginx.conf", "-e", self.folder / "start.log", *options],
            env={"PATH": PATH}, capture_output=True, text=True)

    def test(self):
        ran = self.nginx("-t", "-q")
        return ran.returncode, ran.stderr

    @contextlib.contextmanager
    def running(self):
        process = subprocess.Popen(
            ["nginx", "-c", self.etc / "nginx.conf", "-e", self.folder / "start.log", "-g", "daemon off;"],
            env={"PATH": PATH})
        try:
            until(10, "nginx listens", self.is_listening)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)

    def is_listening(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports[80])) == 0

    def curl(self, *arguments):
        to = [part for port, here in self.ports.items()
              for part in ("--connect-to", f"market.example.net:{port}:127.0.0.1:{here}")]
        return subprocess.run(
            ["curl", "-sSi", "--noproxy", "*", "--cacert", self.folder / "fullchain.pem", *to, *arguments], capture_output=True, text=True)


def with_tls(site, name):
    """The site after the commands of the manual for TLS."""
    manual = (REPOSITORY / "deploy" / "README.md").read_text()
    commands = re.search(r"(?m)^    name=.*\n(?:    .*\n)+?(?=    nginx -t)", manual)[0]
    with tempfile.NamedTemporaryFile("w+", suffix=".conf") as file:
        file.write(site)
        file.flush()
        here = commands.replace("/etc/nginx/sites-available/jangteo", file.name).replace("shop.example.com", name)
        subprocess.run(["bash", "-euc", here], check=True)
        pathlib.Path(file.name + ".plain").unlink()
        return pathlib.Path(file.name).read_text()


@unittest.skipUnless(pathlib.Path("/etc/nginx/sites-available").exists(), "this nginx is not Debian's")
class Site(unittest.TestCase):
    NAME = "market.example.net"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-site-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.debians = DebiansNginx(self.folder)

    def make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={self.NAME}", "-addext", f"subjectAltName=DNS:{self.NAME}",
             "-keyout", self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"],
            check=True, capture_output=True)

    def test_debians_nginx_takes_it_without_a_word(self):
        self.debians.enable()
        self.assertEqual(self.debians.test(), (0, ""))

    def test_it_stands_beside_another_site(self):
        self.debians.enable(text=self.debians.site.replace(" default_server", "").replace("server_name _", "server_name a"))
        self.debians.enable("default", pathlib.Path("/etc/nginx/sites-available/default").read_text())
        self.assertEqual(self.debians.test(), (0, ""))

    def test_every_name_that_sites_share_is_our_own(self):
        for path in (self.debians.etc / "snippets").glob("jangteo-*"):
            text = path.read_text()
            shared = re.findall(r"(?m)^(?:map|geo) .*\$(\w+) \{|^upstream (\w+)|\bzone=(\w+)|^log_format (\w+)", text)
            for name in ("".join(names) for names in shared):
                self.assertTrue(name.startswith("jangteo"), name)

    def test_what_nginx_conf_sets_is_all_there(self):
        def words(text):
            return re.findall(r"(?m)^ *([a-z_]+) .*;$", text)

        ours = [self.debians.site] + [path.read_text() for path in (self.debians.etc / "snippets").glob("jangteo-*")]
        left_to_debian = {"worker_processes", "pid", "worker_rlimit_nofile", "worker_connections"}
        for name in set(words((REPOSITORY / "nginx.conf").read_text())) - left_to_debian:
            if not name.endswith("_temp_path"):
                self.assertIn(name, words("\n".join(ours)))

    def test_requests_reach_the_shop_and_are_logged(self):
        self.debians.enable()
        with ParameterCatcher(self.folder / "jangteo.sock") as catcher, self.debians.running():
            asked = self.debians.curl(f"http://{self.NAME}/anything")
            self.assertIn("204", asked.stdout.splitlines()[0], asked.stderr)
            self.assertNotIn("HTTPS", catcher.parameters[0])
            operations = subprocess.run(
                ["curl", "-sSi", f"http://127.0.0.1:{self.debians.operations}/readyz"], capture_output=True, text=True)
            self.assertIn("204", operations.stdout.splitlines()[0], operations.stderr)
            static = self.debians.curl(f"http://{self.NAME}/static/shop.css")
            self.assertIn("Content-Type: text/css; charset=utf-8", static.stdout)
            log = self.folder / "jangteo-access.log"
            until(5, "the log has both", lambda: log.read_text().count("\n") == 2)

    def test_static_files_have_their_own_hash_and_no_other(self):
        self.debians.enable()
        named = self.folder / "named"
        subprocess.run(
            [REPOSITORY / "deploy/name-static", REPOSITORY / "Sources/ShopWeb/Storefront/static", named / "static"], check=True)
        [sheet] = (named / "static").glob("shop.*.css")
        with self.debians.running():
            for name, status in ((sheet.name, "200"), ("shop.0123456789abcdef.css", "404")):
                self.assertIn(status, self.debians.curl(f"http://{self.NAME}/static/{name}").stdout.splitlines()[0])

    def test_it_hands_out_what_certbot_puts_down_before_there_is_a_certificate(self):
        self.debians.enable()
        path = self.debians.etc / "sites-enabled" / "jangteo"
        path.write_text(path.read_text().replace("/var/www/html", str(self.folder)))
        (self.folder / ".well-known/acme-challenge").mkdir(parents=True)
        (self.folder / ".well-known/acme-challenge/some").write_text("proof")
        with self.debians.running():
            self.assertIn("\n\nproof", self.debians.curl(f"http://{self.NAME}/.well-known/acme-challenge/some").stdout)

    def test_without_a_shop_nginx_says_so_in_its_own_words(self):
        self.debians.enable()
        with self.debians.running():
            page = self.debians.curl(f"http://{self.NAME}/")
            self.assertIn("503", page.stdout.splitlines()[0])
            self.assertIn("<h1>지금은 처리할 수 없습니다</h1>", page.stdout)
            problem = self.debians.curl(f"http://{self.NAME}/api/v1/products")
            self.assertIn('"code":"unavailable"', problem.stdout)

    def test_the_server_with_tls_works_as_it_is_commented(self):
        self.make_certificate()
        self.debians.enable(text=with_tls(self.debians.site, self.NAME))
        self.assertEqual(self.debians.test(), (0, ""))
        with ParameterCatcher(self.folder / "jangteo.sock") as catcher, self.debians.running():
            asked = self.debians.curl(f"https://{self.NAME}/anything")
            self.assertRegex(asked.stdout, r"^HTTP/2 204", asked.stderr)
            self.assertIn("strict-transport-security: max-age=63072000", asked.stdout)
            for path in ("/static/shop.css", "/static/shop.0123456789abcdef.css", "/static/nothing"):
                static = self.debians.curl(f"https://{self.NAME}{path}").stdout
                self.assertEqual(static.count("strict-transport-security: max-age=63072000"), 1, static)
            self.assertEqual(catcher.parameters[0]["HTTPS"], "on")
            self.assertNotEqual(
                self.debians.curl("--tls-max", "1.1", f"https://{self.NAME}/anything").returncode, 0)
            plain = self.debians.curl(f"http://{self.NAME}/some?thing=1")
            self.assertIn("301", plain.stdout.splitlines()[0])
            self.assertIn("Location: https://market.example.net/some?thing=1", plain.stdout)
