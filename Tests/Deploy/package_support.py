"""What the tests of the Debian package have in common. deploy/package has been run before."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import REPOSITORY

DEBIAN = REPOSITORY / "deploy" / "debian"


def output_of(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def package():
    """The package of this version, as deploy/package has left it."""
    version = re.match(r"jangteo \(([^)]+)\)", (DEBIAN / "changelog").read_text())[1]
    path = REPOSITORY / ".build" / f"jangteo_{version}_amd64.deb"
    if not path.exists():
        raise AssertionError(f"there is no {path}: run deploy/package")
    return path


class PackageTestCase(unittest.TestCase):
    """A test that looks into the unpacked package; none may change what is in `root`."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="jangteo-package-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.package, cls.root = package(), folder / "root"
        subprocess.run(["dpkg-deb", "-R", cls.package, cls.root], check=True)
