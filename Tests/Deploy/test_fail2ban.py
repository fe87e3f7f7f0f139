"""What the shop tells of log-ins and accounts, read by the real fail2ban with the filter and the jail of the package."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest
import urllib.parse

from support import REPOSITORY, TestCase
from test_search import JANGTEO, Responder

FAIL2BAN = REPOSITORY / "deploy" / "fail2ban"
PASSWORD, WRONG = "correct horse battery", "wrong-guess-of-somebody"
# Passwords are hashed in no time, so that a wait is longer than a try.
CHEAP = {**os.environ, "JANGTEO_PASSWORD_COST": "4"}
# What a client can send to look like a line about somebody else's address.
HOSTILE = [
    'x" address=1.2.3.4', "x address=1.2.3.4 login=y", "x\nevent=login-failed address=1.2.3.4 login=y",
    "event=login-failed address=1.2.3.4 login=y", "\r\nshop jangteo[1]: event=login-failed address=1.2.3.4 login=y",
    "1.2.3.4", "x\x00address=1.2.3.4", "x\u2028address=1.2.3.4"]
# The program with /dev for itself, and what it sends to the machine's log there.
WITH_A_LOG_OF_ITS_OWN = """
import os, socket, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
for name, minor in ("null", 3), ("urandom", 9):
    subprocess.run(["mknod", "-m", "666", "/dev/" + name, "c", "1", str(minor)], check=True)
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
log.setblocking(False)
ran = subprocess.run(sys.argv[1:], input=sys.stdin.buffer.read(), stdout=subprocess.PIPE)
try:
    while True:
        print(log.recv(4096).decode().rstrip("\\0"))
except BlockingIOError:
    sys.exit(ran.returncode)
"""


class Shop(Responder):
    """The program over a data folder, what it writes kept as systemd would take it."""

    def __init__(self, data):
        self.path, self.log = str(data / "s"), data / "log"
        self.errors = open(self.log, "wb")
        self.process = subprocess.Popen([JANGTEO, "serve", "--data", data, "--socket", self.path], stderr=self.errors, env=CHEAP)

    def __exit__(self, *about):
        super().__exit__(*about)
        self.errors.close()

    def ask(self, method, target, body="", address="192.0.2.99", kind="application/json", **fields):
        """Status and body of the answer."""
        body = body.encode()
        parameters = {"REQUEST_METHOD": method, "REQUEST_URI": target, "REMOTE_ADDR": address, "CONTENT_TYPE": kind,
                      "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "shop", **fields}
        pairs = b"".join(
            struct.pack(">II", len(name) | 1 << 31, len(value.encode()) | 1 << 31) + name.encode() + value.encode()
            for name, value in parameters.items())
        self.send(self.BEGIN, bytes([0, 1, 1, 0, 0, 0, 0, 0]))
        for part in (pairs, b""):
            self.send(self.PARAMS, part)
        for part in (body, b"") if body else (b"",):
            self.send(self.STDIN, part)
        answer = b""
        while True:
            _, part, _, length, padding = struct.unpack(">BBHHBx", self.stream.read(8))
            content = self.stream.read(length + padding)[:length]
            if part == self.END:
                head, _, text = answer.partition(b"\r\n\r\n")
                return int(re.search(rb"(?m)^Status: (\d+)", head)[1]), text.decode()
            answer += content if part == self.STDOUT else b""

    def log_in(self, login, password, address, **fields):
        status, body = self.ask(
            "POST", "/api/v1/tokens", json.dumps({"login": login, "password": password}), address, **fields)
        return status, json.loads(body).get("token")

    def submit(self, token, target, address, **values):
        """Sends a form of the account's page."""
        cookie = {"HTTP_COOKIE": f"session={token}"}
        csrf = re.search(r'name="csrf" value="([^"]*)"', self.ask("GET", "/account", **cookie)[1])[1]
        return self.ask("POST", target, urllib.parse.urlencode({"csrf": csrf, **values}), address,
                        "application/x-www-form-urlencoded", **cookie)[0]


