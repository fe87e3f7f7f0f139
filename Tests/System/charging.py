"""Customers who charge 1,000 won again and again, as careful programs do: what was not acknowledged is sent again with its
Idempotency-Key until it is. They know nothing of the machine but its port 80.

    charging.py REPORT <<<'{"customers": [[user, token], …], "keys": [[user, key], …]}'

`keys` are charges that an earlier run does not know the end of; they are sent first. REPORT gets a line for each charge
that is begun, and one for each that is acknowledged, before the next is begun. On TERM each customer ends with what it
has begun.
"""
import http.client
import json
import signal
import sys
import threading
import time
import uuid

over = threading.Event()
writing = threading.Lock()


def say(report, line):
    with writing:
        report.write(line + "\n")
        report.flush()


def customer(report, user, token, keys):
    connection = None
    while keys or not over.is_set():
        key = keys.pop() if keys else uuid.uuid4().hex
        say(report, f"begun {user} {key}")
        while True:
            connection = connection or http.client.HTTPConnection("127.0.0.1", 80, timeout=20)
            sent = time.monotonic()
            try:
                connection.request("POST", "/api/v1/balance/charges", '{"amount":1000}', {
                    "Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": key})
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                time.sleep(0.01)
                continue
            if answer.status == 201:
                say(report, json.dumps({"entry": json.loads(body)["entryId"], "user": user, "key": key,
                                        "sent": sent, "answered": time.monotonic()}))
                break
            # What is not 503 would be so for ever.
            if answer.status != 503:
                say(report, f"refused {answer.status} {body.decode(errors='replace')}")
                return
            say(report, f"unavailable {sent}")
            time.sleep(0.01)


def main():
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    given = json.load(sys.stdin)
    with open(sys.argv[1], "w") as report:
        threads = [
            threading.Thread(target=customer, args=(
                report, user, token, [key for who, key in given["keys"] if who == user]))
            for user, token in given["customers"]]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.1)  # a signal is heard between these


main()
