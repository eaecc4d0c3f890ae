#!/usr/bin/env python3
"""A backup under load, restored as a new cluster in a new place, and read with SQLite: equal to the original at its slot.

    backup.py EXECUTABLE [--gigabytes G] [--settings LINES]

Keys are written once each, in order, with a value that follows from the key: the backup must hold a prefix of what was sent, with
everything that had been acknowledged before it began. Memory: the largest resident sets of `decree backup` and of the node asked."""

import argparse
import json
import os
import sqlite3
import subprocess
import threading
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, Resp, RespError, peak_memory, wait_for
from traffic import Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--gigabytes", type=float, default=0.1, help="of values that are there before the backup begins; 2 for the whole")
    arguments.add_argument("--settings", default="")
    options = arguments.parse_args()
    with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
        measure(cluster, options)


class Sequence(threading.Thread):
    """Writes `a:seq:0`, `a:seq:1`, … one after the other, whose values are their numbers."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.sent, self.acknowledged, self.longest, self.stopping = port, 0, 0, 0.0, threading.Event()

    def run(self):
        connection = Resp(self.port, timeout=20)
        while not self.stopping.is_set():
            self.sent += 1
            begun = time.monotonic()
            try:
                connection("SET", f"a:seq:{self.sent - 1}", f"value-{self.sent - 1}")
            except RespError:
                self.sent -= 1
                continue
            self.longest = max(self.longest, time.monotonic() - begun)
            self.acknowledged = self.sent


def measure(cluster, options):
    findings = []
    count = int(options.gigabytes * 1e9 / 4096)
    if count:
        with Pump(cluster.clients["dc1"], count, 4096, fill=True, keys_each=8, depth=16) as pump:
            wait_for(lambda: pump.is_done, 3600, "the keys")
    sequence = Sequence(cluster.clients["dc1"])
    sequence.start()
    wait_for(lambda: sequence.acknowledged > 1000, 60, "writes")
    least, undisturbed, sequence.longest = sequence.acknowledged, sequence.longest, 0.0
    out = os.path.join(cluster.directory, "backup")
    begun = time.monotonic()
    code, output, peak = backup(cluster, out)
    seconds, disturbed, most = time.monotonic() - begun, sequence.longest, sequence.sent
    sequence.stopping.set()
    sequence.join(20)
    if code != 0:
        cluster.keeps = True
        raise SystemExit(f"decree backup ended with {code}: {output}")
    files = [os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names if name.endswith(".sqlite")]
    slot, rows, present = read(files[0])
    if not least <= present <= most:
        findings.append(f"the backup has {present} of the sequence; {least} were acknowledged before it, {most} sent by its end")
    restored = restore(cluster, out, options)
    try:
        findings += compare(restored, files[0], present, rows)
    finally:
        restored.close(keep=bool(findings))
    size = os.path.getsize(files[0])
    report.table(("what", "value"), [
        ("backup MB", report.megabytes(size)), ("seconds", f"{seconds:.2f}"), ("MB/s", f"{size / 1e6 / seconds:.1f}"),
        ("slot", slot), ("keys", rows), ("peak memory of `decree backup` MB", report.megabytes(peak)),
        ("peak memory of the node MB", report.megabytes(cluster.peak_memory("dc3"))),
        ("longest write before / meanwhile ms", f"{undisturbed * 1000:.0f} / {disturbed * 1000:.0f}")])
    report.finish("backup", {"bytes": size, "seconds": round(seconds, 2), "slot": slot, "keys": rows, "peak_backup": peak,
                             "peak_node": {node: cluster.peak_memory(node) for node in NODES}, "output": output[-300:]})
    report.complain(findings)


def backup(cluster, out):
    command = [cluster.executable, "backup", "--endpoint", cluster.endpoint("dc3"), "--out", out]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, peak_memory(process.pid))
        except (OSError, StopIteration):
            pass
        time.sleep(0.02)
    return process.returncode, process.stdout.read(), peak


def read(file):
    """Slot, number of rows, and how many of the sequence there are: without a gap, and right."""
    with sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True) as database:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise SystemExit(f"{file} is not whole")
        slot, keys = database.execute("SELECT applied_up_to, key_count FROM state").fetchone()
        rows = database.execute("SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM key_values WHERE key >= ? AND key < ?", (b"a:seq:", b"a:seq;"))
        found = {int(key[6:]): value for key, value in rows}
    database.close()
    if sorted(found) != list(range(len(found))) or any(value != f"value-{number}" for number, value in found.items()):
        raise SystemExit(f"{file}: the sequence has gaps or wrong values")
    return slot, keys, len(found)


def restore(cluster, out, options):
    restored = Cluster(cluster.executable, ONE_SHARD, options.settings, name="restored")
    for node in NODES:
        arguments = ("restore", "--from", out, "--config", restored.config, "--node", node, "--data", restored.data(node))
        code, output = restored.run(*arguments, seconds=600)
        if code != 0:
            restored.close(keep=True)
            raise SystemExit(f"decree restore of {node} ended with {code}: {output}")
    return restored.__enter__()


def compare(restored, file, present, rows):
    """The restored cluster's answers, and its table against the backup, row for row."""
    findings, connection = [], Resp(restored.clients["dc2"], timeout=20)
    for number in range(0, present, max(1, present // 500)):
        if connection("GET", f"a:seq:{number}") != b"value-%d" % number:
            findings.append(f"a:seq:{number} is wrong after the restoration")
    if connection("GET", f"a:seq:{present}") is not None:
        findings.append("the restored cluster has more than its backup")
    restored.wait_until_equal()
    for node in NODES:
        with sqlite3.connect(f"file:{restored.table_path(node)}?mode=ro", uri=True) as table:
            table.execute("ATTACH ? AS backup", (f"file:{file}?mode=ro&immutable=1",))
            lost = table.execute("SELECT count(*) FROM (SELECT id, key, value, modified_slot FROM backup.key_values WHERE key <> ? "
                                 "EXCEPT SELECT id, key, value, modified_slot FROM main.key_values)", (b"a:ready",)).fetchone()[0]
            more = table.execute("SELECT count(*) FROM main.key_values").fetchone()[0] - rows
        table.close()
        if lost or more:
            findings.append(f"{node}: {lost} rows differ from the backup, {more} more")
    return findings


if __name__ == "__main__":
    main()
