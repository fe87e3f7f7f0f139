"""The Debian package: what is in it, what it wants, and what its scripts do where they can be run alone."""
import gzip
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import unittest

from package_support import PackageTestCase, output_of
from support import REPOSITORY, TestCase

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


class Content(PackageTestCase):
    def test_lintian_finds_nothing(self):
        ran = subprocess.run(
            ["lintian", "--fail-on", "error,warning", "--allow-root", "--tag-display-limit", "0", self.package],
            capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""), ran.stderr)

    def test_every_file_has_its_place_its_owner_and_its_mode(self):
        found = {}
        for line in output_of("dpkg-deb", "-c", self.package).splitlines():
            mode, owner, _, _, _, path = line.split(None, 5)
            self.assertEqual(owner, "root/root", line)
            if not path.endswith("/"):
                found[path[1:]] = mode
        executable = {path for path, mode in found.items() if "x" in mode}
        self.assertEqual(executable, {"/usr/bin/jangteo", "/usr/libexec/jangteo/name-static"})
        self.assertEqual({mode for path, mode in found.items() if path not in executable}, {"-rw-r--r--"})
        few = {path for path in found if not path.startswith("/usr/share/jangteo/")}
        self.assertEqual(few, {
            "/lib/systemd/system/jangteo-backup.service",
            "/lib/systemd/system/jangteo-backup.timer",
            "/lib/systemd/system/jangteo-popular.service",
            "/lib/systemd/system/jangteo-popular.timer",
            "/lib/systemd/system/jangteo.service",
            "/lib/systemd/system/jangteo.socket",
            "/usr/bin/jangteo",
            "/usr/lib/sysusers.d/jangteo.conf",
            "/usr/lib/tmpfiles.d/jangteo.conf",
            "/usr/libexec/jangteo/name-static",
            "/usr/share/bash-completion/completions/jangteo",
            "/usr/share/doc/jangteo/NOTICE.gz",
            "/usr/share/doc/jangteo/README.md",
            "/usr/share/doc/jangteo/changelog.gz",
            "/usr/share/doc/jangteo/copyright",
            "/usr/share/doc/jangteo/examples/nftables.conf",
            "/usr/share/fish/vendor_completions.d/jangteo.fish",
            "/usr/share/man/man1/jangteo.1.gz",
            "/usr/share/zsh/vendor-completions/_jangteo",
        })

    def test_the_pages_are_those_of_the_repository(self):
        def files(folder):
            return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

        storefront = files(REPOSITORY / "Sources" / "ShopWeb" / "Storefront")
        installed = files(self.root / "usr/share/jangteo")
        self.assertEqual({path: text for path, text in installed.items() if not path.startswith("etc/")}, storefront)
        self.assertIn("static/shop.css", storefront)

    def test_dpkg_has_no_file_below_etc_about_which_it_could_ask(self):
        self.assertFalse((self.root / "DEBIAN/conffiles").exists())
        self.assertFalse((self.root / "etc").exists())
        etc = self.root / "usr/share/jangteo/etc"
        brought = {str(path.relative_to(etc)) for path in etc.rglob("*") if path.is_file()}
        self.assertLessEqual({
            "jangteo/jangteo.conf", "nginx/sites-available/jangteo", "nginx/snippets/jangteo-http.conf",
            "nginx/snippets/jangteo-server.conf", "fail2ban/filter.d/jangteo.conf", "fail2ban/jail.d/jangteo.conf"},
            brought)

    def test_it_is_hardened_as_far_as_lintian_can_see(self):
        said = output_of("lintian", "--display-info", "--pedantic", "--allow-root", self.package)
        self.assertEqual([line for line in said.splitlines() if "hardening-" in line], [])
        program = self.root / "usr/bin/jangteo"
        self.assertRegex(output_of("readelf", "-dW", program), r"\(FLAGS_1\).*\bNOW\b")
        self.assertIn("GNU_RELRO", output_of("readelf", "-lW", program))

    def test_it_does_not_say_where_it_was_built(self):
        self.assertNotIn(str(REPOSITORY).encode(), (self.root / "usr/bin/jangteo").read_bytes())

    def test_swift_is_linked_in_and_the_systems_libraries_are_not(self):
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-d", self.root / "usr/bin/jangteo")))
        self.assertLessEqual({"libsqlite3.so.0"}, needed)
        self.assertLessEqual(needed, {
            "libsqlite3.so.0", "libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1",
            "ld-linux-x86-64.so.2"})
        self.assertNotRegex(output_of("readelf", "-d", self.root / "usr/bin/jangteo"), r"\(R(UN)?PATH\)")

    def test_what_it_wants_is_named_with_its_version(self):
        wanted = dict(re.match(r"(\S+) \(>= (.*)\)", one).groups() for one in self.field("Depends").split(", "))
        self.assertLessEqual({"libc6", "libsqlite3-0", "nginx", "systemd"}, wanted.keys())
        for name in wanted:
            self.assertRegex(output_of("apt-cache", "policy", name), r"Candidate: \d", name)

    def test_its_version_is_the_programs(self):
        self.assertEqual(self.field("Version"), output_of(self.root / "usr/bin/jangteo", "--version").strip())
        self.assertEqual(self.field("Architecture"), output_of("dpkg", "--print-architecture").strip())

    def test_it_names_every_library_that_is_linked_in(self):
        named = (self.root / "usr/share/doc/jangteo/copyright").read_text()
        for checkout in (REPOSITORY / ".build/checkouts").iterdir():
            self.assertIn(f"{checkout.name}/*", named)
            if (checkout / "NOTICE.txt").exists():
                notices = gzip.decompress((self.root / "usr/share/doc/jangteo/NOTICE.gz").read_bytes()).decode()
                self.assertIn(f"=== {checkout.name} ===", notices)

    def test_it_is_under_the_licence_of_the_repository(self):
        text = pathlib.Path("/usr/share/common-licenses/Apache-2.0").read_text()
        ours = (REPOSITORY / "LICENSE").read_text()
        self.assertEqual(ours, text.replace("[yyyy] [name of copyright owner]", "2026 The Jangteo authors"))
        named = (self.root / "usr/share/doc/jangteo/copyright").read_text()
        self.assertIn("\nFiles: *\nCopyright: 2026 The Jangteo authors\nLicense: Apache-2.0\n", named)
        self.assertEqual(self.field("Maintainer"), "Jangteo maintainers <maintainers@jangteo.example>")

    def field(self, name):
        return output_of("dpkg-deb", "-f", self.package, name).strip()


