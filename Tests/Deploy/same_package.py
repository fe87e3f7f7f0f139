"""The package of the same source is the same, byte by byte, wherever and by whomever it is built.

This takes as long as all others together: deploy/test runs it beside them. By itself:

    /usr/bin/python3 -B -m unittest discover -v -s Tests/Deploy -p same_package.py
"""
import difflib
import os
import re
import shutil
import subprocess

from package_support import output_of, package
from support import REPOSITORY, TestCase


class SamePackage(TestCase):
    def test_it_is_the_same_from_another_folder_with_other_habits(self):
        ours = package()
        elsewhere = self.copy_of_the_source()
        theirs = self.build(elsewhere)
        if ours.read_bytes() != theirs.read_bytes():
            self.fail("\n".join(["the packages differ:", *self.differences(ours, theirs)]))

    def copy_of_the_source(self):
        """A checkout with a longer name, one in which others may read nothing. Swift's packages are in it: whoever builds has
        another home folder, and no cache there."""
        folder = self.folder / "a folder with a name of another length"
        shutil.copytree(REPOSITORY, folder, ignore=lambda _, names: {".build", ".git"} & set(names))
        fetched = folder / ".build"
        fetched.mkdir()
        for name in ("checkouts", "repositories", "workspace-state.json"):
            subprocess.run(["cp", "-r", REPOSITORY / ".build" / name, fetched], check=True)
        subprocess.run(["chmod", "-R", "go=", folder], check=True)
        return folder

    def build(self, folder):
        """On one processor, as swift's tools then divide their work otherwise."""
        home = self.folder / "home"
        home.mkdir()
        log = self.folder / "log"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "TZ": "Asia/Seoul", "LC_ALL": "C.UTF-8", "LANGUAGE": "ko",
            "COLUMNS": "40", "USER": "somebody"}
        # Who outlives the tests is found by it.
        environment.update({name: value for name, value in os.environ.items() if name == "DEPLOY_TEST_RUN"})
        processor = str(min(os.sched_getaffinity(0)))
        with log.open("w") as output:
            built = subprocess.run(
                ["taskset", "-c", processor, folder / "deploy/package", "--output", self.folder / "out"],
                cwd="/", env=environment, umask=0o077, stdout=output, stderr=output)
        self.assertEqual(built.returncode, 0, log.read_text()[-4_000:])
        return next((self.folder / "out").glob("*.deb"))

    def differences(self, *packages):
        roots = []
        for number, one in enumerate(packages):
            root = self.folder / f"unpacked-{number}"
            subprocess.run(["dpkg-deb", "-R", one, root], check=True)
            roots.append(root)
        yield from difflib.unified_diff(*map(self.listing, packages), *map(str, packages), lineterm="", n=0)
        paths = {path.relative_to(root) for root in roots for path in root.rglob("*") if path.is_file()}
        for path in sorted(paths):
            files = [root / path for root in roots]
            if not all(file.exists() for file in files) or files[0].read_bytes() == files[1].read_bytes():
                continue
            yield f"{path} differs"
            if files[0].read_bytes().startswith(b"\x7fELF"):
                yield from self.sections_that_differ(*files)

    @staticmethod
    def listing(package):
        """All that is in it as tar has it: in which order, whose, with which mode and time."""
        return [
            line for part in ("--ctrl-tarfile", "--fsys-tarfile")
            for line in output_of(
                "sh", "-c", f"dpkg-deb {part} \"$1\" | TZ=UTC0 tar -tvv --numeric-owner --full-time", "sh", package
            ).splitlines()]

    def sections_that_differ(self, *programs):
        sections = [self.sections(program) for program in programs]
        for name in sorted(sections[0].keys() | sections[1].keys()):
            one, other = (found.get(name) for found in sections)
            if one != other:
                sizes = " and ".join("none" if content is None else str(len(content)) for content in (one, other))
                yield f"  section {name}: {sizes} bytes"

    @staticmethod
    def sections(program):
        content, found = program.read_bytes(), {}
        for line in output_of("readelf", "-SW", program).splitlines():
            section = re.match(r"\s*\[ *\d+\] (\S+) +(\S+) +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) ", line)
            if section and section[2] not in ("NULL", "NOBITS"):
                start, size = int(section[3], 16), int(section[4], 16)
                found[section[1]] = content[start:start + size]
        return found
