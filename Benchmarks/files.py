#!/usr/bin/env python3
"""What files cost a shop that sells: p99 of charges while a file of a million orders goes out and one of 10,000 products comes in.

    Benchmarks/files.py [--orders 1000000] [--rows 10000] [--rate 300] [--seconds 15] [--rounds 3]

Needs a release build. Charges come at a fixed rate, whether or not the ones before have been answered, behind the shop's own
nginx.conf, with every write waiting for the disk: in each round by themselves, and while the file goes out; then, in as many
rounds, by themselves, and while the file comes in. So what else the machine does meanwhile meets both alike. A phase in which the
machine's own host took more than a hundredth of the processors away is shown, and measured again, up to three times as often as
there are rounds; if there was no other, these count. What counts of several phases is the median of their p99. What has to be
right, has to be so in all. The generator and whoever sends and takes the files have a core of their own. Ends with 1 where p99 is
more than 1.5 times that of the charges by themselves, the responder took more than 16 MiB more, the file came in more slowly than
in 10 s, or something was not answered.
"""
import argparse
import csv
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from overload import Generator, Requests, Shop, percentile

MOST_TIMES, MOST_MIB, MOST_SECONDS = 1.5, 16, 10
MOST_STOLEN, MOST_TRIES = 0.01, 3


class Staff:
    def __init__(self, shop):
        self.port, self.token = shop.port, None
        subprocess.run([shop.binary, "users", "create", "boss", "--role", "manager", "--data", shop.data, "--password-stdin"],
                       input=b"correct horse", check=True, stdout=subprocess.DEVNULL)
        self.token = self.json("POST", "/tokens", '{"login":"boss","password":"correct horse"}',
                               headers={"Content-Type": "application/json"})["token"]

    def call(self, method, path, body=None, headers=None):
        """The answer, whose body is still to be read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {**({"Authorization": "Bearer " + self.token} if self.token else {}), **(headers or {})}
        connection.request(method, "/api/v1" + path, body, sent)
        return connection.getresponse()

    def json(self, *arguments, **more):
        answer = self.call(*arguments, **more)
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit("%s: %d %s" % (arguments[1], answer.status, text[:300]))
        return json.loads(text)


def rss(pid):
    """What the process has in memory of its own, in KiB."""
    with open("/proc/%d/status" % pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def stolen():
    """Seconds that the host gave to others while a processor of this machine had work, of all processors."""
    with open("/proc/stat") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """The most memory that a process has, for as long as this runs."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0, threading.Event()
        self.start()

    def run(self):
        leave_the_core()
        while not self.over.wait(0.02):
            self.most = max(self.most, rss(self.pid))

    def end(self):
        self.over.set()
        self.join()
        return self.most


