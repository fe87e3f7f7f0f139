"""A machine with the package installed, customers, load, and what has to hold afterwards."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

import machine
import measured
import package

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = "/etc/jangteo/jangteo.conf"
DATA = "/var/lib/jangteo"
DATABASE = f"{DATA}/shop.db"
BACKUPS = "/var/backups/jangteo"
ADMIN = "boss:correct horse battery"
WRK_CONNECTIONS = 32


class Shop(machine.Machine):
    """What can be done with a shop that the package has installed."""

    def install(self, deb=None, seconds=120, check=True):
        """Installs a package as a sysadmin does, without a network."""
        self.copy(deb or package.path(), "/root/jangteo.deb")
        return self.run(
            "cd /root && apt-get -q -y -o Dpkg::Use-Pty=0 --allow-downgrades install ./jangteo.deb",
            seconds=seconds, check=check)

    def jangteo(self, *arguments, check=True, text=None, seconds=60):
        """Runs the command as the manual says: as the shop's user, with the shop's settings."""
        words = ["jangteo", *arguments, "--config", CONFIG]
        return self.run(words, user="jangteo", check=check, text=text, seconds=seconds)

    def fill(self, users=64, products=100):
        """Products, and customers: the id and a token of each."""
        last = self.number("SELECT coalesce(max(id), 0) FROM users") if self.path(DATABASE).exists() else 0
        self.jangteo(
            "demo", "--users", users, "--products", products, "--coupon-quantity", 1_000_000, "--balance", 1_000,
            "--tokens", f"{DATA}/tokens")
        tokens = self.path(f"{DATA}/tokens").read_text().split()
        self.run(["rm", f"{DATA}/tokens"])
        made = self.rows(f"SELECT id FROM users WHERE id > {last} ORDER BY id")
        return [(int(row[0]), token) for row, token in zip(made, tokens, strict=True)]

    def make_admin(self):
        login, password = ADMIN.split(":")
        self.jangteo("users", "create", login, "--admin", "--password-stdin", text=password + "\n")
        # The acceptance logs in with the password alone.
        self.write("/etc/jangteo/conf.d/acceptance.conf", "JANGTEO_SECOND_FACTOR=optional\n")
        self.run(["systemctl", "reload", "jangteo.service"])

    def is_ready(self):
        return self.ask("/readyz", seconds=2)[0] == 200

    def rows(self, query):
        """What the database answers, a list of columns for each row. It is opened by the shop's own user."""
        found = self.output(["sqlite3", "-readonly", "-separator", "\t", DATABASE, query], user="jangteo")
        return [line.split("\t") for line in found.splitlines()]

    def number(self, query):
        return int(self.rows(query)[0][0])

    def audit(self):
        """What is wrong in the books; nothing when all rules hold."""
        ran = self.jangteo("audit", check=False)
        return "" if ran.returncode == 0 else ran.stdout or f"exit status {ran.returncode}"

    def charges(self):
        """All that there are: whose, and which of theirs."""
        return {(int(user), int(id)) for user, id in
                self.rows("SELECT user_id, id FROM balance_entries WHERE kind = 'charge'")}

    def access_log(self):
        """Status and request line of everything that nginx has answered, from its log."""
        lines = self.path("/var/log/nginx/jangteo-access.log").read_text(errors="replace").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    # --- load ---------------------------------------------------------------------------------------------------------

    def load(self, customers):
        """wrk on products and charges, with the connections that a busy hour has."""
        self.copy(HERE / "load.lua", "/root/load.lua")
        return Load(self, [token for _, token in customers])

    def charging(self, customers, keys=()):
        return Charging(self, customers, keys)


