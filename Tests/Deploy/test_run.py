"""deploy/run: what it refuses, what it leaves behind, and what it prints. The release build has been made before."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from support import PATH, REPOSITORY, RUN, TestCase, free_port_with_next, processes_in, until


def path_without(*programs):
    """The folders of PATH as lists of programs, without some."""
    found = {}
    for folder in PATH.split(":"):
        for program in pathlib.Path(folder).glob("*"):
            found.setdefault(program.name, program)
    return {name: program for name, program in found.items() if name not in programs}


class Run:
    """One deploy/run, its standard input closed."""

    def __init__(self, *arguments, cwd="/", env=None):
        self.process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" <&-', "bash", RUN, *map(str, arguments)], cwd=cwd,
            env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # As at a prompt: what a shell starts behind itself ignores Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def end(self, seconds=60):
        """Waits for the end; answers exit status, output and errors."""
        out, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, errors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()

    def read_until_open(self):
        """The lines that it prints up to the last."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if "Ctrl-C stops the shop" in line:
                return lines
        raise AssertionError("\n".join(lines) + self.process.stderr.read())


class RunTestCase(TestCase):
    def setUp(self):
        super().setUp()
        self.data, self.port = self.folder / "data", free_port_with_next()

    def start(self, **more):
        return self.enterContext(Run("--port", self.port, "--data", self.data, **more))

    def open_shop(self):
        run = self.start()
        return run, run.read_until_open()

    def children(self, name):
        """The processes of the shop with that name."""
        return [pid for pid in processes_in(self.data)
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name]

    def assert_nothing_runs(self):
        until(5, "no process of the shop is left", lambda: not processes_in(self.data))
        self.assertFalse((self.data / "jangteo.sock").exists())

    def fake_programs(self, scripts, without=()):
        """A PATH with all programs but some, and with these scripts in place of others."""
        folder = self.folder / "bin"
        folder.mkdir()
        for name, program in path_without(*without, *scripts).items():
            (folder / name).symlink_to(program)
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return {"PATH": str(folder)}


class Refusals(RunTestCase):
    def assert_refused(self, run, pattern):
        status, out, errors = run.end()
        self.assertEqual(status, 1, out + errors)
        self.assertRegex(errors, pattern)
        self.assertEqual(errors.count("\n"), 1, errors)
        self.assertFalse(self.data.exists(), "the folder was made although nothing was started")

    def test_no_swift(self):
        self.assert_refused(self.start(env=self.fake_programs({}, without=["swift"])), "no swift on the PATH: install")

    def test_a_swift_that_is_too_old(self):
        old = self.fake_programs({"swift": "echo 'Swift version 5.10.1 (swift-5.10.1-RELEASE)'"})
        self.assert_refused(self.start(env=old), "this is Swift 5.10: Swift 6.3 or newer is needed")

    def test_a_swift_that_does_not_start(self):
        self.assert_refused(self.start(env=self.fake_programs({"swift": "exit 127"})), "does not work: install Swift 6.3")

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", self.port)):
            self.assert_refused(self.start(), f"port {self.port} is taken: .*--port")

    def test_no_right_to_install_what_is_missing(self):
        powerless = self.fake_programs({
            "id": "echo 1000", "sudo": "exit 1",
            "dpkg-query": 'case "$*" in *nginx*|*libsqlite3-dev*) exit 1 ;; *) printf "ii " ;; esac'})
        self.assert_refused(self.start(env=powerless), "run as root: apt-get install libsqlite3-dev nginx$")

    def test_a_build_that_fails(self):
        broken = self.fake_programs({"swift": '[ "$1" != --version ] || { echo "Swift version 6.3"; exit; }; exit 1'})
        self.assert_refused(self.start(env=broken), "the build failed")

    def test_a_folder_that_cannot_be_made(self):
        (self.folder / "file").write_text("")
        self.data = self.folder / "file" / "data"
        self.assert_refused(self.start(), "cannot make the folder .*--data")

    def test_options_that_make_no_sense(self):
        for options in (["--port", "0"], ["--port", "65536"], ["--port", "many"], ["--port"], ["--data", ""], ["--fast"]):
            with self.subTest(options):
                self.assert_refused(self.enterContext(Run(*options)), "--port|--data|--fast")


