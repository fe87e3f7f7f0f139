#!/usr/bin/env python3
"""Measures shop backends side by side on this machine.

    ./bench.py                                  all default peers, small database
    ./bench.py --peers null-c,go-fcgi --scenarios charge,coupon
    ./bench.py --growth                         small and large database, with ratios
    ./bench.py --target-file jangteo=../jangteo.py

One peer runs at a time, from a fresh copy of the same seeded database for
every single measurement.  Within a round the peers take turns in each
scenario, so that a noisy minute hits them alike; the tables give medians over
the rounds.  Load goes to 127.0.0.1 only.
"""
import argparse
import importlib.util
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import contract_test  # noqa: E402
import peers  # noqa: E402
import scenarios  # noqa: E402
import seed  # noqa: E402
import verify  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
WARM_SECONDS = 1


# --------------------------------------------------------------------------
# A target that is not one of the peers


class Target(peers.Peer):
    """A running URL, or whatever a target file knows how to start."""

    about = "external target"

    def __init__(self, name, url, module):
        self.name, self.url, self.module = name, url, module
        self.scenarios = getattr(module, "SCENARIOS", None)
        if url:
            host = urllib.parse.urlsplit(url).hostname
            if host not in ("127.0.0.1", "localhost"):
                raise SystemExit("a target must be on 127.0.0.1, not on %s" % host)
        elif not hasattr(module, "start"):
            raise SystemExit("target %s has neither a URL nor start() in its file" % name)

    def build(self, work):
        if hasattr(self.module, "build"):
            self.module.build(work)

    def start(self, work, cell, db, sync):
        if hasattr(self.module, "start"):
            return self.module.start(work, cell, db, sync)
        instance = peers.Instance(self.url)
        if hasattr(self.module, "pids"):
            instance.pids = lambda: peers.descendants(self.module.pids())
        return instance

    def tokens(self, instance, scenario, users):
        if hasattr(self.module, "tokens"):
            return self.module.tokens(instance.url, scenario, users)
        return None

    def verify(self, instance, db, scenario, result):
        """Problems found after the run; called while the target still runs."""
        if hasattr(self.module, "verify"):
            return self.module.verify(instance.url, db, scenario, result)
        return []


def load_targets(urls, files):
    def pairs(values):
        out = {}
        for value in values:
            name, equals, rest = value.partition("=")
            if not (name and equals and rest):
                raise SystemExit("expected NAME=VALUE, got %r" % value)
            out[name] = rest
        return out

    urls, files = pairs(urls), pairs(files)
    targets = {}
    for name in {**urls, **files}:
        module = None
        if name in files:
            spec = importlib.util.spec_from_file_location("target_" + name.replace("-", "_"), files[name])
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        targets[name] = Target(name, urls.get(name), module)
    return targets


# --------------------------------------------------------------------------
# What the kernel knows about processes


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            with open("/proc/%d/stat" % pid) as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_mib(pids):
    """Resident memory of all processes: counted fully, and with shared pages
    divided among those sharing them (which is the fair sum)."""
    rss = pss = 0
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid) as f:
                for line in f:
                    if line.startswith("Rss:"):
                        rss += int(line.split()[1])
                    elif line.startswith("Pss:"):
                        pss += int(line.split()[1])
        except OSError:
            continue
    return rss / 1024, pss / 1024