class Documentation(PackageTestCase):
    def test_the_man_page_has_every_command_and_every_option(self):
        page = output_of("man", "--encoding=ascii", self.root / "usr/share/man/man1/jangteo.1.gz",
                         env={**os.environ, "MANWIDTH": "200", "MANPAGER": "cat"})
        said = output_of(self.root / "usr/bin/jangteo", "--experimental-dump-help")

        def check(command, path):
            below = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
            if path and not below:
                self.assertRegex(page, rf"(?m)^   {' '.join(path)}$")
            for argument in command.get("arguments", []):
                for name in argument.get("names", []):
                    if argument.get("shouldDisplay", True):
                        self.assertIn("--" + name["name"] if name["kind"] == "long" else "-" + name["name"], page)
            for one in below:
                check(one, [*path, one["commandName"]])

        check(json.loads(said)["command"], [])

    def test_the_man_page_is_sound_roff(self):
        page = gzip.decompress((self.root / "usr/share/man/man1/jangteo.1.gz").read_bytes())
        ran = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", "-Kutf8"], input=page, capture_output=True)
        self.assertEqual((ran.returncode, ran.stderr), (0, b""))

    def test_bash_completes_commands(self):
        script = self.root / "usr/share/bash-completion/completions/jangteo"
        completed = output_of("bash", "-c", f"""
            source '{script}'
            COMP_WORDS=(jangteo mi) COMP_CWORD=1 COMP_LINE='jangteo mi' COMP_POINT=10 COMP_TYPE=9
            $(complete -p jangteo | sed 's/.*-F \\([^ ]*\\).*/\\1/') jangteo mi jangteo
            echo "${{COMPREPLY[@]}}" """)
        self.assertEqual(completed.split(), ["migrate"])

    def test_the_settings_file_and_the_manual_show_every_setting_with_its_default(self):
        conf = self.root / "usr/share/jangteo/etc/jangteo/jangteo.conf"
        shown = dict(re.findall(r"(?m)^#?(JANGTEO_\w+)=(.*)$", conf.read_text()))
        # Those that have another value on a server, or that nobody has to set.
        manual = re.findall(
            r"(?m)^\| `(JANGTEO_\w+)` \|(?: `(.*?)`)? \|", (self.root / "usr/share/doc/jangteo/README.md").read_text())
        ours = {"JANGTEO_DATA", "JANGTEO_SHARE", "JANGTEO_TEMPLATES", "JANGTEO_SOCKET", "JANGTEO_BACKUPS"}
        share = self.root / "usr/share/jangteo"
        checked = output_of(
            self.root / "usr/bin/jangteo", "serve", "--check", env={"JANGTEO_SHARE": str(share)})
        defaults = dict(re.findall(r"(?m)^(JANGTEO_\w+)=(.*)  # \w+$", checked))
        self.assertEqual({k: v for k, v in shown.items() if k not in ours},
                         {k: v for k, v in defaults.items() if k not in ours})
        self.assertLessEqual(shown.keys(), defaults.keys())
        self.assertEqual({k: v for k, v in manual if k != "JANGTEO_SHARE"},
                         {k: v for k, v in defaults.items() if k != "JANGTEO_SHARE"})

    def test_the_program_takes_the_settings_file(self):
        checked = output_of(
            self.root / "usr/bin/jangteo", "serve", "--check", "--config",
            self.root / "usr/share/jangteo/etc/jangteo/jangteo.conf",
            env={"JANGTEO_SHARE": str(self.root / "usr/share/jangteo")})
        self.assertIn("JANGTEO_DATA=/var/lib/jangteo", checked)