class FirstStart(RunTestCase):
    def test_the_lines_that_it_prints_work_as_printed(self):
        run, lines = self.open_shop()
        self.assertIn(f"The shop is open: http://127.0.0.1:{self.port}/", lines)
        commands = [line for line in lines if line.startswith("  curl ")]
        answers = [json.loads(subprocess.run(
            ["bash", "-c", command], capture_output=True, check=True, timeout=30).stdout) for command in commands]
        products, popular, token = answers
        self.assertEqual(len(products["items"]), 3)
        self.assertEqual(len(popular["items"]), 5)
        self.assertRegex(token["token"], "^.{20,}$")
        logins = re.findall(r"log in as (\w+) with the password (\w+)", "\n".join(lines))
        self.assertEqual([name for name, _ in logins], ["admin", "customer"])
        self.assertEqual((self.data / "logins").read_text(), "".join(f"{n}:{p}\n" for n, p in logins))

        run.process.terminate()
        status, _, errors = run.end()
        self.assertEqual((status, errors), (0, ""))
        self.assert_nothing_runs()
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex(("127.0.0.1", self.port)), 0)

    def test_nobody_else_reads_what_the_shop_keeps(self):
        self.open_shop()
        for path in (self.data, *self.data.rglob("*")):
            place = path.relative_to(self.data).parts
            # Pictures are shown to everybody, by nginx, which may run as another user; unfinished ones are not.
            others = 0o055 if place[:1] == ("pictures",) and "new" not in place else 0
            if path.name != "jangteo.sock":
                self.assertEqual(path.stat().st_mode & 0o077 & ~others, 0, path)

    def test_an_interrupted_one_leaves_nothing(self):
        run = self.start()
        until(120, "the first data are being made", (self.data / "first" / "logins").exists)
        run.process.send_signal(signal.SIGINT)
        status, _, errors = run.end()
        self.assertEqual((status, errors, self.data.exists()), (130, "", False))

    def test_a_killed_one_is_made_anew(self):
        run = self.start()
        until(120, "the first data are being made", (self.data / "first" / "logins").exists)
        run.process.kill()
        run.end()
        self.assertFalse((self.data / "shop.db").exists())
        _, lines = self.open_shop()
        self.assertFalse((self.data / "first").exists())
        self.assertEqual((self.data / "logins").read_text().count("\n"), 2)
        audit = subprocess.run(
            [REPOSITORY / ".build/release/jangteo", "audit", "--data", self.data], capture_output=True, text=True)
        self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)

    def test_a_path_that_is_too_long_for_a_socket_is_no_hindrance(self):
        self.data = self.folder / ("long" * 30)
        self.open_shop()

    def test_a_relative_folder_is_the_callers(self):
        run = self.enterContext(Run("--port", self.port, "--data", "data", cwd=self.folder))
        run.read_until_open()
        self.assertTrue((self.data / "shop.db").exists())


class LaterStarts(RunTestCase):
    def setUp(self):
        super().setUp()
        self.run_before, self.lines_before = self.open_shop()

    def stop(self):
        self.run_before.process.terminate()
        self.assertEqual(self.run_before.end()[0], 0)

    def ask(self, path, **more):
        arguments = [part for field, value in more.items() for part in ("--" + field.replace("_", "-"), value)]
        answer = subprocess.run(
            ["curl", "-fsS", f"http://127.0.0.1:{self.port}/api/v1{path}", *arguments], check=True, capture_output=True)
        return json.loads(answer.stdout)

    def test_a_second_one_takes_seconds_and_keeps_the_data(self):
        login = '{"login":"kept","password":"correct horse","name":"kept"}'
        created = self.ask("/users", json=login)
        self.stop()
        began = time.monotonic()
        _, lines = self.open_shop()
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual([x for x in lines if "log in" in x], [x for x in self.lines_before if "log in" in x])
        token = self.ask("/tokens", json='{"login":"kept","password":"correct horse"}')["token"]
        self.assertEqual(self.ask("/users/me", oauth2_bearer=token), created)

    def test_two_shops_on_one_folder_are_refused(self):
        with Run("--port", free_port_with_next(), "--data", self.data) as second:
            status, _, errors = second.end()
        self.assertEqual(status, 1)
        self.assertRegex(errors, rf"runs on .* already \(process {self.run_before.process.pid}\): stop it.*\n$")
        self.assertEqual(len(self.ask("/products")["items"]), 20)

    def test_when_the_responder_dies_it_says_so_and_stops_nginx(self):
        [responder] = self.children("jangteo")
        os.kill(responder, signal.SIGKILL)
        status, _, errors = self.run_before.end()
        self.assertEqual(status, 1)
        # bash may have a line of its own about a process that was killed.
        self.assertRegex(errors, r"(?m)^the responder has ended by itself \(status 137\)")
        self.assertIn("ready", errors)
        until(5, "nginx is gone", lambda: not processes_in(self.data))

    def test_when_nginx_dies_it_says_so_and_stops_the_responder(self):
        master = int((self.data / "nginx" / "nginx.pid").read_text())
        os.kill(master, signal.SIGTERM)
        status, _, errors = self.run_before.end()
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"^nginx has ended by itself \(status 0\)")
        self.assert_nothing_runs()

    def test_when_the_script_is_killed_the_shop_goes_with_it(self):
        self.run_before.process.kill()
        self.assert_nothing_runs()
        self.open_shop()

    def test_ctrl_c_in_a_terminal_is_a_clean_stop_too(self):
        # A terminal sends it to the whole group, of which the shop's processes must be no part.
        for pid in processes_in(self.data):
            self.assertNotEqual(os.getpgid(pid), os.getpgid(self.run_before.process.pid))
        self.run_before.process.send_signal(signal.SIGINT)
        status, _, errors = self.run_before.end()
        self.assertEqual((status, errors), (0, ""))
        self.assert_nothing_runs()