def machine_busy_seconds():
    """CPU seconds the whole machine has spent, and those taken by its host."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (sum(v) - v[3] - v[4]) / TICK, v[7] / TICK


def commits_per_second(folder, sync, seconds=1.0):
    """How many one-row transactions a single connection commits on this disk."""
    path = os.path.join(folder, "probe.db")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=" + sync)
    db.execute("CREATE TABLE t (a INTEGER)")
    n, start = 0, time.monotonic()
    while time.monotonic() - start < seconds:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO t VALUES (1)")
        db.execute("COMMIT")
        n += 1
    rate = n / (time.monotonic() - start)
    db.close()
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    return rate


# --------------------------------------------------------------------------
# One measurement


def wrk(script, url, threads, connections, seconds):
    """Runs wrk; returns its result and the CPU seconds it used itself."""
    command = ["wrk", "-t", str(min(threads, connections)), "-c", str(connections),
               "-d", "%ds" % seconds, "--timeout", "20s", "-s", script, url]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [x for x in out.stdout.splitlines() if x.startswith("RESULT ")]
    if not lines:
        raise RuntimeError("wrk gave no result: " + (out.stderr or out.stdout).strip()[-300:])
    result = json.loads(lines[-1][7:])
    result["got"] = {int(k): n for k, n in merged(result["got"]).items()}
    result["sent"] = merged(result["sent"])
    return result, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def merged(counts):
    total = {}
    for one in counts:
        for key, n in one.items():
            total[key] = total.get(key, 0) + n
    return total


class Bench:
    def __init__(self, args, work, db_dir):
        self.a, self.work, self.db_dir = args, work, db_dir
        self.templates = {}

    def template(self, size):
        if size not in self.templates:
            path = os.path.join(self.db_dir, "template-%s.db" % size)
            users, products = seed.SIZES[size]
            seed.seed(path, users, products, self.a.coupon_stock)
            self.templates[size] = path
        return self.templates[size]

    def fresh(self, size):
        """A folder for one run, with its own copy of the database on disk."""
        cell = tempfile.mkdtemp(prefix="cell-", dir=self.db_dir)
        os.chmod(cell, 0o755)
        peers.own(cell)
        db = os.path.join(cell, "shop.db")
        shutil.copyfile(self.template(size), db)
        with open(db, "rb+") as f:
            os.fsync(f.fileno())  # or its writing would disturb the run
        peers.own(db)
        return cell, db

    def script(self, cell, name, peer, scenario, size, tokens):
        users, products = seed.SIZES[size]
        path = os.path.join(cell, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(scenarios.wrk_script(scenario, users, products, self.a.threads,
                                         seed=self.a.seed, tokens=tokens, null=peer.null))
        return path

    def contract(self, peer):
        if peer.null or isinstance(peer, Target):
            return []
        cell, db = self.fresh("small")
        try:
            instance = peer.start(self.work, cell, db, self.a.sync)
            try:
                found = contract_test.problems(instance.url)
            finally:
                instance.stop()
            return found + verify.invariants(db)
        finally:
            shutil.rmtree(cell, ignore_errors=True)

    def measure(self, peer, size, name, connections):
        own_scenarios = getattr(peer, "scenarios", None) or scenarios.SCENARIOS
        scenario = own_scenarios[name]
        external = isinstance(peer, Target)
        check_db = not peer.null and not external
        cell, db = self.fresh(size)
        try:
            instance = peer.start(self.work, cell, db, self.a.sync)
            try:
                tokens = None
                if external:
                    values = peer.tokens(instance, name, seed.SIZES[size][0])
                    if values:
                        tokens = os.path.join(cell, "tokens")
                        with open(tokens, "w", encoding="utf-8") as f:
                            f.write("\n".join(values) + "\n")
                script = self.script(cell, "run.lua", peer, scenario, size, tokens)
                warm = self.script(cell, "warm.lua", peer,
                                   own_scenarios[scenario.warm_with or name], size, tokens)
                wrk(warm, instance.url, self.a.threads, connections, WARM_SECONDS)
                before = verify.counts(db) if check_db else None
                pids = instance.pids()
                cpu, (busy, stolen) = cpu_seconds(pids), machine_busy_seconds()
                result, generator = wrk(script, instance.url, self.a.threads, connections,
                                        self.a.duration)
                cpu = cpu_seconds(pids) - cpu
                busy_after, stolen_after = machine_busy_seconds()
                rss, pss = memory_mib(pids)
                instance.check()
                problems = peer.verify(instance, db, name, result) if external else []
            finally:
                instance.stop()

            expected = [200] if peer.null else scenario.expected()
            unexpected = sum(result[k] for k in ("connect", "read", "write", "timeout"))
            if scenarios.looks_at_answers(scenario, peer.null):
                unexpected += sum(n for s, n in result["got"].items() if s not in expected)
            else:
                unexpected += result["status"]
            result["unexpected"] = unexpected
            if check_db:
                problems += verify.against_answers(before, verify.counts(db), result, connections,
                                                   self.a.coupon_stock)
                if not (scenario.read_only and size == "scale"):
                    problems += verify.invariants(db)
            requests = max(1, result["requests"])
            seconds = result["seconds"]
            wall = seconds * peers.CORES
            return {
                "peer": peer.name, "size": size, "scenario": name, "connections": connections,
                "rps": requests / seconds, "p50_us": result["p50"], "p99_us": result["p99"],
                "max_us": result["max"], "requests": requests, "statuses": result["got"],
                "errors": unexpected, "problems": problems, "rss_mib": rss, "pss_mib": pss,
                "cpu_percent": 100 * cpu / seconds, "cpu_us_per_request": 1e6 * cpu / requests,
                "generator_percent": 100 * generator / seconds,
                "others_percent": 100 * max(0, busy_after - busy - cpu - generator) / wall,
                "stolen_percent": 100 * (stolen_after - stolen) / wall,
            }
        finally:
            if not self.a.keep:
                shutil.rmtree(cell, ignore_errors=True)


# --------------------------------------------------------------------------
# Tables


def duration_text(us):
    if us < 1000:
        return "%d µs" % us
    if us < 1e6:
        return "%.3g ms" % (us / 1000)
    return "%.3g s" % (us / 1e6)


def number(n):
    return "{:,.0f}".format(n) if n >= 100 else "%.3g" % n


def table(head, rows):
    widths = [max(len(str(r[i])) for r in [head] + rows) for i in range(len(head))]
    line = lambda r, pad=" ": "| " + " | ".join(
        str(c).ljust(w) if i < 2 else str(c).rjust(w) for i, (c, w) in enumerate(zip(r, widths))) + " |"
    rule = "|" + "|".join("-" * (w + 2) if i < 2 else "-" * (w + 1) + ":"
                          for i, w in enumerate(widths)) + "|"
    return "\n".join([line(head), rule] + [line(r) for r in rows])


def summary(results):
    """Medians over the rounds, keyed by (size, scenario, connections, peer)."""
    groups = {}
    for r in results:
        groups.setdefault((r["size"], r["scenario"], r["connections"], r["peer"]), []).append(r)
    out = {}
    for key, rs in groups.items():
        m = {k: statistics.median(r[k] for r in rs) for k in
             ("rps", "p50_us", "p99_us", "rss_mib", "pss_mib", "cpu_percent",
              "cpu_us_per_request", "generator_percent", "others_percent")}
        m["max_us"] = max(r["max_us"] for r in rs)
        m["errors"] = sum(r["errors"] for r in rs)
        m["problems"] = sum(len(r["problems"]) for r in rs)
        m["runs"] = rs
        out[key] = m
    return out


def report(results, order, baseline, args, facts):
    got = summary(results)
    text = ["# Results", "", facts, ""]
    sizes = list(dict.fromkeys(k[0] for k in got))
    names = list(dict.fromkeys(k[1] for k in got))
    levels = sorted({k[2] for k in got})
    for size in sizes:
        text += ["## Database: %s (%s users, %s products), synchronous=%s" % (
            size, *("{:,}".format(n) for n in seed.SIZES[size]), args.sync), ""]
        rows = []
        for name in names:
            for level in levels:
                for peer in order:
                    m = got.get((size, name, level, peer))
                    if m:
                        flag = "" if not m["errors"] + m["problems"] else " (!)"
                        rows.append([name + " c=%d" % level, peer, number(m["rps"]),
                                     duration_text(m["p50_us"]), duration_text(m["p99_us"]),
                                     duration_text(m["max_us"]),
                                     "%d%s" % (m["errors"], flag), "%.0f" % m["rss_mib"],
                                     "%.0f" % m["pss_mib"], "%.0f" % m["cpu_percent"],
                                     number(m["cpu_us_per_request"]), "%.0f" % m["generator_percent"],
                                     "%.0f" % m["others_percent"]])
        text += [table(["scenario", "peer", "req/s", "p50", "p99", "max", "errors", "RSS MiB",
                        "PSS MiB", "CPU %", "CPU µs/req", "wrk CPU %", "others %"], rows), ""]
        rows = []
        for name in names:
            for peer in order:
                row = [name, peer]
                for level in levels:
                    m, b = got.get((size, name, level, peer)), got.get((size, name, level, baseline))
                    if not m or not b:
                        row.append("-")
                        continue
                    # Compare within a round, then take the median.
                    base = {r["round"]: r["rps"] for r in b["runs"]}
                    ratios = [r["rps"] / base[r["round"]] for r in m["runs"] if r["round"] in base]
                    row.append("%.3f" % statistics.median(ratios) if ratios else "-")
                if any(c != "-" for c in row[2:]):
                    rows.append(row)
        if rows:
            text += ["Requests/s relative to %s:" % baseline, "",
                     table(["scenario", "peer"] + ["c=%d" % x for x in levels], rows), ""]
    if len(sizes) == 2:
        rows = []
        for name in names:
            for peer in order:
                for level in levels:
                    s, b = (got.get((z, name, level, peer)) for z in ("small", "scale"))
                    if s and b:
                        rows.append([name + " c=%d" % level, peer, number(s["rps"]), number(b["rps"]),
                                     "%.2f" % (b["rps"] / s["rps"]),
                                     "%.2f" % (b["cpu_us_per_request"] / max(1e-9, s["cpu_us_per_request"])),
                                     "%.2f" % (b["p99_us"] / max(1, s["p99_us"]))])
        text += ["## How cost grows: large database / small database", "",
                 table(["scenario", "peer", "req/s small", "req/s large", "req/s ratio",
                        "CPU/req ratio", "p99 ratio"], rows), ""]
    bad = [r for r in results if r["errors"] or r["problems"]]
    text += ["## Checks", ""]
    if not bad:
        text += ["All answers were of the expected kind; the database of every peer was consistent."]
    for r in bad:
        text.append("- round %d, %s, %s, c=%d, %s: %d unexpected answers %s%s" % (
            r["round"], r["peer"], r["scenario"], r["connections"], r["size"], r["errors"],
            r["statuses"] or "", "".join("; " + p for p in r["problems"])))
    return "\n".join(text) + "\n"


# --------------------------------------------------------------------------


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    listed = lambda s: [x for x in s.split(",") if x]
    p.add_argument("--peers", type=listed, default=peers.DEFAULT,
                   help="of: " + ", ".join(peers.ALL))
    p.add_argument("--scenarios", type=listed, default=list(scenarios.SCENARIOS))
    p.add_argument("--connections", type=lambda s: [int(x) for x in listed(s)], default=[1, 64, 256])
    p.add_argument("--duration", type=int, default=5, help="seconds for each measurement")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", type=int, default=1, help="wrk threads")
    p.add_argument("--sync", choices=["FULL", "NORMAL"], default=os.environ.get("PEER_SYNC", "FULL"))
    p.add_argument("--scale", action="store_true", help="the large database in place of the small")
    p.add_argument("--growth", action="store_true", help="both databases")
    p.add_argument("--coupon-stock", type=int, default=1000)
    p.add_argument("--target", action="append", default=[], metavar="NAME=URL")
    p.add_argument("--target-file", action="append", default=[], metavar="NAME=FILE.py")
    p.add_argument("--baseline", default="null-c")
    p.add_argument("--seed", type=int, default=1, help="of the random requests")
    p.add_argument("--work", help="keep builds here, for the next run")
    p.add_argument("--db-dir", help="where the databases lie; a memory file system"
                   " leaves out what the disk costs")
    p.add_argument("--out", help="write results.json and results.md here")
    p.add_argument("--keep", action="store_true", help="keep the folders of each run")
    p.add_argument("--no-contract", action="store_true", help="skip the contract check")
    return p.parse_args()


def main():
    args = arguments()
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool):
            raise SystemExit("%s is not installed" % tool)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that peers are stopped
    temporary = []
    work = args.work or tempfile.mkdtemp(prefix="peers-")
    if not args.work:
        temporary.append(work)
    os.makedirs(work, exist_ok=True)
    os.chmod(work, 0o755)
    work = os.path.abspath(work)
    db_dir = tempfile.mkdtemp(prefix="peers-db-", dir=args.db_dir or work)
    os.chmod(db_dir, 0o755)
    temporary.append(db_dir)
    if args.keep:
        temporary = []
        print("keeping %s" % db_dir, file=sys.stderr)

    targets = load_targets(args.target, args.target_file)
    chosen = []
    for name in args.peers:
        if name not in peers.ALL:
            raise SystemExit("no such peer: " + name)
        chosen.append(peers.ALL[name])
    chosen += targets.values()
    order = [p.name for p in chosen]
    sizes = ["small", "scale"] if args.growth else ["scale" if args.scale else "small"]

    results = []
    facts = ""
    try:
        bench = Bench(args, work, db_dir)
        for peer in chosen:
            print("building %s" % peer.name, file=sys.stderr)
            peer.build(work)
        for peer in chosen:
            found = [] if args.no_contract else bench.contract(peer)
            for text in found:
                print("contract: %s: %s" % (peer.name, text), file=sys.stderr)
            if found:
                raise SystemExit("%s does not keep the contract" % peer.name)
        probes = []
        shuffle = random.Random(args.seed)
        for turn in range(1, args.rounds + 1):
            probes.append(commits_per_second(db_dir, args.sync))
            for size in sizes:
                for name in args.scenarios:
                    for level in args.connections:
                        for peer in shuffle.sample(chosen, len(chosen)):
                            if peer.null and size == "scale" and len(sizes) == 2:
                                continue  # has no database that could grow
                            if name not in (getattr(peer, "scenarios", None) or scenarios.SCENARIOS):
                                continue
                            try:
                                r = bench.measure(peer, size, name, level)
                            except (RuntimeError, OSError, subprocess.TimeoutExpired, KeyError) as e:
                                print("FAILED %s %s c=%d: %s" % (peer.name, name, level, e), file=sys.stderr)
                                continue
                            r["round"] = turn
                            results.append(r)
                            print("round %d %-5s %-8s c=%-3d %-22s %9.0f req/s  p99 %-8s cpu %3.0f%%  "
                                  "others %2.0f%%%s%s" % (
                                      turn, size, name, level, peer.name, r["rps"],
                                      duration_text(r["p99_us"]), r["cpu_percent"], r["others_percent"],
                                      "  ERRORS %d" % r["errors"] if r["errors"] else "",
                                      "  PROBLEMS " + "; ".join(r["problems"]) if r["problems"] else ""),
                                  file=sys.stderr, flush=True)
    finally:
        peers.stop_all()
        if results:
            facts = ("%d cores; medians of up to %d rounds of %d s; a single connection commits %s "
                     "one-row transactions/s here (%s over the rounds)." % (
                         peers.CORES, args.rounds, args.duration, number(statistics.median(probes)),
                         ", ".join(number(x) for x in probes)))
            text = report(results, order, args.baseline, args, facts)
            print(text)
            if args.out:
                os.makedirs(args.out, exist_ok=True)
                with open(os.path.join(args.out, "results.md"), "w", encoding="utf-8") as f:
                    f.write(text)
                with open(os.path.join(args.out, "results.json"), "w", encoding="utf-8") as f:
                    json.dump(results, f, indent=1)
        for folder in temporary:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if any(r["errors"] or r["problems"] for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
