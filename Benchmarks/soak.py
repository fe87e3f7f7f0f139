#!/usr/bin/env python3
"""Whether the shop's memory stays as it is while people log in.

    soak.py [--minutes N] [--seconds BETWEEN]

Starts the release build over a fresh database, logs in again and again, each time on another of its threads, with some pages
in between, and prints the responder's memory (PSS) every two minutes. Ends with 1 where the last number is more than a tenth
above the first.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from instructions import ROOT, SHARE, pairs, record
import socket
import struct


def ask(path, method, target, body=""):
    """One request on a connection of its own; its status."""
    body = body.encode()
    parameters = [
        (b"REQUEST_METHOD", method.encode()), (b"REQUEST_URI", target.encode()), (b"CONTENT_TYPE", b"application/json"),
        (b"CONTENT_LENGTH", str(len(body)).encode()), (b"REMOTE_ADDR", b"192.0.2.1"), (b"HTTP_HOST", b"shop.example.com")]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)
        connection.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, pairs(parameters)) + record(4, b"")
                           + (record(5, body) if body else b"") + record(5, b""))
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return int(re.search(rb"Status: (\d+)", answer).group(1))


def memory(pid):
    with open("/proc/%d/smaps_rollup" % pid) as rollup:
        return int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.MULTILINE).group(1)) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    binary = os.path.join(ROOT, ".build", "release", "jangteo")
    with tempfile.TemporaryDirectory() as folder:
        for command in (["migrate"], ["demo"]):
            subprocess.run([binary, *command, "--data", folder], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([binary, "users", "create", "kim", "--data", folder, "--password-stdin"], check=True,
                       input=b"long enough to be one\n", stdout=subprocess.DEVNULL)
        path = os.path.join(folder, "s")
        responder = subprocess.Popen([binary, "serve", "--data", folder, "--socket", path],
                                     env={**os.environ, "JANGTEO_SHARE": SHARE}, stderr=subprocess.DEVNULL)
        try:
            return soak(responder, path, options)
        finally:
            responder.terminate()
            responder.wait(30)


def soak(responder, path, options):
    while not os.path.exists(path):
        time.sleep(0.1)
    credentials = json.dumps({"login": "kim", "password": "long enough to be one"})
    began, numbers = time.monotonic(), []
    while (passed := time.monotonic() - began) < options.minutes * 60:
        # With pages beside it, so that it meets other threads each time.
        crowd = [threading.Thread(target=ask, args=(path, "GET", target)) for target in ("/", "/products", "/login")]
        for thread in crowd:
            thread.start()
        status = ask(path, "POST", "/api/v1/tokens", credentials)
        if status != 201:
            raise SystemExit("a log-in was answered with %d" % status)
        for thread in crowd:
            thread.join()
        if passed >= len(numbers) * 120:
            numbers.append(memory(responder.pid))
            print("%3.0f min %6.1f MiB" % (passed / 60, numbers[-1]), flush=True)
        time.sleep(options.seconds)
    numbers.append(memory(responder.pid))
    print("%3.0f min %6.1f MiB" % (options.minutes, numbers[-1]))
    # The first is from before the shop has warmed up.
    return 0 if numbers[-1] <= 1.1 * numbers[min(1, len(numbers) - 1)] else 1


if __name__ == "__main__":
    sys.exit(main())
