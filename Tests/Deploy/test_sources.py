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
