#!/usr/bin/env python3
"""What a shard's files grow to under overwrites without end, and what a write costs the disks.

    overwrites.py EXECUTABLE [--commands N] [--keys N] [--value-bytes N] [--settings LINES] [--plot FILE.svg]

One shard, three nodes. Every second the sizes of each node's ledger, table, write-ahead logs and snapshots are noted; a closed-loop
client writes every 5 ms, and its longest wait bounds the longest pause of the leader's turn. The sizes must stop to grow: the
largest total of the last third is at most 1.25 times that of the second third."""

import argparse
import time

import report
from cluster import NODES, ONE_SHARD, Cluster
from traffic import Probe, Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--commands", type=int, default=5_000_000)
    arguments.add_argument("--keys", type=int, default=100_000)
    arguments.add_argument("--value-bytes", type=int, default=256)
    arguments.add_argument("--settings", default="")
    arguments.add_argument("--plot", default="overwrites.svg")
    arguments.add_argument("--seconds-max", type=float, default=1800)
    options = arguments.parse_args()
    with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
        measure(cluster, options)


def measure(cluster, options):
    port = cluster.clients["dc1"]
    samples = []
    written = sum(cluster.bytes_written(node) for node in NODES)
    begun = time.monotonic()
    with Probe(port) as probe, Pump(port, options.keys, options.value_bytes, commands=options.commands) as pump:
        while not pump.is_done and time.monotonic() - begun < options.seconds_max:
            samples.append((time.monotonic() - begun, {node: cluster.sizes(node) for node in NODES}))
            time.sleep(1)
        seconds = time.monotonic() - begun
        commands = pump.acknowledged
        errors = dict(pump.errors)
    written = sum(cluster.bytes_written(node) for node in NODES) - written
    slot, _, keys = cluster.wait_until_equal()
    kinds = list(samples[0][1]["dc1"])
    rows = []
    for node in NODES:
        for kind in kinds:
            values = [sizes[node][kind] for _, sizes in samples]
            rows.append((node, kind, report.megabytes(max(values)), report.megabytes(values[-1])))
    report.table(("node", "file", "largest MB", "at the end MB"), rows)
    series = {kind: [(at, sizes["dc1"][kind] / 1e6) for at, sizes in samples] for kind in kinds}
    report.plot(options.plot, f"{commands:,} overwrites of {options.keys:,} keys: files of dc1", "MB", series)
    totals = [sum(sum(sizes[node].values()) for node in NODES) for _, sizes in samples]
    third = max(1, len(totals) // 3)
    growth = max(totals[-third:]) / max(1, max(totals[third:2 * third] or totals[:third]))
    waits = [took for _, took in probe.samples]
    report.finish("overwrites", {
        "commands": commands, "seconds": round(seconds, 1), "per_second": round(commands / seconds), "errors": errors,
        "disk_bytes_per_command_all_nodes": round(written / max(1, commands)),
        "total_mb_largest": round(max(totals) / 1e6, 1), "growth_last_third": round(growth, 2),
        "probe_ms": {name: round(report.percentile(waits, share) * 1000, 1) for name, share in
                     (("p50", 0.5), ("p99", 0.99), ("longest", 1.0))},
        "peak_memory_mb": {node: round(cluster.peak_memory(node) / 1e6) for node in NODES}, "slot": slot, "keys": keys, "plot": options.plot})
    report.complain([f"the files still grow: {growth:.2f} times in the last third"] if growth > 1.25 and len(totals) > 30 else [])


if __name__ == "__main__":
    main()
