"""Tries to leave the sandbox that it runs in. A line for each attempt says what came of it: "done", or the refusal.

    probe.py PROCESS_OF_SOMEBODY_ELSE
"""
import ctypes
import os
import socket
import struct
import subprocess
import sys
import time

other = sys.argv[1]
DATA = "/var/lib/jangteo"


def reach_network():
    with socket.socket(socket.AF_INET) as connection:
        connection.settimeout(3)
        connection.connect(("127.0.0.1", 80))


def reach_network_6():
    with socket.socket(socket.AF_INET6) as connection:
        connection.settimeout(3)
        connection.connect(("::1", 80))


def talk_to_the_kernel():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def see_interfaces():
    if {name for _, name in socket.if_nameindex()} <= {"lo"}:
        raise PermissionError("only its own loopback")


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def write(path):
    with open(path, "wb") as file:
        file.write(b"was here")
    os.unlink(path)


def see_others():
    # Number 1 is not ours, and neither is the one that we were told of.
    seen = [name for name in os.listdir("/proc") if name in ("1", other)]
    if not seen:
        raise PermissionError("not to be seen")


def run(*words):
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise PermissionError(ran.stderr.strip() or f"exit status {ran.returncode}")


def run_own_code():
    path = f"{DATA}/own-code"
    with open(path, "w") as file:
        file.write("#!/bin/sh\n")
    try:
        os.chmod(path, 0o755 | 0o4000)
    finally:
        os.unlink(path)


def schedule(policy, priority, runtime):
    """What the kernel is told of this thread by sched_setattr, for which Python has no function."""
    library = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 314, "aarch64": 274}[os.uname().machine]
    if library.syscall(number, 0, struct.pack("=IIQiIQQQ", 48, policy, 0, 0, priority, runtime, 0, 0), 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


ATTEMPTS = {
    "write the data": lambda: write(f"{DATA}/probe"),
    "reach the network": reach_network,
    "reach the network by IPv6": reach_network_6,
    "talk to the kernel by netlink": talk_to_the_kernel,
    "see network interfaces": see_interfaces,
    "read below /home": lambda: read("/home/somebody/letter"),
    "list /root": lambda: os.listdir("/root"),
    "read /etc/shadow": lambda: read("/etc/shadow"),
    "see other processes": see_others,
    "read what another process was started with": lambda: read(f"/proc/{other}/cmdline"),
    "signal another process": lambda: os.kill(int(other), 0),
    "write below /etc": lambda: write("/etc/jangteo/probe"),
    "write below /usr": lambda: write("/usr/share/jangteo/probe"),
    "write below /var": lambda: write("/var/lib/probe"),
    "write where others may": lambda: write("/var/spool/open/probe"),
    "write below /run": lambda: write("/run/probe"),
    "write a kernel setting": lambda: write("/proc/sys/kernel/hostname"),
    "become root": lambda: os.setuid(0),
    "make a program that changes the user": run_own_code,
    "mount": lambda: run("mount", "-t", "tmpfs", "none", "/mnt"),
    "make a namespace": lambda: run("unshare", "--user", "true"),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "change the machine's name": lambda: socket.sethostname("probe"),
    "go first": lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    "take short turns": lambda: schedule(os.SCHED_OTHER, 0, 100_000),
    "run before everybody": lambda: schedule(os.SCHED_FIFO, 1, 0),
}


def outcome(attempt):
    try:
        attempt()
        return "done"
    except Exception as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")


for name, attempt in ATTEMPTS.items():
    print(name, outcome(attempt), sep="\t", flush=True)
