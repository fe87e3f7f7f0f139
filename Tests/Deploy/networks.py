"""Machines that are network namespaces, with cables between them."""
import os
import shutil
import signal
import subprocess

from support import PATH, until

# Outlives no test, however that ends.
WITH_US = ["setpriv", "--pdeathsig", "KILL"]


def why_not(*programs):
    """What keeps this machine from having networks inside; nothing when it can."""
    if os.getuid() != 0:
        return "NETWORK TEST NOT RUN: only root can make a network"
    for program in ("ip", "nsenter", "unshare", "setpriv", *programs):
        if not shutil.which(program, path=PATH):
            return f"NETWORK TEST NOT RUN: there is no {program}"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other"],
        env={"PATH": PATH}, capture_output=True, text=True)
    return f"NETWORK TEST NOT RUN: networks are forbidden here: {tried.stderr.strip()}" if tried.returncode else ""


class Machine:
    """A network of its own, that is there until the end of the `with`; what runs in it has to end before."""

    def __enter__(self):
        self.holder = subprocess.Popen([*WITH_US, "unshare", "--net", "sleep", "infinity"], env={"PATH": PATH})
        ours = os.readlink("/proc/self/ns/net")
        until(10, "there is a network", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait(10)

    def inside(self, *command):
        return ["nsenter", "--net", f"--target={self.holder.pid}", *map(str, command)]

    def run(self, *command, **more):
        """Runs a program there and answers what it printed."""
        ran = subprocess.run(
            self.inside(*command), env={"PATH": PATH}, capture_output=True, text=True, timeout=60, **more)
        if ran.returncode:
            raise AssertionError(f"{' '.join(map(str, command))}: {ran.returncode} {ran.stdout} {ran.stderr}")
        return ran.stdout

    def start(self, *command, **more):
        return subprocess.Popen([*WITH_US, *self.inside(*command)], env={"PATH": PATH}, **more)

    def cable(self, other, here, there):
        """Connects two machines; each end has its addresses."""
        name = f"to{other.holder.pid}"
        self.run("ip", "link", "add", name, "type", "veth", "peer", "name", f"to{self.holder.pid}",
                 "netns", other.holder.pid)
        for machine, end, addresses in ((self, name, here), (other, f"to{self.holder.pid}", there)):
            for address in addresses:
                # An address of IPv6 is else looked for on the network first, for a second.
                machine.run("ip", "address", "add", address, "dev", end, *["nodad"] * (":" in address))
            machine.run("ip", "link", "set", end, "up")
