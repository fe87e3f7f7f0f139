"""The package under test, and others that are made of it."""
import os
import pathlib
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def path():
    """JANGTEO_DEB, or the one that deploy/package has made last; None when there is none."""
    if named := os.environ.get("JANGTEO_DEB"):
        return pathlib.Path(named).resolve()
    built = sorted(REPOSITORY.glob(".build/jangteo_*.deb"), key=lambda deb: deb.stat().st_mtime)
    return built[-1] if built else None


def why_not():
    deb = path()
    if not deb or not deb.exists():
        return "SYSTEM TEST NOT RUN: there is no package: run deploy/package, or name one in JANGTEO_DEB"
    return ""


def field(name):
    return subprocess.run(
        ["dpkg-deb", "-f", path(), name], check=True, capture_output=True, text=True).stdout.strip()


def with_version(version, folder, edit=lambda root: None):
    """The same package under another version, and changed in what `edit` does to its unpacked files."""
    root = folder / version
    subprocess.run(["dpkg-deb", "-R", path(), root], check=True)
    control = root / "DEBIAN" / "control"
    control.write_text(control.read_text().replace(f"Version: {field('Version')}\n", f"Version: {version}\n"))
    edit(root)
    made = folder / f"jangteo_{version}_amd64.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", root, made], check=True, capture_output=True)
    shutil.rmtree(root)
    return made