class Fail2ban(TestCase):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.run_jangteo("migrate")
        self.run_jangteo("users", "create", "boss", "--admin", "--password-stdin")

    def command(self, *arguments):
        return [JANGTEO, *arguments, "--data", self.data]

    def run_jangteo(self, *arguments):
        subprocess.run(self.command(*arguments), check=True, input=f"{PASSWORD}\n", text=True, stdout=subprocess.DEVNULL,
                       env=CHEAP)

    def events_of(self, work):
        """What the shop writes of security while something is done with it, as the journal shows it."""
        with Shop(self.data) as shop:
            work(shop)
        text = shop.log.read_text()
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn(WRONG, text)
        return [line[len("<5>"):] for line in text.splitlines() if line.startswith("<5>event=")]

    def banned(self, lines):
        """The addresses that the filter finds, one for each line that it takes."""
        log = self.folder / "journal"
        log.write_text("".join(f"Nov 26 16:00:00 shop jangteo[77]: {line}\n" for line in lines))
        return subprocess.run(
            ["fail2ban-regex", "--out", "ip", log, FAIL2BAN / "filter.conf"], check=True, capture_output=True,
            text=True).stdout.split()

    def sign_up(self, shop):
        body = json.dumps({"login": "kim", "password": PASSWORD, "name": "김"})
        self.assertEqual(shop.ask("POST", "/api/v1/users", body)[0], 201)

    def test_wrong_passwords_are_found_with_their_address_and_nothing_else_is(self):
        def work(shop):
            self.sign_up(shop)
            while shop.log_in("kim", WRONG, "192.0.2.1")[0] != 429:
                pass
            shop.log_in("kim", WRONG, "2001:db8::1")
            shop.log_in("kim", WRONG, "::ffff:192.0.2.2")
            shop.log_in("boss", PASSWORD, "192.0.2.3")
            tokens = [shop.log_in("kim", PASSWORD, "192.0.2.4")[1] for _ in range(2)]
            change = {"current": PASSWORD, "new": PASSWORD + "!"}
            self.assertEqual(shop.submit(tokens[0], "/account/sessions/end-others", "192.0.2.4"), 303)
            self.assertEqual(
                shop.submit(tokens[0], "/account/password", "192.0.2.5", **{**change, "current": WRONG}), 422)
            self.assertEqual(shop.submit(tokens[0], "/account/password", "192.0.2.6", **change), 303)

        lines = self.events_of(work)
        self.assertEqual(lines, 5 * ["event=login-failed address=192.0.2.1 login=kim"] + [
            "event=login-throttled address=192.0.2.1 login=kim",
            "event=login-failed address=2001:db8::1 login=kim",
            "event=login-failed address=192.0.2.2 login=kim",
            "event=staff-login address=192.0.2.3 login=boss",
            "event=sessions-ended address=192.0.2.4 login=kim sessions=1",
            "event=password-refused address=192.0.2.5 login=kim",
            "event=password-changed address=192.0.2.6 login=kim sessions=0"])
        self.assertEqual(
            self.banned(lines), 6 * ["192.0.2.1"] + ["2001:db8::1", "192.0.2.2", "192.0.2.5"])
        # Of second factors, codes that are wrong.
        self.assertEqual(
            self.banned(f"event={event} address=192.0.2.{number} login=boss" for number, event in enumerate(
                ("code-refused", "code-throttled", "recovery-code-used", "second-factor-set", "second-factor-removed"))),
            ["192.0.2.0", "192.0.2.1"])

    def test_nobody_has_another_one_banned(self):
        def work(shop):
            for number, text in enumerate(HOSTILE):
                self.assertIn(
                    shop.log_in(text, WRONG, f"198.51.100.{number}", HTTP_USER_AGENT=text.replace("\n", " "),
                                HTTP_X_FORWARDED_FOR="1.2.3.4")[0], (401, 422))
            shop.log_in(PASSWORD, WRONG, "198.51.100.99")

        lines = self.events_of(work)
        self.assertTrue(lines)
        found = self.banned(lines)
        self.assertEqual(len(found), len(lines))
        self.assertTrue(all(address.startswith("198.51.100.") for address in found), found)
        self.assertIn("198.51.100.99", found)
        # And where such a text came into a line all the same.
        self.assertEqual(self.banned([
            f"unavailable: {HOSTILE[3]}", f"event=login-failed address=- login={HOSTILE[0]}", f"x {HOSTILE[3]}",
            f"event=staff-login address=192.0.2.1 login=x {HOSTILE[3]}", "event=not-written count=7"]), [])

    def test_a_flood_writes_as_many_lines_as_it_takes_and_says_how_many_more_there_were(self):
        def work(shop):
            for _ in range(100):
                shop.log_in("nobody", WRONG, "192.0.2.1")

        lines = self.events_of(work)
        told = [line for line in lines if "not-written" not in line]
        # Ten of a kind a minute, and a slow machine's minutes may be two.
        self.assertGreaterEqual(len(self.banned(told)), 10)
        self.assertLessEqual(len(told), 40)
        self.assertEqual(
            len(told) + sum(int(line.rpartition("=")[2]) for line in lines if "not-written" in line), 100)

    def test_fail2ban_takes_the_jail_switched_on_and_leaves_it_off_by_itself(self):
        etc = self.folder / "etc"
        shutil.copytree("/etc/fail2ban", etc)
        (etc / "jail.d" / "defaults-debian.conf").unlink(missing_ok=True)
        shutil.copy(FAIL2BAN / "filter.conf", etc / "filter.d" / "jangteo.conf")
        shutil.copy(FAIL2BAN / "jail.conf", etc / "jail.d" / "jangteo.conf")

        def read():
            return subprocess.run(
                ["fail2ban-client", "-c", etc, "-d"], check=True, capture_output=True, text=True).stdout

        self.assertNotIn("jangteo", read())
        manual = (REPOSITORY / "deploy/README.md").read_text()
        switch = re.search(r"printf '%s\\n' '(\[jangteo\])' '(enabled = true)'", manual)
        (etc / "jail.d" / "jangteo.local").write_text("\n".join(switch.groups()) + "\n")
        said = read()
        for part in ("['add', 'jangteo', 'systemd']", "'addjournalmatch', '_SYSTEMD_UNIT=jangteo.service'",
                     "['set', 'jangteo', 'maxretry', 10]", "['start', 'jangteo']"):
            self.assertIn(part, said)

    @unittest.skipUnless(os.geteuid() == 0, "makes a /dev of its own: needs root")
    def test_what_is_done_by_command_stands_in_the_machines_log(self):
        def log_of(*arguments):
            said = subprocess.run(
                ["unshare", "--mount", sys.executable, "-c", WITH_A_LOG_OF_ITS_OWN, *self.command(*arguments)],
                input=f"{PASSWORD}\n", check=True, stdout=subprocess.PIPE, text=True, env=CHEAP).stdout
            return [re.sub(r"^<85>\w+ +\d+ [\d:]+ jangteo: ", "", line) for line in said.splitlines()]

        self.assertEqual(log_of("users", "create", "lee", "--password-stdin"), [])
        self.assertEqual(log_of("users", "role", "lee", "owner"),
                         ["event=role-changed address=- login=lee role=owner sessions=0"])
        self.assertEqual(log_of("users", "password", "lee", "--password-stdin"),
                         ["event=password-changed address=- login=lee sessions=0"])
        self.assertEqual(log_of("users", "remove-factor", "lee"), [])
        lines = log_of("users", "close", "lee")
        self.assertEqual(lines, ["event=account-closed address=- login=lee sessions=0"])
        self.assertEqual(self.banned(lines), [])
