"""A day of the shop: the whole acceptance through its nginx, the timers, restarts and an upgrade while customers buy."""
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import machine
import measured
import package
from shop import ADMIN, BACKUPS, ShopTestCase

ACCEPTANCE = package.REPOSITORY / "Tests" / "Acceptance" / "acceptance.py"


class Acceptance(ShopTestCase):
    def test_every_case_holds(self):
        self.shop.make_admin()
        popular = f"nsenter -t {self.shop.leader} -a systemctl start jangteo-popular.service"
        ran = subprocess.run(
            self.shop.command(
                [sys.executable, "-B", ACCEPTANCE, "--url", "http://127.0.0.1:80", "--admin", ADMIN, "--popular", popular],
                network_only=True),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        tally = re.search(r"^(\d+) passed, (\d+) failed$", ran.stdout, re.M)
        self.assertTrue(tally, ran.stdout)
        measured.note("acceptance", passed=int(tally[1]), failed=int(tally[2]))
        self.assertEqual((ran.returncode, tally[2]), (0, "0"), ran.stdout)
        self.assertEqual(self.shop.audit(), "")


class UnderLoad(ShopTestCase):
    """wrk with 32 connections, of which no request may be lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.shop.fill()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-upgrade-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.sockets = self.identity("jangteo.socket")
        self.process = self.shop.main_process()
        self.charges = len(self.shop.charges())

    def identity(self, unit):
        return self.shop.show(unit, "InvocationID")

    def closed_seconds(self):
        """From when the service began to stop until it was ready again, as systemd has seen it."""
        left, entered = map(int, self.shop.show(
            "jangteo.service", "ActiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic"))
        self.assertGreater(entered, left)
        return round((entered - left) / 1e6, 2)

    def assert_nothing_was_lost(self, result, name, **more):
        measured.note(
            name, requests_sent=result.requests, lost_by_wrk=result.lost_by_wrk, lost_by_nginx=result.lost_by_nginx,
            slowest_answer_seconds=result.counted["slowest"], **more)
        self.assertEqual((result.lost_by_wrk, result.lost_by_nginx), (0, 0), str(result))
        self.assertLessEqual(result.left, 32)
        self.assertGreater(result.requests, 500)
        # What was answered is in the books; wrk may have left before it heard of some.
        charged = len(self.shop.charges()) - self.charges
        self.assertLessEqual(result.charged, charged)
        self.assertLessEqual(charged, result.charged + result.left)
        self.assertEqual(self.shop.audit(), "")
        self.assertEqual(self.identity("jangteo.socket"), self.sockets, "the socket was closed meanwhile")

    def test_five_restarts_lose_no_request(self):
        load = self.shop.load(self.customers)
        closed = []
        for _ in range(5):
            before = self.shop.main_process()
            self.shop.run("systemctl restart jangteo.service")
            self.assertNotEqual(self.shop.main_process(), before)
            closed.append(self.closed_seconds())
            time.sleep(0.5)
        self.assert_nothing_was_lost(load.stop(), "5 restarts, 32 connections", longest_closed_seconds=max(closed))

    def test_an_upgrade_loses_no_request(self):
        next_one = package.with_version(package.field("Version") + "+next", self.folder)
        load = self.shop.load(self.customers)
        self.shop.install(next_one)
        closed = self.closed_seconds()
        time.sleep(1)
        result = load.stop()
        self.assertNotEqual(self.shop.main_process(), self.process, "the new version was not started")
        self.assert_nothing_was_lost(result, "an upgrade, 32 connections", closed_seconds=closed)

    def test_a_reload_of_nginx_loses_no_request(self):
        load = self.shop.load(self.customers)
        self.shop.run("systemctl reload nginx.service")
        time.sleep(1)
        result = load.stop()
        # wrk counts a kept connection that nginx closes after a request's end among the reading errors.
        self.assertEqual(result.lost_by_nginx, 0, str(result))


class Timers(ShopTestCase):
    TIMERS = ("jangteo-popular", "jangteo-backup")

    def last_run(self, service):
        """When it last ended well, in microseconds of this machine's life; 0 for never."""
        ended, state = self.shop.show(f"{service}.service", "ExecMainExitTimestampMonotonic", "ActiveState")
        self.assertNotEqual(state, "failed", self.shop.journal("-u", f"{service}.service"))
        return int(ended)

    def next_run(self, timer):
        shown = self.shop.show(f"{timer}.timer", "NextElapseUSecRealtime")[0]
        return datetime.datetime.strptime(shown, "%a %Y-%m-%d %H:%M:%S %Z")

    def lasts(self):
        return {name: self.last_run(name) for name in self.TIMERS}

    def all_ran_since(self, before):
        return all(self.last_run(name) > before[name] for name in self.TIMERS)

    def make_late(self, stamps):
        """As if the timers had last fired three days ago."""
        old = time.time() - 3 * 86_400
        for name in self.TIMERS:
            os.utime(stamps / f"stamp-{name}.timer", (old, old))

    def test_they_are_set_to_the_quarters_and_to_the_night(self):
        popular, backup = self.next_run("jangteo-popular"), self.next_run("jangteo-backup")
        self.assertEqual((popular.minute % 15, popular.second), (0, 0))
        self.assertLess(backup.hour, 6)

    def test_they_fire_and_their_services_do_their_work(self):
        # Two in the same second have the same name.
        listed = f"ls -li --time-style=full-iso {BACKUPS}"
        before, there = self.lasts(), self.shop.output(listed)
        for name in self.TIMERS:
            dropped = f"/run/systemd/system/{name}.timer.d/often.conf"
            self.shop.write(dropped, "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/2\nAccuracySec=100ms\n")
        self.shop.run("systemctl daemon-reload")
        try:
            machine.until(20, "both have fired", lambda: self.all_ran_since(before))
        finally:
            self.shop.run("rm -r /run/systemd/system/jangteo-*.timer.d; systemctl daemon-reload; systemctl start "
                          + " ".join(f"{name}.timer" for name in self.TIMERS))
        self.assertNotEqual(self.shop.output(listed), there)
        self.assertRegex(self.shop.ask("/api/v1/products/popular")[1], r'"computedAt":"\d')
        # Each quarter of an hour a line would hide those that somebody should read.
        self.assertEqual(self.shop.journal("-t", "jangteo-popular", "-t", "jangteo", "-u", "jangteo-popular.service",
                                           "--grep", "popular list replaced"), "")

    def test_what_was_missed_while_they_were_stopped_is_caught_up_with(self):
        names = " ".join(f"{name}.timer" for name in self.TIMERS)
        self.shop.run(f"systemctl stop {names}")
        before = self.lasts()
        self.make_late(self.shop.path("/var/lib/systemd/timers"))
        self.shop.run(f"systemctl start {names}")
        machine.until(20, "both have caught up", lambda: self.all_ran_since(before))

    def test_what_was_missed_while_the_machine_was_off_is_caught_up_with(self):
        self.shop.stop()
        self.make_late(self.shop.upper / "var/lib/systemd/timers")
        self.shop.boot()
        machine.until(30, "both have caught up", lambda: all(self.lasts().values()))
        self.assertEqual(self.shop.output("systemctl --failed --plain --no-legend"), "")

    def test_a_backup_that_fails_is_an_error_in_the_journal_and_no_backup(self):
        self.shop.run("systemctl start jangteo-backup.service")
        there = self.shop.output(f"ls -l --time-style=full-iso {BACKUPS}")
        self.shop.fill(users=1000, products=1000)
        self.shop.run(f"mount -t tmpfs -o size=200k,mode=0700,uid=jangteo tmpfs {BACKUPS}")
        try:
            ran = self.shop.run("systemctl start jangteo-backup.service", check=False)
            self.assertNotEqual(ran.returncode, 0)
            self.assertIn(self.shop.output(f"ls {BACKUPS}"), ("", "last-failed"), "a part of a backup was left")
        finally:
            self.shop.run(f"umount {BACKUPS}; systemctl reset-failed")
        self.assertEqual(self.shop.output(f"ls -l --time-style=full-iso {BACKUPS}"), there)
        errors = self.shop.journal("-t", "jangteo-backup", "-p", "err")
        self.assertEqual(len(errors.splitlines()), 1, errors)
