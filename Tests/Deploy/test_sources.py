"""What no source may do, wherever it stands."""
import re
import unittest

from support import REPOSITORY


class Environment(unittest.TestCase):
    def test_nothing_is_written_to_it(self):
        # Else a field of a request could become a setting of the program ("httpoxy").
        lines = [line.strip() for path in sorted((REPOSITORY / "Sources").rglob("*")) if path.is_file()
                 for line in path.read_text().splitlines() if re.search(r"\b(setenv|putenv)\b", line)]
        self.assertEqual(lines, [])


class Addresses(unittest.TestCase):
    def test_no_controller_of_pages_spells_one(self):
        # They are made by SitePath, which makes them of the routes' own patterns.
        lines = [line.strip() for path in sorted((REPOSITORY / "Sources/ShopWeb/Pages").rglob("*.swift"))
                 for line in path.read_text().splitlines() if '"/' in line and not line.lstrip().startswith("//")]
        self.assertEqual(lines, [])


class Dependencies(unittest.TestCase):
    def test_each_is_named_with_its_exact_version(self):
        # There is no lock file: these versions stand in for it.
        named = re.findall(r'\.package\((.*)\)', (REPOSITORY / "Package.swift").read_text())
        self.assertGreater(len(named), 5)
        for one in named:
            self.assertRegex(one, r'^url: "https://[^"]+", exact: "\d+\.\d+\.\d+"')

    def test_each_that_is_linked_in_is_one_that_is_named(self):
        manifest = (REPOSITORY / "Package.swift").read_text()
        named = set(re.findall(r'url: "https://[^"]+/([\w-]+)"', manifest))
        objects = (REPOSITORY / ".build/release/jangteo.product/Objects.LinkFileList").read_text()
        linked = set(re.findall(r"/(\w+)\.build/", objects))
        found = set()
        for checkout in (REPOSITORY / ".build/checkouts").iterdir():
            modules = {folder.name for folder in (checkout / "Sources").iterdir()}
            modules |= set(re.findall(r'\.library\(\s*name: "(\w+)"', (checkout / "Package.swift").read_text()))
            if modules & linked:
                found.add(checkout.name)
        self.assertEqual(found, named)
