"""An address that opens connections and never ends a head, and others that the shop still answers: Debian's nginx as it comes,
with the rules for nftables that the package brings."""
import contextlib
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import networks
from support import REPOSITORY, until
from test_proxy import Debians

RULES = REPOSITORY / "deploy/debian/nftables.conf"
EACH_ADDRESS = 400
HELD = 2_000
# Keeps so many connections with half a head each, or tries to, until it is ended; says when it has tried all of them.
ATTACK = f"""
import itertools, resource, selectors, socket, sys
server, *own = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, ({HELD} + 100, {HELD} + 100))
waiting, addresses = selectors.DefaultSelector(), itertools.cycle(own)

def begin():
    one = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET)
    one.bind((next(addresses), 0))
    one.setblocking(False)
    one.connect_ex((server, 80))
    waiting.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE)

for number in range({HELD}):
    begin()
tried = 0
while True:
    for key, events in waiting.select():
        one = key.fileobj
        try:
            if events & selectors.EVENT_READ:
                one.recv(1_000)
                raise ConnectionError
            one.sendall(b"GET / HTTP/1.1\\r\\nHost: shop\\r\\nX-Slow: ")
            waiting.modify(one, selectors.EVENT_READ)
        except OSError:
            waiting.unregister(one)
            one.close()
            begin()
        tried += 1
        if tried == {HELD}:
            print("all tried", flush=True)
"""


@unittest.skipUnless(pathlib.Path("/etc/nginx/sites-available").exists(), "this nginx is not Debian's")
@unittest.skipIf(why := networks.why_not("nft", "ss", "curl"), why)
class HalfHeads(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-heads-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.shop = self.enterContext(networks.Machine())
        self.outside = self.enterContext(networks.Machine())
        self.shop.cable(
            self.outside, ["203.0.113.1/24", "2001:db8::1/32"],
            ["203.0.113.10/24", "203.0.113.66/24", "2001:db8:2::10/32"]
            + [f"2001:db8:1::{number}/32" for number in range(1, 9)])
        debians = Debians(self.folder)
        debians.enable()
        main = debians.etc / "nginx.conf"
        # Debian's 768 connections for each of two cores, wherever this is run.
        main.write_text(re.sub(r"worker_processes \w+;", "worker_processes 2;", main.read_text()))
        self.start(self.shop, "nginx", "-c", main, "-e", self.folder / "start.log", "-g", "daemon off;")
        until(10, "nginx listens", lambda: self.shop.run("ss", "-Hltn", "sport = :80"))

    def start(self, machine, *command, **more):
        process = machine.start(*command, **more)

        def end():
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

        self.addCleanup(end)
        return process

    def hold(self, server, *own):
        attacker = self.start(
            self.outside, sys.executable, "-c", ATTACK, server, *own, stdout=subprocess.PIPE, text=True)
        self.assertEqual(attacker.stdout.readline(), "all tried\n")
        return attacker

    def check(self, server, own, other):
        self.shop.run("nft", "-f", RULES)
        attacker = self.hold(server, *own)
        url = f"http://[{server}]/static/shop.css" if ":" in server else f"http://{server}/static/shop.css"
        for _ in range(20):
            status = self.outside.run(
                "curl", "-sS", "--noproxy", "*", "--max-time", 30, "--interface", other, "-o", "/dev/null",
                "-w", "%{http_code}", url)
            self.assertEqual(status, "200")
            self.assertIsNone(attacker.poll())
        held = self.shop.run("ss", "-Htn", "state", "established", "sport = :80").splitlines()
        held = [line for line in held if any(f"{address}]:" in line or f"{address}:" in line for address in own)]
        self.assertIn(len(held), range(1, EACH_ADDRESS + 1))

    def test_of_one_address_leave_room_for_all_others(self):
        self.check("203.0.113.1", ["203.0.113.66"], "203.0.113.10")

    def test_of_the_addresses_of_one_network_do_too(self):
        self.check("2001:db8::1", [f"2001:db8:1::{number}" for number in range(1, 9)], "2001:db8:2::10")

    def test_the_rules_can_be_loaded_again_and_let_the_machine_itself_through(self):
        for _ in range(2):
            self.shop.run("nft", "-f", RULES)
        self.shop.run("nft", "-c", "-f", RULES)
        many = f"""
import socket
held = [socket.create_connection(("127.0.0.1", 80), 20) for _ in range({EACH_ADDRESS + 100})]
held[-1].sendall(b"GET /static/shop.css HTTP/1.0\\r\\n\\r\\n")
print(held[-1].recv(12).decode())
"""
        self.assertEqual(self.shop.run(sys.executable, "-c", many), "HTTP/1.1 200\n")


if __name__ == "__main__":
    unittest.main()
