"""The package on a clean Debian 12: installed, upgraded, not downgraded over a newer database, removed, purged."""
import pathlib
import shutil
import tempfile

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
            f"{DATA} 700 jangteo jangteo", f"{DATABASE} 600 jangteo jangteo", f"{BACKUPS} 700 jangteo jangteo",
            "/run/jangteo/jangteo.sock 660 root www-data", f"{CONFIG} 644 root root"])
        self.assertEqual(self.shop.output("ps -o user= -C jangteo | sort -u"), "jangteo")

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


class OtherVersions(PackageTestCase):
    def test_settings_that_were_changed_are_kept(self):
        self.shop.run(f"echo JANGTEO_LOG_LEVEL=debug >>{CONFIG}")
        said = self.shop.install(package.with_version(package.field("Version") + "+next", self.folder)).stdout
        self.assertEqual(self.installed(), f"ii {package.field('Version')}+next", said)
        self.assertIn("JANGTEO_LOG_LEVEL=debug", self.shop.path(CONFIG).read_text())

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
        self.shop.install()
        self.assertEqual(self.shop.charges(), books)
        self.assertEqual(self.shop.ask("/api/v1/products")[0], 200)

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
