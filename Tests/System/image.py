"""A minimal Debian 12, made once and kept outside of the repository. Machines are layers over it."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

# What the package depends on is in it too: the machines have no network.
PACKAGES = (
    "systemd", "systemd-sysv", "dbus",
    "nginx", "libvips-tools", "libsqlite3-0", "libstdc++6", "libgcc-s1", "gzip", "ca-certificates", "tzdata",
    "curl", "iproute2", "procps", "python3-minimal", "sqlite3", "wrk",
)
SUITE = "bookworm"
# Raised when what is done to the image after debootstrap changes.
EDITION = 1


class NotMade(Exception):
    """debootstrap could not make the image, and why."""


def mirror():
    """Where this machine itself gets Debian 12 from."""
    known = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=True).stdout
    for line in known.splitlines():
        codename, component, address = line.split(None, 2)
        if (codename, component) == (SUITE, "main"):
            return address
    return "http://deb.debian.org/debian"


def folder():
    """Its place, with a name of its own for each list of packages."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    wanted = hashlib.sha256(f"{EDITION} {' '.join(PACKAGES)}".encode()).hexdigest()[:8]
    return cache / "jangteo" / f"debian-12-{wanted}"


def made():
    """The image; makes it where it is missing, which takes minutes."""
    image = folder()
    image.parent.mkdir(parents=True, exist_ok=True)
    # Two test runs at once make one image.
    with open(image.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.exists():
            make(image)
    return image


def make(image):
    partial = image.with_name(image.name + ".partial")
    for old in image.parent.glob("debian-12-*"):
        # It may be under a machine of another run: only one that was never finished is of no use to anybody.
        if old.name.endswith(".partial"):
            shutil.rmtree(old)
    log = image.parent / "debootstrap.log"
    with open(log, "w") as output:
        ran = subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES), SUITE, str(partial), mirror()],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    if ran.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()
        raise NotMade(f"debootstrap failed, see {log}: {' '.join(lines[-3:])}")
    prepare(partial)
    partial.rename(image)


def prepare(root):
    """What a fresh machine has of its own is made by its first boot, and it has nothing to do but our work."""
    (root / "etc/machine-id").write_text("")
    (root / "etc/hostname").write_text("shop\n")
    (root / "var/log/journal").mkdir(exist_ok=True)
    shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
    (root / "var/cache/apt/archives/partial").mkdir(parents=True)
    for timer in ("apt-daily", "apt-daily-upgrade", "dpkg-db-backup", "e2scrub_all", "fstrim"):
        mask = root / "etc/systemd/system" / f"{timer}.timer"
        mask.unlink(missing_ok=True)
        mask.symlink_to("/dev/null")