def leave_the_core():
    """Whoever downloads and uploads is at a machine of their own: here this thread takes what the generator leaves of its core.
    A low priority is not enough: such a thread, once it runs, keeps the core for 3 ms."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def again_and_again(work, goes_on, did):
    leave_the_core()
    while goes_on():
        began = time.monotonic()
        done = work()
        if done is None:
            break
        did.append((done, time.monotonic() - began))


class Phase:
    """What was measured while charges came: how long each took, the most memory, what the work beside them returned and how
    long that took, how many were not answered, and the share of the processors that the host took away."""

    def __init__(self, results, did, most, stolen):
        self.took = [result.ended - result.due for result in results]
        self.lost = sum(result.status != 201 for result in results)
        self.did, self.most, self.stolen = did, most, stolen

    @property
    def p99(self):
        return percentile(self.took, 0.99) * 1000


class Selling:
    """A shop at which charges come at a fixed rate."""

    def __init__(self, shop, generator, rate, seconds):
        self.shop, self.generator, self.rate, self.seconds = shop, generator, rate, seconds
        self.customers = Requests(shop.tokens)

    def during(self, name, work=lambda: None):
        """The phase in which the work is done again and again."""
        asked = [("charge", self.customers.one("charge")) for _ in range(int(self.rate * self.seconds))]
        results, did = [], []
        run = threading.Thread(target=lambda: results.extend(
            self.generator.run(self.shop, 64, asked, (self.rate, self.seconds))))
        watch = Watch(self.shop.started[0].pid)
        before, began = stolen(), time.monotonic()
        run.start()
        time.sleep(1)  # until the connections are made
        client = threading.Thread(target=again_and_again, args=(work, run.is_alive, did))
        client.start()
        client.join()
        run.join()
        share = (stolen() - before) / (time.monotonic() - began) / os.cpu_count()
        phase = Phase(results, did, watch.end(), share)
        print("  %-18s p99 of %d charges %5.1f ms, %d not answered, %.1f MiB, %.1f %% taken by the host" % (
            name, len(results), phase.p99, phase.lost, phase.most / 1024, share * 100), flush=True)
        return phase

    def rounds(self, count, name, work):
        """The phases without the work and those with it, by turns."""
        alone, beside = [], []
        while min(len(quiet(alone)), len(quiet(beside))) < count and len(alone) < MOST_TRIES * count:
            alone.append(self.during("by itself"))
            beside.append(self.during(name, work))
        return alone, beside


def quiet(phases):
    return [phase for phase in phases if phase.stolen <= MOST_STOLEN]


def download(staff):
    """How many rows the file of the orders has."""
    answer = staff.call("GET", "/admin/orders.csv")
    lines = (line.decode("utf-8-sig") for line in answer)
    return sum(1 for _ in csv.reader(lines)) - 1


class Import:
    """A file of products that is another one each time."""

    def __init__(self, staff, rows):
        self.staff, self.rows, self.times = staff, rows, 0

    def __call__(self):
        self.times += 1
        text = "sku,name,price,stock,description\n" + "".join(
            "N-%d,상품 %d,%d,%d,%s\n" % (i, i, 1000 + self.times, 10 * self.times, "햇것입니다. " * 5) for i in range(self.rows))
        made = self.staff.json("POST", "/admin/products/imports", text.encode(), headers={"Content-Type": "text/csv"})
        while made["open"]:
            made = self.staff.json("POST", "/admin/products/imports/%d/apply" % made["id"])
        return made["done"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["JANGTEO_SECOND_FACTOR"] = "optional"
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("the generator needs a core of its own")
    os.sched_setaffinity(0, cores[-1:])
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        generator = Generator(folder, cores[-1:])
        shop = Shop(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), folder, cores[:-1])
        try:
            shop.jangteo("demo", "--orders", str(options.orders))
            staff = Staff(shop)
            selling = Selling(shop, generator, options.rate, options.seconds)
            selling.during("warming up")
            kinds = [("a file goes out", lambda: download(staff), options.orders),
                     ("a file comes in", Import(staff, options.rows), options.rows)]
            for name, work, rows in kinds:
                before, during = every = selling.rounds(options.rounds, name, work)
                more = max(phase.most for phase in during) - max(phase.most for phase in before)
                rows_done = [done for phase in during for done, _ in phase.did]
                lost = sum(phase.lost for phases in every for phase in phases)
                if quiet(before) and quiet(during):
                    before, during = quiet(before), quiet(during)
                else:
                    print("  the host was never quiet: all phases count")
                alone, beside = (statistics.median(phase.p99 for phase in phases) for phases in (before, during))
                whole = [seconds for phase in during for _, seconds in phase.did]
                print("  %s: of %d and %d phases p99 is %.1f ms by itself, %.1f ms so: %.2f times; %.1f MiB more; %d times whole, in %s s" % (
                    name, len(before), len(during), alone, beside, beside / alone, more / 1024, len(whole),
                    ", ".join("%.1f" % seconds for seconds in whole)))
                if any(done != rows for done in rows_done):
                    problems.append("%s: %s rows" % (name, rows_done))
                if beside > MOST_TIMES * alone:
                    problems.append("%s: p99 is %.2f times what it was" % (name, beside / alone))
                if more > MOST_MIB * 1024:
                    problems.append("%s: %.1f MiB more" % (name, more / 1024))
                if lost:
                    problems.append("%s: %d charges were not answered" % (name, lost))
                if rows == options.rows and max(whole, default=MOST_SECONDS + 1) > MOST_SECONDS:
                    problems.append("%s: in %.1f s" % (name, max(whole, default=float("nan"))))
            shop.stop()
            shop.jangteo("audit")
        finally:
            shop.stop()
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
