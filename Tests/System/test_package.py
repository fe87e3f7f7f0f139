"""The package on a clean Debian 12: installed, upgraded, not downgraded over a newer database, removed, purged."""
import pathlib
import re
import shutil
import tempfile

import machine
import measured
import package
from shop import BACKUPS, CONFIG, DATA, DATABASE, ShopTestCase


class PackageTestCase(ShopTestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-package-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def installed(self):
        return self.shop.output(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", "jangteo"])

    def backed_up(self):
        self.shop.run("systemctl start jangteo-backup.service")
        return max(self.shop.output(f"ls {BACKUPS}/jangteo-2*.db.gz").split())


class FreshInstallation(PackageTestCase):
    def test_the_shop_is_open_behind_nginx(self):
        status, body = self.shop.ask("/api/v1/products")
        self.assertEqual(status, 200, body)
        status, body = self.shop.ask("/", language="en")
        self.assertEqual(status, 200)
        self.assertIn("<html", body)
        for address in set(re.findall(r'"(/static/[^"]*)"', body)):
            self.assertEqual(self.shop.ask(address)[0], 200, address)
        self.assertEqual(self.shop.ask("/static/shop.css")[0], 200)

    def test_it_says_that_it_is_well_to_this_machine_only(self):
        self.assertEqual(self.shop.ask("/healthz"), (200, "ok\n"))
        self.assertEqual(self.shop.ask("/readyz")[0], 200)
        status, body = self.shop.ask("/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(body, r"(?m)^jangteo_ready 1(\.0)?$")
        # Who asks at another address comes from it.
        self.shop.run("ip address add 192.0.2.1/32 dev lo")
        self.addCleanup(self.shop.run, "ip address delete 192.0.2.1/32 dev lo")
        for target in ("/metrics", "/readyz"):
            status = self.shop.output(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://192.0.2.1{target}"])
            self.assertEqual(status, "404", target)

    def test_everything_belongs_to_whom_it_should(self):
        found = self.shop.output(
            ["stat", "-c", "%n %a %U %G", DATA, DATABASE, BACKUPS, "/run/jangteo/jangteo.sock", CONFIG])
        self.assertEqual(found.splitlines(), [
            f"{DATA} 711 jangteo jangteo", f"{DATABASE} 600 jangteo jangteo", f"{BACKUPS} 700 jangteo jangteo",
            "/run/jangteo/jangteo.sock 660 root www-data", f"{CONFIG} 644 root root"])
        self.assertEqual(self.shop.output("ps -o user= -C jangteo | sort -u"), "jangteo")

    def test_nginxs_logs_are_not_for_everybody(self):
        self.assertEqual(self.shop.ask("/")[0], 200)
        found = self.shop.output("stat -c '%n %a %U %G' /var/log/nginx/jangteo-*.log")
        self.assertEqual(found.splitlines(), [
            f"/var/log/nginx/jangteo-{name}.log 640 www-data adm" for name in ("access", "error")])

    def test_everything_starts_by_itself(self):
        for unit in ("jangteo.socket", "jangteo.service", "jangteo-popular.timer", "jangteo-backup.timer"):
            self.assertEqual(self.shop.output(f"systemctl is-enabled {unit}; systemctl is-active {unit}"),
                             "enabled\nactive", unit)

    def test_the_journal_of_a_fresh_shop_has_nothing_to_worry_about(self):
        said = self.shop.journal("-u", "jangteo*")
        self.assertIn("jangteo", said)
        self.assertNotRegex(said, r"(?i)error|warning|failed")
        self.assertEqual(self.shop.journal("-u", "jangteo*", "-p", "warning"), "")

    def test_the_doctor_finds_nothing(self):
        # Both would come by themselves. And the machines of these tests have nothing that keeps their clock.
        self.shop.run("systemctl start jangteo-popular.service jangteo-backup.service")
        ran = self.shop.run(["jangteo", "doctor", "--config", CONFIG, "--skip", "clock"], check=False)
        self.assertEqual((ran.stdout, ran.returncode), ("nothing found\n", 0))
        ran = self.shop.jangteo("doctor", "--skip", "clock", check=False)
        self.assertEqual((ran.stdout, ran.returncode), ("nothing found\n", 0), "nor as the shop's own user")

    def test_the_units_are_sound(self):
        ran = self.shop.run("systemd-analyze verify --man=no /lib/systemd/system/jangteo*")
        self.assertEqual(ran.stdout, "")

    def test_the_sandbox_is_tight(self):
        for unit in ("jangteo.service", "jangteo-popular.service", "jangteo-backup.service"):
            said = self.shop.output(f"systemd-analyze security --no-pager {unit} | tail -n 1")
            score = float(said.split(":")[1].split()[0])
            measured.note("sandbox score, 0 is best", **{unit.removesuffix(".service"): score})
            self.assertLessEqual(score, 0.5, said)


class OtherSite(PackageTestCase):
    @classmethod
    def prepare(cls):
        cls.shop.write("/etc/nginx/sites-available/blog", 'server { listen 80 default_server; return 200 "blog"; }\n')
        cls.shop.run("ln -sf ../sites-available/blog /etc/nginx/sites-enabled/blog && rm /etc/nginx/sites-enabled/default"
                     " && systemctl reload nginx")

    def test_a_site_that_is_there_already_is_left_in_peace_and_it_says_so(self):
        self.assertEqual(self.shop.ask("/"), (200, "blog"))
        self.assertEqual(self.shop.output("ls /etc/nginx/sites-enabled"), "blog")
        said = self.shop.run("apt-get -q -y purge jangteo && cd /root && apt-get -q -y install ./jangteo.deb").stdout
        self.assertRegex(said, r"(?m)^jangteo: .*blog.*not enabled.*")


class WrongSettings(PackageTestCase):
    """A mistake in the settings never takes down a shop that runs."""

    WRONG = "/etc/jangteo/conf.d/wrong.conf"

    def setUp(self):
        super().setUp()
        self.process = self.shop.main_process()
        self.addCleanup(self.shop.run, f"rm -f {self.WRONG}; dpkg --configure -a; systemctl start jangteo.service")

    def test_a_reload_takes_settings_over_and_refuses_wrong_ones(self):
        self.shop.write("/etc/jangteo/conf.d/a.conf", "JANGTEO_THREADS=300\n")
        self.addCleanup(self.shop.run, "rm /etc/jangteo/conf.d/a.conf")
        self.shop.run("systemctl reload jangteo.service")
        reloaded = self.shop.main_process()
        self.assertNotIn(reloaded, (0, self.process))
        self.assertEqual(self.shop.show("jangteo.service", "ActiveState", "Result"), ["active", "success"])
        self.assertIn("threads=300", self.shop.journal("-u", "jangteo.service", "-n", "20"))

        self.shop.write(self.WRONG, "JANGTEO_THREADS=many\n")
        ran = self.shop.run("systemctl reload jangteo.service", check=False)
        self.assertNotEqual(ran.returncode, 0, ran.stdout)
        self.assertEqual(self.shop.main_process(), reloaded)
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)
        self.assertIn('JANGTEO_THREADS is "many"', self.shop.journal("-u", "jangteo.service", "-p", "err"))

    def test_an_upgrade_leaves_the_version_before_running_and_says_why(self):
        self.shop.write(self.WRONG, "JANGTEO_THREADS=many\n")
        ran = self.shop.install(package.with_version(package.field("Version") + "+next", self.folder), check=False)
        self.assertNotEqual(ran.returncode, 0, ran.stdout)
        self.assertIn(f'JANGTEO_THREADS is "many" ({self.WRONG})', ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^jangteo: .*dpkg --configure -a")
        self.assertEqual(self.shop.main_process(), self.process)
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)
        self.shop.run(f"rm {self.WRONG}; dpkg --configure -a")
        self.assertNotEqual(self.shop.main_process(), self.process)
        self.assertEqual(self.installed(), f"ii {package.field('Version')}+next")


class OtherVersions(PackageTestCase):
    SITE = "/etc/nginx/sites-available/jangteo"

    def next(self, word, edit=lambda root: None):
        return package.with_version(package.field("Version") + word, self.folder, edit)

    @staticmethod
    def with_news(root):
        """What a later version could bring."""
        for path in (root / "usr/share/jangteo/etc").rglob("*"):
            if path.is_file():
                path.write_text(path.read_text() + "\n# News.\n")

    @staticmethod
    def as_conffiles(root):
        """As the first versions were: dpkg's own files, about which it asks."""
        shutil.move(root / "usr/share/jangteo/etc", root / "etc")
        files = sorted(f"/{path.relative_to(root)}" for path in (root / "etc").rglob("*") if path.is_file())
        (root / "DEBIAN/conffiles").write_text("\n".join(files) + "\n")
        for script in ("preinst", "postinst", "prerm", "postrm"):
            (root / "DEBIAN" / script).write_text("#!/bin/sh\n")

    def test_1_what_nobody_has_changed_becomes_the_new_versions(self):
        said = self.shop.install(self.next("+news", self.with_news)).stdout
        self.assertNotIn("was changed", said)
        for path in (CONFIG, self.SITE, "/etc/nginx/snippets/jangteo-server.conf"):
            self.assertTrue(self.shop.path(path).read_text().endswith("# News.\n"), path)
        self.shop.install()
        self.assertNotIn("# News.", self.shop.path(self.SITE).read_text())
        self.assertEqual(self.shop.output("find /etc -name '*.dpkg-*' -path '*jangteo*'"), "")

    def test_2_what_was_changed_stays_and_nobody_is_asked_but_told_once(self):
        self.shop.run(f"echo '# Mine.' >>{self.SITE}; echo JANGTEO_LOG_LEVEL=debug >>{CONFIG}")
        self.shop.write("/etc/jangteo/conf.d/mine.conf", "JANGTEO_THREADS=300\n")
        said = self.shop.install(self.next("+news", self.with_news)).stdout
        self.assertEqual(self.installed(), f"ii {package.field('Version')}+news", said)
        self.assertEqual(said.count("was changed on this machine and stays as it is"), 2, said)
        self.assertNotIn("conffile", said.lower())
        self.assertTrue(self.shop.path(self.SITE).read_text().endswith("# Mine.\n"))
        self.assertIn("JANGTEO_LOG_LEVEL=debug", self.shop.path(CONFIG).read_text())
        self.assertTrue(self.shop.path("/etc/jangteo/conf.d/mine.conf").exists())
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)
        again = self.shop.install(self.next("+newsagain", self.with_news)).stdout
        self.assertNotIn("was changed", again)

    def test_3_nginx_goes_on_with_what_it_had_when_it_does_not_take_the_new(self):
        def broken(root):
            path = root / "usr/share/jangteo/etc/nginx/snippets/jangteo-http.conf"
            path.write_text(path.read_text() + "no_such_directive on;\n")

        said = self.shop.install(self.next("+broken", broken)).stdout
        self.assertRegex(said, r"(?m)^jangteo: nginx does not take .*no_such_directive")
        self.assertEqual(self.shop.output("nginx -t 2>&1 | grep -c 'test is successful'"), "1")
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)

    def test_4_from_a_version_whose_files_were_dpkgs_nobody_is_asked_either(self):
        self.shop.run("apt-get -q -y purge jangteo")
        self.shop.install(self.next("~first", self.as_conffiles))
        self.shop.run("echo '# Mine.' >>/etc/nginx/snippets/jangteo-http.conf")
        said = self.shop.install(self.next("+news", self.with_news)).stdout
        self.assertEqual(self.installed(), f"ii {package.field('Version')}+news", said)
        self.assertTrue(self.shop.path(CONFIG).read_text().endswith("# News.\n"))
        self.assertTrue(self.shop.path("/etc/nginx/snippets/jangteo-http.conf").read_text().endswith("# Mine.\n"))
        self.assertEqual(said.count("was changed on this machine and stays as it is"), 1, said)
        self.shop.run("apt-get -q -y purge jangteo")
        self.shop.install()

    def test_an_older_one_is_taken_back_while_the_database_is_not_newer(self):
        older = package.with_version("0.1~before", self.folder)
        self.shop.install(older)
        self.assertEqual(self.installed(), "ii 0.1~before")
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)
        self.shop.install()
        self.assertEqual(self.installed(), f"ii {package.field('Version')}")

    def test_an_older_one_is_refused_with_one_line_when_the_database_is_newer(self):
        version, before = int(self.shop.output(["sqlite3", DATABASE, "PRAGMA user_version"], user="jangteo")), self.installed()
        self.addCleanup(self.set_schema, version)
        self.set_schema(version + 1)
        ran = self.shop.install(package.with_version("0.1~before", self.folder), check=False)
        self.assertNotEqual(ran.returncode, 0, ran.stdout)
        self.assertEqual(len([line for line in ran.stdout.splitlines() if line.startswith("jangteo: ")]), 1, ran.stdout)
        self.assertRegex(ran.stdout, rf"(?m)^jangteo: .*schema version {version + 1}\b.*{version}\b.*$")
        self.assertEqual(self.installed(), before)
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)

    def set_schema(self, version):
        self.shop.run(["sqlite3", DATABASE, f"PRAGMA user_version = {version}"], user="jangteo")


