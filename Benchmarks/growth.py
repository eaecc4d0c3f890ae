#!/usr/bin/env python3
"""How throughput and latency of writes change with clients, value size, shards and keys.

    growth.py EXECUTABLE [--seconds N] [--only clients,values,shards,keys] [--keys 10000,100000,1000000] [--plots PREFIX]

Closed loops of `decree bench` at one node, a new cluster for each point: 64 clients, 16-byte keys over 100,000, values of 256 bytes and
one shard, but for what is varied. All keys are there before; what the three nodes wrote to disk is counted for each write."""

import argparse
import json
import subprocess

import report
from cluster import NODES, ONE_SHARD, Cluster

CLIENTS = (1, 4, 16, 64, 256, 1024)
VALUES = (16, 64, 256, 1024, 4096, 16384, 65536, 262144)
SHARDS = (1, 2, 4, 8)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--seconds", type=float, default=8)
    arguments.add_argument("--only", default="clients,values,shards,keys")
    arguments.add_argument("--keys", default="10000,100000,1000000", help="10000,100000,1000000,10000000 for the whole")
    arguments.add_argument("--plots", default="growth", help="what the plots' names begin with")
    options = arguments.parse_args()
    axes = {
        "clients": [(f"{count:,}", {"clients": count}) for count in CLIENTS],
        "values": [(size_text(size), {"value_size": size, "keys": min(100_000, 64_000_000 // size)}) for size in VALUES],
        "shards": [(str(count), {"shards": count}) for count in SHARDS],
        "keys": [(f"{int(count):,}", {"keys": int(count)}) for count in options.keys.split(",")],
    }
    results = {}
    for name in options.only.split(","):
        results[name] = [{"at": label, **measure(options, **settings)} for label, settings in axes[name]]
        rows = [(p["at"], f"{p['per_second']:,.0f}", f"{p['p50']:.2f}", f"{p['p99']:.1f}", f"{p['longest']:.0f}",
                 f"{p['bytes']:,.0f}", p["errors"]) for p in results[name]]
        report.table((name, "writes/s", "p50 ms", "p99 ms", "longest ms", "bytes a write", "errors"), rows)
        labels = [point["at"] for point in results[name]]
        for figure, unit in (("per_second", "writes a second"), ("p99", "p99, ms")):
            line = [(place, point[figure]) for place, point in enumerate(results[name])]
            report.plot(f"{options.plots}-{name}-{figure.replace('_', '-')}.svg", f"{unit}, by {name}", unit, {unit: line}, labels=labels)
    report.finish("growth", results)


def size_text(size):
    return f"{size} B" if size < 1024 else f"{size // 1024} KB"


def shard_lines(count):
    """The first letters of keys, shared out; all shards are led by the node that is measured."""
    if count == 1:
        return ONE_SHARD, "a"
    letters = "abcdefgh"[:count]
    return "\n".join(f'  shard{place + 1}: {{ keys: "{letter}*", leader: dc1 }}' for place, letter in enumerate(letters)), letters


def measure(options, clients=64, value_size=256, shards=1, keys=100_000):
    lines, prefixes = shard_lines(shards)
    with Cluster(options.executable, lines) as cluster:
        load = [options.executable, "bench", "--endpoint", f"127.0.0.1:{cluster.clients['dc1']}", "--keys", keys, "--value-size", value_size,
                "--prefixes", prefixes, "--timeout", 60]
        run(load + ["--clients", 16, "--pipeline", max(1, min(16, 65536 // value_size)), "--fill", "--warm-up", 0, "--seconds", 1])
        written = sum(cluster.bytes_written(node) for node in NODES)
        result = run(load + ["--clients", clients, "--warm-up", 0, "--seconds", options.seconds], cluster)
        written = sum(cluster.bytes_written(node) for node in NODES) - written
        operation = result["result"]["operations"][0]
        latency = operation["latency"]
        return {
            "per_second": result["perSecond"], "p50": latency["p50"] / 1000, "p99": latency["p99"] / 1000,
            "longest": latency["max"] / 1000, "bytes": written / max(1, operation["count"]),
            "errors": sum(result["result"]["errors"].values()),
        }


def run(command, cluster=None):
    """Its JSON, where a cluster has a folder for it."""
    words = [str(word) for word in command]
    path = f"{cluster.directory}/load.json" if cluster else None
    subprocess.run(words + (["--json", path] if path else []), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if path:
        with open(path) as file:
            return json.load(file)
    return None


if __name__ == "__main__":
    main()
