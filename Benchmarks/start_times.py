#!/usr/bin/env python3
"""How long a start takes after `kill -9`, by the number of keys.

    start_times.py EXECUTABLE [--keys 10000,1000000] [--value-bytes N] [--rounds N] [--tail N]

For each number of keys: they are written, then N more writes stand in the logs' tails, then one follower is killed and started (until
it says of itself that it has applied what the group has chosen), then all three (until the first write is acknowledged)."""

import argparse
import statistics
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, wait_for
from traffic import Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--keys", default="10000,1000000", help="10000,1000000,10000000 for the whole")
    arguments.add_argument("--value-bytes", type=int, default=64)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--tail", type=int, default=2000)
    arguments.add_argument("--settings", default="")
    options = arguments.parse_args()
    results = []
    for keys in (int(number) for number in options.keys.split(",")):
        with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
            results.append(measure(cluster, keys, options))
    rows = [(f"{r['keys']:,}", report.megabytes(r["table"]), report.megabytes(r["ledger"]), f"{r['one']:.2f}", f"{r['all']:.2f}")
            for r in results]
    report.table(("keys", "table MB", "ledger MB", "one node s", "all nodes s"), rows)
    growth = {kind: round(results[-1][kind] / results[0][kind], 2) for kind in ("one", "all")}
    report.finish("start_times", {"results": results, "growth": growth})


def measure(cluster, keys, options):
    begun = time.monotonic()
    with Pump(cluster.clients["dc1"], keys, options.value_bytes, fill=True, keys_each=50, depth=8) as pump:
        wait_for(lambda: pump.is_done, 3600, "the keys")
        errors = dict(pump.errors)
    print(f"{keys:,} keys in {time.monotonic() - begun:.0f} s, errors {errors}", flush=True)
    ones, alls = [], []
    for _ in range(options.rounds):
        tail(cluster, keys, options)
        cluster.kill("dc3")
        ones.append(timed(lambda: cluster.start("dc3"), lambda: is_current(cluster, "dc3")))
        tail(cluster, keys, options)
        cluster.kill(*NODES)
        alls.append(timed(lambda: [cluster.start(node) for node in NODES], lambda: cluster.is_writable("dc2")))
        cluster.wait_until_writable()
    sizes = cluster.sizes("dc1")
    return {"keys": keys, "one": statistics.median(ones), "all": statistics.median(alls), "table": sizes["table"], "ledger": sizes["ledger"],
            "all_worst": max(alls), "one_worst": max(ones)}


def tail(cluster, keys, options):
    with Pump(cluster.clients["dc1"], keys, options.value_bytes, commands=options.tail) as pump:
        wait_for(lambda: pump.is_done, 60, "the tail")


def is_current(cluster, node):
    """It knows of a leader, and has applied at least what the leader had chosen when asked."""
    leader = cluster.leader()
    chosen = cluster.shard(leader)["chosenUpTo"] if leader else None
    shard = cluster.shard(node)
    return chosen is not None and shard.get("leader") and shard["appliedUpTo"] >= chosen


def timed(begin, ending):
    start = time.monotonic()
    begin()
    wait_for(ending, 300, "the start")
    return round(time.monotonic() - start, 3)


if __name__ == "__main__":
    main()
