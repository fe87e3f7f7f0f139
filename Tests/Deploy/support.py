"""What the tests of deploy/ and nginx.conf have in common."""
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonSupport"))
from waiting import free_port, until  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RUN = REPOSITORY / "deploy" / "run"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def free_port_with_next():
    """A port that deploy/run can have together with the one after it. Below those that the kernel gives to clients: one that a
    client had a moment ago looks free, for nobody listens there, and cannot be bound."""
    while True:
        first = random.randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", first))
            other.bind(("127.0.0.1", first + 1))
            return first


def processes_in(folder):
    """The processes that work in a folder, as all of a shop do in its data folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(folder):
                found.append(int(entry.name))
    return found


class TestCase(unittest.TestCase):
    def setUp(self):
        # Under /tmp, which is short, and with a space, which every script has to live with.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo test ")).resolve()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)


class Nginx:
    """Our nginx.conf in a folder of its own, without a shop behind it."""

    def __init__(self, folder, edit=lambda text: text):
        self.folder, self.port, self.operations = folder, free_port(), free_port()
        (folder / "temp").mkdir()
        filled = subprocess.run(
            [REPOSITORY / "deploy" / "fill-nginx", "--port", str(self.port), "--operations", str(self.operations),
             "--socket", "jangteo.sock"],
            check=True, capture_output=True, text=True).stdout
        (folder / "nginx.conf").write_text(edit(filled))
        root = " user root;" if os.getuid() == 0 else ""
        self.command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;" + root]

    def check(self):
        return subprocess.run(
            self.command + ["-t", "-q"], cwd=self.folder, capture_output=True, text=True, env={"PATH": PATH})

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=self.folder, env={"PATH": PATH})
        until(10, "nginx listens", lambda: self.process.poll() is not None or self.is_listening())
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in processes_in(self.folder):
                os.kill(pid, signal.SIGKILL)

    def is_listening(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, method, target, body=None, headers=None):
        """One request; answers status, fields (in lower case) and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def leave_asking(self, held, method, target):
        """Sends a request for whose answer nobody waits, until `held` is left."""
        connection = held.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=20))
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n".encode())

    def ask_raw(self, request):
        """Sends bytes that no client library would, on a connection of their own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


class ParameterCatcher:
    """A FastCGI responder that gives one answer to everything, 204 if not told another, with None none at all, and keeps the
    parameters that it was given; `taken` counts the answers that the front end has taken whole."""

    BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6

    def __init__(self, path, answer=b"Status: 204 No Content\r\n\r\n"):
        self.parameters, self.answer, self.taken = [], answer, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer_connection, args=[connection], daemon=True).start()

    def answer_connection(self, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
            self.answer_all(connection, stream)

    def answer_all(self, connection, stream):
        encoded = b""
        while header := stream.read(8):
            _, kind, request, length, padding = struct.unpack(">BBHHBx", header)
            content = stream.read(length + padding)[:length]
            if kind == self.PARAMS:
                encoded += content
            if kind == self.STDIN and not length:
                self.parameters.append(self.decode(encoded))
                encoded = b""
                if self.answer is None:
                    continue
                parts = [self.answer[at:at + 65_528] for at in range(0, len(self.answer), 65_528)]
                for kind, content in [(self.STDOUT, part) for part in parts + [b""]] + [(self.END, bytes(8))]:
                    connection.sendall(struct.pack(">BBHHBx", 1, kind, request, len(content), 0) + content)
                self.taken += 1

    @staticmethod
    def decode(encoded):
        pairs, at = {}, 0

        def length():
            nonlocal at
            size = 1 if encoded[at] < 128 else 4
            at += size
            return int.from_bytes(encoded[at - size:at], "big") & 0x7FFFFFFF

        while at < len(encoded):
            name, value = length(), length()
            pairs[encoded[at:at + name].decode()] = encoded[at + name:at + name + value].decode("utf-8", "replace")
            at += name + value
        return pairs