class Manual(unittest.TestCase):
    def test_whoever_moves_has_the_certificates_before_nginx_is_asked(self):
        moving = (REPOSITORY / "deploy/README.md").read_text().split("## Another machine", 1)[1].split("\n## ", 1)[0]
        commands = [line.strip() for line in moving.splitlines() if line.startswith("    ")]
        certificates = next(n for n, line in enumerate(commands) if "/etc/letsencrypt/" in line)
        asked = next(n for n, line in enumerate(commands) if "nginx -t" in line)
        self.assertLess(certificates, asked)
        self.assertTrue(any(line.startswith("rsync -a /etc/jangteo/ ") for line in commands), "conf.d goes along")


class Scripts(TestCase, PackageTestCase):
    def test_shellcheck_finds_nothing(self):
        paths = [self.root / "DEBIAN" / name for name in SCRIPTS]
        paths += [REPOSITORY / "deploy" / name for name in ("build", "package")]
        ran = subprocess.run(
            ["shellcheck", "--external-sources", "--source-path=SCRIPTDIR", *paths],
            capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, ""))

    def preinst(self):
        """The first script as it is run before an upgrade, its paths in this test's folder."""
        script = (self.root / "DEBIAN/preinst").read_text()
        for folder in ("/etc/jangteo", "/etc/nginx", "/var/lib/jangteo", "/run"):
            script = re.sub(rf"(?<![\w$.]){folder}\b", f"{self.folder}{folder}".replace(" ", "\\ "), script)
        (self.folder / "run").mkdir(exist_ok=True)
        return subprocess.run(["sh", "-s", "upgrade", "9.9"], input=script, capture_output=True, text=True)

    def database(self, version):
        data = self.folder / "var/lib/jangteo"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        connection = sqlite3.connect(data / "shop.db", isolation_level=None)
        self.addCleanup(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE some (thing)")
        connection.execute(f"PRAGMA user_version = {version}")
        return connection

    def ours(self):
        return int(re.search(r"schema='(\d+)'", (self.root / "DEBIAN/preinst").read_text())[1])

    def test_a_database_that_is_newer_is_a_reason_not_to_install(self):
        for where in ("file", "log"):
            with self.subTest(where):
                connection = self.database(self.ours() + 1)
                if where == "file":
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                ran = self.preinst()
                self.assertEqual(ran.returncode, 1, ran.stderr)
                self.assertRegex(
                    ran.stderr, rf"^jangteo: the database at .* has schema version {self.ours() + 1}, .*backup.*\n$")

    def test_a_log_that_was_copied_back_and_begun_anew_does_not_count(self):
        connection = self.database(self.ours() + 1)
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        connection.execute(f"PRAGMA user_version = {self.ours()}")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self.assertEqual(self.preinst().returncode, 0)

    def test_an_older_or_the_same_or_no_database_is_none(self):
        self.assertEqual(self.preinst().returncode, 0)
        for version in range(self.ours() + 1):
            self.database(version)
            ran = self.preinst()
            self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))

    def test_no_script_restarts_the_socket(self):
        text = "".join((self.root / "DEBIAN" / name).read_text() for name in SCRIPTS)
        self.assertNotRegex(text, r"(?m)restart[^#\n]*jangteo\.socket")
