"""The API's description is true: all that is answered stands in it, and all that stands in it is answered."""
import json
import re
import subprocess
import sys

import jsonschema
import yaml

from support import REPOSITORY
from test_run import RunTestCase

DESCRIPTION = REPOSITORY / "Sources" / "ShopWeb" / "API" / "openapi.yaml"
#: What any operation may answer, as the description says at its beginning.
COMMON = {
    "malformed_request", "unauthenticated", "forbidden", "not_found", "method_not_allowed", "payload_too_large",
    "uri_too_long", "unsupported_media_type", "validation_failed", "too_many_requests", "internal_error", "unavailable"}
#: What takes a fault, a flood, a while or another setting to be answered; the tests that provoke each look at it.
PROVOKED_ELSEWHERE = {
    "uri_too_long", "too_many_requests", "internal_error", "unavailable", "order_expired", "too_many_attempts",
    "password_required", "second_factor_required"}


class Contract:
    def __init__(self):
        self.whole = yaml.safe_load(DESCRIPTION.read_text())
        close(self.whole["components"]["schemas"])
        self.operations = {}
        for path, methods in self.whole["paths"].items():
            for method, operation in methods.items():
                close(operation)
                self.operations[method.upper(), path] = operation

    def find(self, method, path):
        """The operation that a request was for; nil where there is none."""
        path = path.partition("?")[0]
        # A word goes before a parameter.
        for (its_method, its_path), operation in sorted(self.operations.items(), key=lambda entry: "{" in entry[0][1]):
            if its_method == method and re.fullmatch(re.sub(r"{\w+}", r"[^/]+", its_path), path):
                return (its_method, its_path), operation
        return None, None

    def resolve(self, schema):
        while "$ref" in schema:
            target = self.whole
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def check(self, value, schema):
        jsonschema.Draft202012Validator({**schema, "components": self.whole["components"]}).validate(value)

    def members(self, schema, place):
        """Each member that an answer of this schema may have, with the schema's own place."""
        if "$ref" in schema:
            place = schema["$ref"]
        schema = self.resolve(schema)
        for alternative in schema.get("oneOf", []) + schema.get("allOf", []):
            yield from self.members(alternative, place)
        if "items" in schema:
            yield from self.members(schema["items"], place + "[]")
        for name, member in schema.get("properties", {}).items():
            yield place, name
            yield from self.members(member, f"{place}.{name}")

    def seen(self, value, schema, place):
        """Those of them that a value has."""
        if "$ref" in schema:
            place = schema["$ref"]
        schema = self.resolve(schema)
        for alternative in schema.get("oneOf", []) + schema.get("allOf", []):
            yield from self.seen(value, alternative, place)
        if isinstance(value, list):
            for element in value:
                yield from self.seen(element, schema.get("items", {}), place + "[]")
        if isinstance(value, dict):
            for name, member in schema.get("properties", {}).items():
                if name in value:
                    yield place, name
                    yield from self.seen(value[name], member, f"{place}.{name}")