class Removal(PackageTestCase):
    def setUp(self):
        super().setUp()
        self.shop.install()
        self.shop.fill(users=3, products=3)

    def test_1_a_removal_keeps_the_data_and_the_next_installation_goes_on_with_them(self):
        books = self.shop.charges()
        said = self.shop.run("apt-get -q -y remove jangteo").stdout
        self.assertIn(DATA, said)
        self.assertEqual(self.shop.output("pgrep -x jangteo || true"), "")
        self.assertEqual(self.shop.output("systemctl --failed --plain --no-legend"), "")
        self.assertNotEqual(self.shop.ask("/api/v1/products")[0], 200)
        self.assertEqual(self.shop.output("nginx -t 2>&1 | grep -c 'test is successful'"), "1")
        self.assertIn("nginx has its own default site again", said)
        self.assertEqual(self.shop.output("readlink -f /etc/nginx/sites-enabled/*"), "/etc/nginx/sites-available/default")
        # A reload of nginx is said to be done while its workers of before may still answer.
        machine.until(30, "nginx answers with its own site", lambda: "Welcome to nginx" in self.shop.ask("/")[1])
        self.shop.install()
        self.assertEqual(self.shop.output("ls /etc/nginx/sites-enabled"), "jangteo")
        self.assertEqual(self.shop.charges(), books)
        machine.until(30, "nginx answers for the shop", lambda: self.shop.ask("/api/v1/products")[0] == 200)

    def test_2_a_purge_removes_all_but_the_backups_and_says_where_the_last_one_lies(self):
        last = self.backed_up()
        # The one before a migration is older, whatever its name.
        self.shop.run(f"cp {last} {BACKUPS}/jangteo-before-schema-2.db.gz")
        said = self.shop.run("apt-get -q -y purge jangteo").stdout
        self.assertRegex(said, rf"(?m)^jangteo: .*{last}$")
        self.assertTrue(self.shop.path(last).exists())
        left = self.shop.output(
            "find / -xdev \\( -path /proc -o -path /sys -o -path /var/log/journal \\) -prune -o -iname '*jangteo*' -print")
        self.assertEqual(
            {path for path in left.splitlines() if not path.startswith((BACKUPS, "/root/"))} - {
                "/var/lib/systemd/deb-systemd-helper-enabled"}, set(), said)
        self.assertEqual(self.shop.output("nginx -t 2>&1 | grep -c 'test is successful'"), "1")

    def test_3_a_purge_after_a_removal_does_the_same(self):
        last = self.backed_up()
        self.shop.run("apt-get -q -y remove jangteo")
        said = self.shop.run("apt-get -q -y purge jangteo").stdout
        self.assertRegex(said, rf"(?m)^jangteo: .*{last}$")
        self.assertFalse(self.shop.path(DATA).exists())
