"""A Debian 12 with a systemd of its own, to be installed on, loaded, cut off and thrown away."""
import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonSupport"))
from waiting import until  # noqa: E402

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive", "PAGER": "cat", "SYSTEMD_COLORS": "0"}


# Not on a file system in memory: overlays and disks lie here.
MACHINES = pathlib.Path("/var/tmp")


def why_not():
    """What keeps this machine from having machines inside; nothing when it can."""
    if os.getuid() != 0:
        return "SYSTEM TEST NOT RUN: only root can boot a machine"
    for program in ("systemd-nspawn", "debootstrap", "nsenter", "unshare", "setpriv"):
        if not shutil.which(program):
            return f"SYSTEM TEST NOT RUN: there is no {program}"
    if not cgroup_roots():
        return "SYSTEM TEST NOT RUN: there is no cgroup2"
    # What boot() needs, done once for nothing.
    script = """
        cd "$1"
        mkdir lower upper work root
        mount -t overlay overlay -o "lowerdir=$PWD/lower,upperdir=$PWD/upper,workdir=$PWD/work" root
        truncate -s 8M disk
        mkfs.ext4 -q disk
        mount -o loop disk root
    """
    with tempfile.TemporaryDirectory(dir=MACHINES) as folder:
        tried = subprocess.run(
            ["unshare", "--mount", "--net", "--pid", "--fork", "bash", "-euc", script, "try", folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if tried.returncode != 0:
        return f"SYSTEM TEST NOT RUN: namespaces and mounts are forbidden here: {tried.stderr.strip()}"
    try:
        image.made()
    except image.NotMade as error:
        return f"SYSTEM TEST NOT RUN: {error}"
    return ""


def cgroup_roots():
    """Where a cgroup of one's own has to be made: in the unified hierarchy, and in systemd's own where both are there."""
    base = pathlib.Path("/sys/fs/cgroup")
    if (base / "cgroup.controllers").exists():
        return [base]
    unified, systemd = base / "unified", base / "systemd"
    return [root for root in (unified, systemd) if (root / "cgroup.procs").exists()] if unified.exists() else []


class Machine:
    """An overlay over the image. Everything that it leaves outside of itself is one folder and one cgroup.

    Its root is mounted in a mount namespace of its own, so that nothing has to be unmounted, whatever happens; and the
    kernel ends it with the process that made it.
    """

    PREFIX = "jangteo-machine-"

    def __init__(self, disk=None, disk_megabytes=0):
        """With a disk, a small file system of its own is mounted there."""
        sweep()
        self.base = image.made()
        self.folder = MACHINES / f"{self.PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self.upper = self.folder / "upper"
        for name in (".", "upper", "work", "root", "disk"):
            (self.folder / name).mkdir(mode=0o700 if name == "." else 0o755)
        self.disk = disk
        if disk:
            with open(self.folder / "disk.ext4", "wb") as file:
                file.truncate(disk_megabytes << 20)
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", self.folder / "disk.ext4"], check=True)
        self.cgroups = [root / self.folder.name for root in cgroup_roots()]
        self.container = None
        self.leader = None

    # --- power --------------------------------------------------------------------------------------------------------

    def boot(self, wait=True):
        """Switches it on; waits until its systemd has started everything, unless told not to."""
        for cgroup in self.cgroups:
            cgroup.mkdir(exist_ok=True)
        script = """
            base=$1 folder=$2 disk=$3
            for cgroup in "${@:4}"; do echo $$ >"$cgroup/cgroup.procs"; done
            mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
            options=()
            if [ -n "$disk" ]; then
                mount -o loop "$folder/disk.ext4" "$folder/disk"
                options=("--bind=$folder/disk:$disk")
            fi
            exec setpriv --pdeathsig KILL systemd-nspawn -q -b -D "$folder/root" -M "${folder##*/}" --hostname=shop \
                --private-network --register=no --keep-unit --console=pipe --kill-signal=SIGRTMIN+3 \
                --resolv-conf=off --timezone=off --link-journal=no "${options[@]}"
        """
        with open(self.folder / "console", "ab") as console:
            self.container = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private",
                 "bash", "-euc", script, "boot", self.base, self.folder, self.disk or "", *self.cgroups],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        self.leader = until(30, "the machine's systemd runs", self.find_leader)
        if wait:
            self.wait_until_running()

    def find_leader(self):
        """The process that is number 1 inside."""
        if self.container.poll() is not None:
            raise AssertionError(f"systemd-nspawn ended: {self.console()}")
        for child in children_of(self.container.pid):
            with contextlib.suppress(OSError):
                status = pathlib.Path(f"/proc/{child}/status").read_text()
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
                if len(numbers) > 1 and numbers[-1] == "1" and status.startswith("Name:\tsystemd\n"):
                    return child
        return None

    def wait_until_running(self):
        def state():
            # It cannot be asked before it has its own bus.
            answer = self.run(["systemctl", "is-system-running", "--wait"], check=False).stdout.strip()
            return answer if answer in ("running", "degraded", "maintenance") else None

        if (reached := until(60, "the machine is up", state)) != "running":
            raise AssertionError(f"the machine is {reached}: {self.run('systemctl --failed', check=False).stdout}")

    def stop(self):
        """Switches it off as a sysadmin would."""
        if not self.container:
            return
        self.container.send_signal(signal.SIGTERM)
        try:
            self.container.wait(60)
        except subprocess.TimeoutExpired:
            self.cut_power()
            raise AssertionError("the machine did not stop within 60 s") from None
        self.leader = self.container = None

    def cut_power(self):
        """Ends everything in it at once."""
        if not self.container:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.leader or self.container.pid, signal.SIGKILL)
        try:
            self.container.wait(20)
        except subprocess.TimeoutExpired:
            self.container.kill()
            self.container.wait(20)
        self.leader = self.container = None

    def destroy(self):
        self.cut_power()
        remove(self.folder.name)

    # --- inside -------------------------------------------------------------------------------------------------------

    def command(self, command, user=None, network_only=False):
        """How to run a command inside, from outside: words, or a script for bash."""
        words = ["bash", "-euo", "pipefail", "-c", command] if isinstance(command, str) else [str(w) for w in command]
        if network_only:
            return ["nsenter", "-t", str(self.leader), "-n", *words]
        as_user = ["runuser", "-u", user, "--"] if user else []
        settings = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        return ["nsenter", "-t", str(self.leader), "-a", "env", "-i", "-C", "/", *settings, *as_user, *words]

    def run(self, command, check=True, seconds=60, user=None, text=None):
        """Runs it to its end. Output and errors come together, as on a terminal."""
        ran = subprocess.run(
            self.command(command, user), stdin=None if text is not None else subprocess.DEVNULL, input=text,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=seconds,
            # What is inside knows nothing of our process group, and can send it no signal.
            start_new_session=True)
        if check and ran.returncode != 0:
            raise AssertionError(f"{command}: exit status {ran.returncode}: {ran.stdout[-4000:]}")
        return ran

    def output(self, command, **more):
        return self.run(command, **more).stdout.strip()

    def path(self, inside):
        """A file of the running machine, as it is seen from here."""
        return pathlib.Path(f"/proc/{self.leader}/root{inside}")

    def copy(self, source, inside):
        """Brings a file in."""
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.path(inside))

    def write(self, inside, text):
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        self.path(inside).write_text(text)

    def ask(self, target, method="GET", body=None, token=None, seconds=20, language=None):
        """One request to its nginx: status and body. Status 0 when nobody answers."""
        words = ["curl", "-s", "-m", str(seconds), "-X", method, "-w", "\n%{http_code}"]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        for field in [f"Authorization: Bearer {token}"] * bool(token) + [f"Accept-Language: {language}"] * bool(language):
            words += ["-H", field]
        # How it is doing it tells at a port of its own.
        port = ":9108" if target in ("/metrics", "/readyz") else ""
        answer = self.run([*words, f"http://127.0.0.1{port}{target}"], check=False, seconds=seconds + 10).stdout
        text, _, status = answer.rpartition("\n")
        return int(status), text

    def journal(self, *options):
        return self.run(["journalctl", "--no-pager", "-q", "-o", "short-monotonic", *options], check=False).stdout

    def console(self):
        return (self.folder / "console").read_text(errors="replace")[-2000:]

    def show(self, unit, *properties):
        """What systemd knows of a unit, in the order that was asked for."""
        shown = self.output(["systemctl", "show", unit, *(f"--property={name}" for name in properties)])
        known = dict(line.split("=", 1) for line in shown.splitlines())
        return [known[name] for name in properties]

    def main_process(self, unit="jangteo.service"):
        """The number of a service's process inside of the machine; 0 when it has none."""
        return int(self.show(unit, "MainPID")[0])


def children_of(process):
    found = []
    for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def remove(name):
    """Removes what a machine that no longer runs has left: its cgroups with all in them, and its folder."""
    for root in cgroup_roots():
        for folder, _, _ in os.walk(root / name, topdown=False):
            deadline = time.monotonic() + 5
            while os.path.exists(folder):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
                    break
                for line in (pathlib.Path(folder) / "cgroup.procs").read_text().split():
                    with contextlib.suppress(OSError):
                        os.kill(int(line), signal.SIGKILL)
                if time.monotonic() > deadline:
                    raise AssertionError(f"the cgroup {folder} cannot be removed")
                time.sleep(0.02)
    shutil.rmtree(f"/var/tmp/{name}", ignore_errors=True)


def sweep():
    """Removes what is left of machines whose maker was killed."""
    names = {path.name for root in [MACHINES, *cgroup_roots()]
             for path in root.glob(f"{Machine.PREFIX}*")}
    for name in names:
        maker = name.removeprefix(Machine.PREFIX).split("-")[0]
        if maker.isdigit() and not os.path.exists(f"/proc/{maker}"):
            remove(name)
