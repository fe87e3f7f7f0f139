"""The numbers that the tests find. They are written down as they come, and shown when all tests are over."""
import atexit
import json
import pathlib

FILE = pathlib.Path(__file__).resolve().parents[2] / ".build" / "test-logs" / "system-numbers.json"
found = {}


def note(what, **numbers):
    """Keeps numbers under a name; what a former run has written is not kept."""
    found.setdefault(what, {}).update(numbers)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@atexit.register
def show():
    for what, numbers in found.items():
        print(f"{what}: " + ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in numbers.items()))
