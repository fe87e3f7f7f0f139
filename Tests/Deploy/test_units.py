"""The units of systemd: sound, and each as closed as the others."""
import os
import re
import shutil
import signal
import subprocess

from package_support import PackageTestCase
from support import REPOSITORY, TestCase, until

UNITS = REPOSITORY / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))


def settings(path, section):
    """The settings of one section, in their order."""
    text = re.split(r"(?m)^\[(\w+)\]$", path.read_text())
    return [tuple(line.split("=", 1)) for line in text[text.index(section) + 1].splitlines()
            if "=" in line and not line.startswith("#")]


class Units(TestCase, PackageTestCase):
    def test_systemd_has_nothing_to_say_of_them(self):
        # In a tree that has the package's files and the system's own units.
        tree = self.folder / "tree"
        shutil.copytree("/lib/systemd/system", tree / "lib/systemd/system", symlinks=True)
        shutil.copytree(self.root, tree, dirs_exist_ok=True)
        names = sorted(path.name for path in UNITS.iterdir())
        self.assertEqual(len(names), 6)
        ran = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", f"--root={tree}", *names], capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout + ran.stderr), (0, ""))

    def test_the_sandbox_is_closed(self):
        for service in SERVICES:
            ran = subprocess.run(
                ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=5", service],
                capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stdout)
            exposure = re.search(r"Overall exposure level for \S+: ([\d.]+) ", ran.stdout)[1]
            self.assertLessEqual(float(exposure), 0.5, service.name)

    def test_the_sandbox_is_the_same_for_all(self):
        def sandbox(service):
            here = settings(service, "Service")
            return here[here.index(("User", "jangteo")):]

        first, *others = map(sandbox, SERVICES)
        self.assertGreater(len(first), 30)
        for other in others:
            self.assertEqual(other, first)

    def test_a_restart_of_the_service_leaves_the_socket_open(self):
        for path in UNITS.iterdir():
            self.assertNotRegex(path.read_text(), r"(?m)^(Also|PartOf|BindsTo|Conflicts)=", path.name)
        self.assertIn(("StartLimitIntervalSec", "0"), settings(UNITS / "jangteo.service", "Unit"))

    def test_every_command_that_they_run_exists_and_reads_the_settings_file(self):
        for service in SERVICES:
            for key, value in settings(service, "Service"):
                if key.startswith("Exec") and "systemctl" not in value:
                    self.assertIn(" --config /etc/jangteo/jangteo.conf", value)
                    command = value.split()[1]
                    ran = subprocess.run(
                        [self.root / "usr/bin/jangteo", command, "--help"], capture_output=True, text=True)
                    self.assertEqual(ran.returncode, 0, value)

    def test_the_timers_fire_when_they_should(self):
        for name, times in (("popular", ["00:00", "15:00", "30:00", "45:00"]), ("backup", ["07:00"])):
            timer = dict(settings(UNITS / f"jangteo-{name}.timer", "Timer"))
            self.assertEqual(timer["Persistent"], "yes")
            said = subprocess.run(
                ["systemd-analyze", "calendar", "--iterations=8", timer["OnCalendar"]],
                capture_output=True, text=True, check=True).stdout
            minutes = set(re.findall(r"(?:Next elapse|Iter\. #\d+|Iteration #\d+): .* \d\d:(\d\d:\d\d)", said))
            self.assertEqual(sorted(minutes), times, said)


class Crash(TestCase):
    def test_a_shop_that_crashes_ends_at_once_to_be_started_again(self):
        service = settings(UNITS / "jangteo.service", "Service")
        self.assertIn(("Restart", "on-failure"), service)
        self.assertIn(("RestartSec", "500ms"), service)
        environment = dict(value.split("=", 1) for name, value in service if name == "Environment")
        program = REPOSITORY / ".build/release/jangteo"
        subprocess.run([program, "migrate", "--data", self.folder], check=True, stdout=subprocess.DEVNULL)
        with open(self.folder / "log", "wb") as log:
            shop = subprocess.Popen(
                [program, "serve", "--data", self.folder, "--socket", self.folder / "s"], stderr=log,
                env={**os.environ, **environment, "JANGTEO_SHARE": str(REPOSITORY / "Sources/ShopWeb/Storefront")})
        self.addCleanup(lambda: (shop.kill(), shop.wait()))
        until(20, "the shop is ready", lambda: b"ready" in (self.folder / "log").read_bytes())
        shop.send_signal(signal.SIGILL)
        # Swift's own report of a crash took a minute.
        self.assertEqual(shop.wait(20), -signal.SIGILL)
        self.assertNotIn(b"Backtrace", (self.folder / "log").read_bytes())
