#!/usr/bin/env python3
"""A `sqlite3` shell that holds a read transaction open on a replica's file, under full load.

    long_reader.py EXECUTABLE [--seconds N] [--settings LINES] [--plot PREFIX]

For the table and the ledger, of a follower and of the leader: sizes of the write-ahead logs over time, latency of writes before,
during and after, who leads, and what the node says of the holder (its process must be named). Needs the sqlite3 shell."""

import argparse
import shutil
import subprocess
import threading
import time

import report
from cluster import ONE_SHARD, Cluster, wait_for
from traffic import Probe, Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--seconds", type=float, default=30, help="that a reader stays; 300 for the whole")
    arguments.add_argument("--settings", default="")
    arguments.add_argument("--plot", default="long_reader")
    arguments.add_argument("--only", default="", help="for example `follower table`")
    options = arguments.parse_args()
    if not shutil.which("sqlite3"):
        raise SystemExit("the sqlite3 shell is not installed")
    rows, figures, findings = [], [], []
    for role in ("follower", "leader"):
        for kind in ("table", "ledger"):
            if options.only in f"{role} {kind}":
                with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
                    row, figure, wrong = measure(cluster, role, kind, options)
                rows.append(row)
                figures.append(figure)
                findings += [f"{role} {kind}: {text}" for text in wrong]
    report.table(("held", "leader before, held, after", "WAL MB before, most, after", "p50 ms", "p99 ms", "longest ms", "writes/s", "said"), rows)
    report.finish("long_reader", {"seconds": options.seconds, "cases": figures})
    report.complain(findings)


class Sampler(threading.Thread):
    def __init__(self, cluster, node, kind):
        super().__init__(daemon=True)
        self.cluster, self.node, self.kind, self.samples, self.stopping = cluster, node, kind, [], threading.Event()
        self.begun = time.monotonic()

    def run(self):
        while not self.stopping.wait(0.5):
            self.samples.append((time.monotonic() - self.begun, self.cluster.sizes(self.node)[self.kind + "-wal"] / 1e6))

    def most(self, start, end):
        return max((size for at, size in self.samples if start <= at + self.begun < end), default=0)


def hold(cluster, node, kind):
    """A shell within a transaction that has read."""
    file, view = (cluster.table_path(node), "key_values") if kind == "table" else (cluster.data(node) + "/shard1/ledger.sqlite", "log")
    shell = subprocess.Popen(["sqlite3", "-readonly", file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    shell.stdin.write(f".timeout 5000\nBEGIN;\nSELECT count(*) >= 0 FROM (SELECT 1 FROM {view} LIMIT 10);\n")
    shell.stdin.flush()
    if shell.stdout.readline().strip() != "1":
        raise SystemExit("the shell could not read")
    return shell


def measure(cluster, role, kind, options):
    leader, wrong = wait_for(cluster.leader, 30, "a leader"), []
    node = leader if role == "leader" else "dc3"
    client = "dc2"
    sampler, offset, calm = Sampler(cluster, node, kind), cluster.log_size(node), max(5.0, options.seconds / 5)
    sampler.start()
    with Probe(cluster.clients[client]) as probe, Pump(cluster.clients[client], processes=1, depth=64) as pump:
        rates, times = [pump.rate(calm)], [sampler.begun, time.monotonic()]
        shell = hold(cluster, node, kind)
        try:
            rates.append(pump.rate(options.seconds))
            leader_held = cluster.leader()
        finally:
            shell.stdin.close()
            shell.wait(10)
        times.append(time.monotonic())
        rates.append(pump.rate(calm))
        times.append(time.monotonic())
        errors = dict(pump.errors) | dict(probe.errors)
    sampler.stopping.set()
    sampler.join()
    try:
        cluster.wait_until_equal()
    except AssertionError as failure:
        wrong.append(str(failure))
    wal = [sampler.most(start, end) for start, end in zip(times, times[1:])]
    after = sampler.samples[-1][1]
    said = [line for line in cluster.log_text(node, offset).splitlines() if str(shell.pid) in line]
    if wal[1] > wal[0] * 4 and not said:
        wrong.append(f"the log grew to {wal[1]:.0f} MB, and process {shell.pid} was not named")
    waits = [probe.between(start, end) for start, end in zip(times, times[1:])]
    latency = {name: [round(report.percentile(phase, share) * 1000, 1) for phase in waits]
               for name, share in (("p50", 0.5), ("p99", 0.99), ("longest", 1.0))}
    marks = [(times[1] - sampler.begun, "BEGIN"), (times[2] - sampler.begun, "left")]
    report.plot(f"{options.plot}-{role}-{kind}.svg", f"A reader holds the {kind} of the {role}", "MB", {f"{kind}-wal": sampler.samples}, marks)
    leaders = f"{leader}, {leader_held}, {cluster.leader()}"
    row = (f"{kind} of the {role} ({node})", leaders, f"{wal[0]:.1f}, {wal[1]:.1f}, {after:.1f}",
           *(", ".join(map(str, latency[name])) for name in latency), ", ".join(f"{rate:.0f}" for rate in rates), (said or ["nothing"])[0][:200])
    return row, {"role": role, "kind": kind, "wal_mb": [round(size, 1) for size in (*wal, after)], "latency_ms": latency,
                 "writes_per_second": [round(rate) for rate in rates], "errors": errors, "named": bool(said)}, wrong


if __name__ == "__main__":
    main()