def close(schema):
    """Says of each object in it that it has no other members."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


def codes(response):
    return set(re.findall(r"[a-z]+(?:_[a-z]+)*", response.get("description", "")))


class Truth(RunTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = Contract()
        cls.codes = set(cls.contract.whole["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])

    def record(self):
        """What a whole acceptance asks and is answered."""
        run, _ = self.open_shop()
        admin = next(line for line in (self.data / "logins").read_text().splitlines() if line.startswith("admin:"))
        lines = self.folder / "record"
        batch = f"'{REPOSITORY}/.build/release/jangteo' popular --data '{self.data}'"
        ran = subprocess.run(
            [sys.executable, "-B", REPOSITORY / "Tests" / "Acceptance" / "acceptance.py", "--url",
             f"http://127.0.0.1:{self.port}", "--admin", admin, "--popular", batch, "--record", lines],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        run.process.terminate()
        return [json.loads(line) for line in lines.read_text().splitlines()]

    def test_all_that_is_answered_is_described_and_all_that_is_described_is_answered(self):
        contract = self.contract
        statuses, refusals, answered, sent, parameters = set(), set(), set(), set(), set()
        for entry in self.record():
            key, operation = contract.find(entry["method"], entry["path"])
            status = entry["status"]
            problem = status >= 400
            answer = json.loads(entry["answer"]) if entry["answer"] and "json" in entry["answered"]["content-type"] else None
            with self.subTest(method=entry["method"], path=entry["path"], status=status):
                if problem:
                    schema = {"$ref": "#/components/schemas/Problem"}
                    contract.check(answer, schema)
                    answered.update(contract.seen(answer, schema, "problem"))
                    refusals.add(answer["code"])
                    if answer["code"] in COMMON:
                        continue
                if operation is None:
                    # Only who asks for what is not there gets here without a problem: nobody, but OPTIONS.
                    self.assertEqual((entry["method"], status), ("OPTIONS", 204))
                    continue
                if problem and answer["code"] == "idempotency_key_reused":
                    self.assertIn("Idempotency-Key", self.names(operation, "header"))
                    continue
                self.assertIn(str(status), operation["responses"])
                statuses.add((key, str(status)))
                if problem:
                    self.assertIn(answer["code"], codes(operation["responses"][str(status)]))
                    refusals.add((key, answer["code"]))
                    continue
                content = operation["responses"][str(status)].get("content", {}).get("application/json")
                self.assertEqual(content is None, answer is None)
                if content:
                    contract.check(answer, content["schema"])
                    answered.update(contract.seen(answer, content["schema"], str(key)))
                query = re.findall(r"[?&](\w+)=", entry["path"])
                self.assertLessEqual(set(query), self.names(operation, "query"))
                parameters.update((key, name) for name in query)
                if "Idempotency-Key" in entry["fields"]:
                    self.assertIn("Idempotency-Key", self.names(operation, "header"))
                body = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if body and entry["body"]:
                    value = json.loads(entry["body"])
                    contract.check(value, body["schema"])
                    sent.update(contract.seen(value, body["schema"], str(key)))
        for what, described, seen, missing in (
                ("statuses", self.described_statuses(), statuses, set()),
                ("refusals", self.described_refusals(), refusals, set()),
                ("codes", self.codes, refusals, PROVOKED_ELSEWHERE),
                ("members of answers", self.described_members("responses"), answered,
                 {("#/components/schemas/Problem", "outcome")}),
                ("members of requests", self.described_members("requestBody"), sent, set()),
                ("parameters", self.described_parameters(), parameters, set())):
            with self.subTest(what):
                self.assertGreater(len(described), 3)
                self.assertEqual(described - seen, missing)

    def names(self, operation, place):
        found = [self.contract.resolve(parameter) for parameter in operation.get("parameters", [])]
        return {parameter["name"] for parameter in found if parameter["in"] == place}

    def described_statuses(self):
        """Those of refusals where one of them is answered by the acceptance."""
        return {(key, status) for key, operation in self.contract.operations.items()
                for status, response in operation["responses"].items()
                if status[0] == "2" or self.own(response)}

    def described_refusals(self):
        return {(key, code) for key, operation in self.contract.operations.items()
                for response in operation["responses"].values() for code in self.own(response)}

    def described_parameters(self):
        return {(key, name) for key, operation in self.contract.operations.items()
                for name in self.names(operation, "query")}

    def own(self, response):
        """The codes of an operation's own."""
        return (codes(response) & self.codes) - PROVOKED_ELSEWHERE - COMMON

    def described_members(self, part):
        found = set()
        for key, operation in self.contract.operations.items():
            bodies = operation["responses"].values() if part == "responses" else [operation.get("requestBody", {})]
            for body in bodies:
                body = self.contract.resolve(body)
                for media, content in body.get("content", {}).items():
                    if media != "application/yaml":
                        found.update(self.contract.members(content["schema"], str(key)))
        return found