class Load:
    """wrk in the machine, until it is stopped; for two minutes at most."""

    def __init__(self, shop, tokens):
        self.shop = shop
        self.lines_before = len(shop.access_log())
        self.process = subprocess.Popen(
            shop.command(["wrk", "-t", "2", "-c", WRK_CONNECTIONS, "-d", "120s", "--timeout", "15s",
                          "-s", "/root/load.lua", "http://127.0.0.1:80", "--", *tokens]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        machine.until(10, "the load is on", lambda: len(shop.access_log()) > self.lines_before + WRK_CONNECTIONS)

    def stop(self):
        """Answers what wrk counted, beside what nginx's log says."""
        if self.process.poll() is not None:
            raise AssertionError(f"the load was over before: {self.process.communicate()[0]}")
        self.shop.run("pkill -INT -x wrk")
        output, _ = self.process.communicate(timeout=30)
        counted = re.search(r"^counted (.*)$", output, re.M)
        if self.process.returncode != 0 or not counted:
            raise AssertionError(f"wrk: {output}")
        time.sleep(1.5)  # nginx writes its log once a second
        return LoadResult(json.loads(counted[1]), self.shop.access_log()[self.lines_before:])


class LoadResult:
    """What became of every request."""

    def __init__(self, counted, log):
        self.counted = counted
        self.requests = counted["requests"]
        # Broken connections, time-outs, and answers that were refusals, as wrk counts them.
        self.lost_by_wrk = sum(counted[kind] for kind in ("connect", "read", "write", "timeout", "status"))
        # 499 is a request that wrk itself left when its time was over.
        self.left = sum(line["status"] == 499 for line in log)
        refused = [line for line in log if line["status"] >= 400 and line["status"] != 499]
        self.lost_by_nginx, self.refused = len(refused), refused[:3]
        self.answered_by_nginx = sum(line["status"] < 400 for line in log)
        self.charged = sum(line["status"] == 201 for line in log)

    def __str__(self):
        return f"{self.counted}, nginx: {self.lost_by_nginx} refused, {self.left} left, {self.refused}"


class Charging:
    """Customers who charge until they are told to stop, and send again what was not acknowledged (charging.py)."""

    def __init__(self, shop, customers, keys=()):
        self.folder = tempfile.TemporaryDirectory(prefix="jangteo-charging-")
        self.report = pathlib.Path(self.folder.name) / "report"
        self.process = subprocess.Popen(
            shop.command([sys.executable, "-B", HERE / "charging.py", self.report], network_only=True),
            stdin=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps({"customers": customers, "keys": list(keys)}))
        self.process.stdin.close()

    def acknowledged(self):
        """Every charge that was answered with success, so far."""
        lines = self.report.read_text().splitlines() if self.report.exists() else []
        return [json.loads(line) for line in lines if line.startswith('{"entry"')]

    def said(self, word):
        """How many lines begin with a word: `unavailable` for an answer 503, `refused` for what is neither."""
        return sum(line.startswith(word) for line in self.report.read_text().splitlines())

    def first_after(self, moment):
        """When the first charge that was sent after a moment was acknowledged; None when none was yet."""
        return min((one["answered"] for one in self.acknowledged() if one["sent"] >= moment), default=None)

    def stop(self, finish=True):
        """Ends it; with `finish`, everything that was begun is sent until it is acknowledged.

        Answers the charges that were acknowledged, and those of which nobody knows what became of them: at most one for
        each customer, whose id comes with its key.
        """
        self.process.terminate() if finish else self.process.kill()
        self.process.wait(60)
        acknowledged = self.acknowledged()
        begun = re.findall(r"^begun (\d+) (\S+)$", self.report.read_text(), re.M)
        known = {one["key"] for one in acknowledged}
        if self.said("refused"):
            raise AssertionError(re.search(r"^refused .*$", self.report.read_text(), re.M)[0])
        return acknowledged, [[int(who), key] for who, key in begun if key not in known]

    def abandon(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


REASON = machine.why_not() or package.why_not()


@unittest.skipIf(REASON, REASON)
class ShopTestCase(unittest.TestCase):
    """Tests on one machine with the package installed. What its journal says is shown when one fails."""

    @classmethod
    def setUpClass(cls):
        cls.shop = cls.new_shop()
        cls.prepare()
        cls.shop.install()

    @classmethod
    def prepare(cls):
        """What is done to the machine before the package comes."""

    @classmethod
    def new_shop(cls, **options):
        shop = Shop(**options)
        cls.addClassCleanup(shop.destroy)
        shop.boot()
        return shop

    def run(self, result=None):
        def bad():
            return len(result.failures) + len(result.errors)

        before = bad()
        super().run(result)
        if bad() > before and self.shop.leader:
            print(f"--- the machine's journal after {self.id()}")
            print(self.shop.journal("-n", "40", "-u", "jangteo*", "-u", "nginx"))

    def assert_nothing_is_lost(self, what, acknowledged, unknown, before, **numbers):
        """Every acknowledged charge is in the books, once, and nothing that nobody sent. Notes the numbers."""
        there = self.shop.charges() - before
        promised = {(one["user"], one["entry"]) for one in acknowledged}
        lost = promised - there
        measured.note(what, acknowledged=len(acknowledged), lost=len(lost), **numbers)
        self.assertEqual(len(promised), len(acknowledged), "two charges were answered with one entry")
        self.assertEqual(lost, set(), "acknowledged and lost")
        self.assertLessEqual(len(there - promised), len(unknown), "charged without anybody who asked for it")
        self.assertEqual(self.shop.audit(), "")
