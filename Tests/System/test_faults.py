"""What goes wrong on a server: the program dies, hangs, the power fails, the disk is full. Nothing acknowledged is lost."""
import signal
import time

import machine
from shop import DATA, ShopTestCase


class FaultTestCase(ShopTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.shop.fill()[:16]

    def setUp(self):
        self.before = self.shop.charges()

    def begin(self, charges=100, keys=()):
        """Customers charge; returns when that many have been answered."""
        charging = self.shop.charging(self.customers, keys)
        self.addCleanup(charging.abandon)
        machine.until(60, "the load is on", lambda: len(charging.acknowledged()) >= charges)
        return charging

    def goes_on(self, charging, moment, seconds=60):
        """How many seconds after a moment the next charge that was sent since was acknowledged."""
        first = machine.until(seconds, "charges are acknowledged again", lambda: charging.first_after(moment))
        return round(first - moment, 2)

    def set_watchdog(self, seconds):
        """A shorter one than the package's, for this test."""
        dropped = "/run/systemd/system/jangteo.service.d"
        self.shop.write(f"{dropped}/soon.conf", f"[Service]\nWatchdogSec={seconds}s\n")
        restart = "systemctl daemon-reload && systemctl restart jangteo.service"
        self.shop.run(restart)
        self.addCleanup(self.shop.run, f"rm -r {dropped} && {restart}")

    def kill_service(self, number):
        inside = machine.until(10, "the service has a process", self.shop.main_process)
        self.shop.run(["kill", f"-{int(number)}", inside])
        return inside


class Killed(FaultTestCase):
    def test_the_service_is_killed_under_load(self):
        charging, seconds = self.begin(), []
        # A fault of its own among them: a program that stops to write down where it stood would stay away for a minute.
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            self.kill_service(number)
            moment = time.monotonic()
            seconds.append(self.goes_on(charging, moment, seconds=30))
            time.sleep(0.5)
        acknowledged, unknown = charging.stop()
        self.assertEqual(unknown, [])
        self.assert_nothing_is_lost("service killed 3 times under load", acknowledged, unknown, self.before,
                                    longest_seconds_to_ready=max(seconds))

    def test_the_service_hangs_and_the_watchdog_ends_it(self):
        self.set_watchdog(2)
        charging = self.begin()
        hung = self.kill_service(signal.SIGSTOP)
        moment = time.monotonic()
        machine.until(15, "another process serves", lambda: self.shop.main_process() not in (0, hung))
        seconds = self.goes_on(charging, moment)
        acknowledged, unknown = charging.stop()
        self.assert_nothing_is_lost("service hung, watchdog of 2 s", acknowledged, unknown, self.before,
                                    seconds_to_ready=seconds)


class PowerCut(FaultTestCase):
    def test_the_machine_is_killed_under_load_and_booted_again(self):
        acknowledged, seconds, unknown = [], [], []
        charging = self.begin()
        for _ in range(2):
            moment = time.monotonic()
            self.shop.cut_power()
            more, unknown = charging.stop(finish=False)
            acknowledged += more
            self.shop.boot(wait=False)
            # Who does not know the end of a charge sends it again, and it happens once.
            charging = self.begin(1, unknown)
            seconds.append(self.goes_on(charging, moment))
            self.shop.wait_until_running()
            time.sleep(0.5)
        more, unknown = charging.stop()
        acknowledged += more
        self.assertEqual(unknown, [])
        self.assert_nothing_is_lost("machine killed 2 times under load", acknowledged, unknown, self.before,
                                    longest_seconds_to_ready_with_the_boot=max(seconds))


class DiskFull(FaultTestCase):
    """The data folder is a disk of 64 MB."""

    @classmethod
    def new_shop(cls):
        return super().new_shop(disk=DATA, disk_megabytes=64)

    def fill_disk(self):
        self.shop.run(f"for size in 1M 4k 512; do dd if=/dev/zero bs=$size status=none >>{DATA}/ballast || true; done; sync",
                      check=False)
        self.addCleanup(self.free_disk)

    def free_disk(self):
        self.shop.run(f"rm -f {DATA}/ballast")

    def test_the_disk_is_full_for_a_while(self):
        process = self.shop.main_process()
        charging = self.begin()
        self.fill_disk()
        machine.until(30, "charges are refused", lambda: charging.said("unavailable") > 20)
        self.assertEqual(self.shop.ask("/api/v1/products?limit=5")[0], 200, "what only reads goes on")
        # What it writes to find out is smaller than a charge: where a little room is left it uses that up first.
        machine.until(30, "it says that it cannot sell", lambda: self.shop.ask("/readyz")[0] == 503)
        self.assertEqual(self.shop.ask("/healthz")[0], 200)
        moment = time.monotonic()
        self.free_disk()
        seconds = self.goes_on(charging, moment)
        acknowledged, unknown = charging.stop()
        self.assertEqual(self.shop.ask("/readyz")[0], 200)
        self.assertEqual(self.shop.main_process(), process, "it goes on by itself")
        self.assertEqual(unknown, [])
        self.assert_nothing_is_lost("disk full and freed again under load", acknowledged, unknown, self.before,
                                    seconds_to_ready=seconds)

    def test_the_disk_stays_full_for_longer_than_the_watchdog_waits(self):
        self.set_watchdog(2)
        began = self.shop.output("date '+%F %T'")
        charging = self.begin()
        self.fill_disk()
        machine.until(30, "charges are refused", lambda: charging.said("unavailable") > 20)
        # Who only looks around is served meanwhile.
        over = time.monotonic() + 6
        while time.monotonic() < over:
            self.assertEqual(self.shop.ask("/api/v1/products?limit=5")[0], 200)
            time.sleep(0.2)
        moment = time.monotonic()
        self.free_disk()
        seconds = self.goes_on(charging, moment)
        acknowledged, unknown = charging.stop()
        # Hundreds of requests were refused; the journal says so once, and with a count when it is over.
        self.assertGreater(charging.said("unavailable"), 20)
        warnings = self.shop.journal("-u", "jangteo.service", "-p", "warning", "--since", began).splitlines()
        self.assertTrue(any("unavailable: " in line for line in warnings), warnings)
        self.assertLess(len(warnings), 12, warnings)
        # To start anew would make no room.
        self.assertEqual(self.shop.show("jangteo.service", "NRestarts"), ["0"])
        self.assert_nothing_is_lost("disk full for 6 s, watchdog of 2 s", acknowledged, unknown, self.before,
                                    seconds_to_ready=seconds)
