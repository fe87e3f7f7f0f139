"""deploy/prometheus and what the shop tells: all of it is what Prometheus expects, and the names are the same everywhere."""
import http.client
import json
import re
import subprocess

from support import REPOSITORY, TestCase
from test_run import RunTestCase

FOLDER = REPOSITORY / "deploy" / "prometheus"
NAME = re.compile(r"\b(?:jangteo|process)_[a-z_]+\b")


def promtool(*arguments, **more):
    return subprocess.run(["promtool", *map(str, arguments)], cwd=FOLDER, capture_output=True, text=True, **more)


def expressions():
    """Those of the dashboard, with what Grafana puts into them."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"].replace("$__rate_interval", "1m") for panel in panels for target in panel["targets"]]


class Metrics(RunTestCase):
    def setUp(self):
        super().setUp()
        run = self.start(env={"JANGTEO_BACKUPS": str(self.folder)})
        run.read_until_open()
        for path in ("/", "/api/v1/products", "/nothing"):
            self.ask(path)
        self.metrics = self.ask("/metrics", self.port + 1)

    def ask(self, path, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse().read().decode()

    def test_promtool_has_nothing_to_say_of_them(self):
        checked = promtool("check", "metrics", input=self.metrics)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_each_has_its_help_and_none_is_missing(self):
        listed = set(NAME.findall((REPOSITORY / "Sources/jangteo/Metrics/MetricList.swift").read_text()))
        helped = re.findall(r"^# HELP (\w+) .+$", self.metrics, re.MULTILINE)
        typed = re.findall(r"^# TYPE (\w+) (?:counter|gauge|histogram)$", self.metrics, re.MULTILINE)
        self.assertEqual(helped, sorted(listed))
        self.assertEqual(typed, helped)

    def test_rules_and_dashboard_ask_for_what_there_is(self):
        told = set(re.findall(r"^(\w+)[ {]", self.metrics, re.MULTILINE))
        asked = set(NAME.findall((FOLDER / "alerts.yml").read_text() + " ".join(expressions())))
        self.assertEqual(asked - told, set())
        tested = set(NAME.findall((FOLDER / "alerts-test.yml").read_text()))
        self.assertEqual(tested - told, set())


class Rules(TestCase):
    def test_promtool_accepts_them(self):
        checked = promtool("check", "rules", "alerts.yml")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), checked.stdout)
        self.assertNotRegex(checked.stdout, "(?i)warning|duplicate|error")

    def test_they_fire_when_they_should_and_not_before(self):
        tested = promtool("test", "rules", "alerts-test.yml")
        self.assertEqual((tested.returncode, tested.stderr), (0, ""), tested.stdout + tested.stderr)
        self.assertIn("SUCCESS", tested.stdout)

    def test_each_is_tested_and_says_what_to_do(self):
        rules = (FOLDER / "alerts.yml").read_text()
        names = re.findall(r"^ +- alert: (\w+)$", rules, re.MULTILINE)
        tests = (FOLDER / "alerts-test.yml").read_text()
        for name in names:
            with self.subTest(name):
                self.assertRegex(tests, rf"alertname: {name}\n +exp_alerts:")
                self.assertRegex(tests, rf"alertname: {name}}}")
        for part in ("summary:", "action:", "severity:"):
            self.assertEqual(rules.count(part), len(names), part)


class Dashboard(TestCase):
    def test_every_expression_can_be_read(self):
        rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())]
        # JSON is YAML as well.
        file = self.folder / "rules.yml"
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
        checked = promtool("check", "rules", file)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertIn(f"{len(rules)} rules found", checked.stdout)

    def test_no_panel_lies_over_another(self):
        panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
        taken = [(x, y) for place in (panel["gridPos"] for panel in panels)
                 for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
        self.assertEqual(len(taken), len(set(taken)))
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        self.assertLess(max(x for x, _ in taken), 24)
