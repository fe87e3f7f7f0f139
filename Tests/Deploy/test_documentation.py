"""Documentation: what it counts is counted, and what it names is there.

    test_documentation.py --write    writes the table of Documentation/testing.md anew
"""
import re
import sys
import unittest

from support import REPOSITORY

TESTING = REPOSITORY / "Documentation" / "testing.md"
#: What there is to count: whose tests, in which folders below Tests, and what each is.
KINDS = [
    ("FastCGI's records, connections, threads, stopping", ["FastCGITests"]),
    ("HTTP's vocabulary: JSON, forms, encodings, routes", ["WebTests"]),
    ("the rules of the shop", ["ShopTests"]),
    ("the pages' and the API's parts", ["ShopWebTests"]),
    ("repositories, migrations, group commit, search, plans", ["ShopStoreTests"]),
    ("SQLite's wrapper, the system's errors, log lines, metrics",
     ["SQLiteTests", "POSIXTests", "JournalTests", "PrometheusTests"]),
    ("pictures: what a file is by its first bytes, and the files that are kept", ["PicturesTests"]),
    ("the built command: a real shop, races, faults, commands", ["EndToEndTests"]),
    ("nginx, the package, the manual, proxies, fail2ban, Prometheus", ["Deploy"]),
    ("pages in a real browser", ["Browser"]),
    ("booted machines", ["System"]),
]
#: One test each, in Swift and in Python.
DECLARATION = {".swift": re.compile(r"^\s*@Test\b", re.MULTILINE), ".py": re.compile(r"^    def test_", re.MULTILINE)}


def count(folder):
    return sum(len(DECLARATION[path.suffix].findall(path.read_text()))
               for path in (REPOSITORY / "Tests" / folder).rglob("*") if path.suffix in DECLARATION)


def table():
    rows, total = [], 0
    for what, folders in KINDS:
        tests = sum(count(folder) for folder in folders)
        total += tests
        rows.append(f"| {what} | {', '.join(f'`Tests/{folder}`' for folder in folders)} | {tests:,} |")
    return "\n".join(["| tests of | where | how many |", "|---|---|---|", *rows, f"| all | | {total:,} |"])


def pages():
    """The texts for people: name and content."""
    found = sorted(REPOSITORY.glob("*.md")) + sorted((REPOSITORY / "Documentation").glob("*.md"))
    return [(path, path.read_text()) for path in found]


class Documentation(unittest.TestCase):
    def test_the_tests_are_as_many_as_it_says(self):
        written = re.search(r"<!-- counts -->\n(.*?)\n<!-- end -->", TESTING.read_text(), re.DOTALL)[1]
        self.assertEqual(written, table(), "test_documentation.py --write writes it anew")

    def test_every_folder_of_tests_is_counted(self):
        there = {path.name for path in (REPOSITORY / "Tests").iterdir() if path.is_dir() and count(path.name) > 0}
        self.assertEqual({folder for _, folders in KINDS for folder in folders}, there)

    def test_every_file_that_it_names_is_there(self):
        everything = {path.name for folder in ["Sources", "Tests", "Benchmarks", "deploy"]
                      for path in (REPOSITORY / folder).rglob("*")} | {path.name for path in REPOSITORY.iterdir()}
        missing = []
        for page, text in pages():
            named = re.findall(r"`((?:Sources|Tests|Benchmarks|Documentation|deploy)/[\w./-]*[\w-])`", text)
            missing += [f"{page.name}: {path}" for path in named if not (REPOSITORY / path).exists()]
            bare = re.findall(r"`([\w-]+\.(?:swift|py|lua))`", text)
            missing += [f"{page.name}: {name}" for name in bare if name not in everything]
            linked = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", text)
            missing += [f"{page.name}: {path}" for path in linked if not (page.parent / path).exists()]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        TESTING.write_text(re.sub(r"<!-- counts -->\n.*?<!-- end -->", f"<!-- counts -->\n{table()}\n<!-- end -->",
                                  TESTING.read_text(), flags=re.DOTALL))
    else:
        unittest.main()
