#!/usr/bin/env python3
"""A follower that was down for long, and one that lost everything, catch up while the others work.

    catch_up.py EXECUTABLE [--commands N] [--kills N] [--phases N] [--settings LINES]

1. dc3 is down while N commands are written; then it starts. 2. dc3 is wiped, starts, and is replaced. For both: seconds until it has all
that was chosen, MB/s, and the leader's throughput meanwhile against that without a laggard, in alternating phases.
3. With `--kills`: dc3 is wiped again and again, and either end of its transfer is killed at random times; at the end the tables are
equal and every acknowledged write can be read."""

import argparse
import random
import statistics
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, wait_for
from replace import replace
from traffic import Clients, Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--commands", type=int, default=1_000_000)
    arguments.add_argument("--keys", type=int, default=100_000)
    arguments.add_argument("--phases", type=int, default=1)
    arguments.add_argument("--kills", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--settings", default="")
    options = arguments.parse_args()
    with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
        rows = [down(cluster, options) for _ in range(options.phases)]
        rows += [wiped(cluster, options) for _ in range(options.phases)]
        report.table(("case", "commands", "seconds", "MB", "MB/s", "ratio"), [tuple(row.values()) for row in rows])
        figures = {"rows": rows, "ratio_median": statistics.median(row["ratio"] for row in rows)}
        findings = kills(cluster, options) if options.kills else []
        report.finish("catch_up", {**figures, "kills": options.kills})
        report.complain(findings)


def received(cluster, node):
    transport = cluster.status(node)["transport"]
    return transport["streamBytesReceived"] + transport["datagramBytesReceived"]


def is_current(cluster, node, lag=2000):
    leader = cluster.leader()
    return leader and cluster.shard(node)["appliedUpTo"] + lag >= cluster.shard(leader)["chosenUpTo"]


def down(cluster, options):
    cluster.kill("dc3")
    with Pump(cluster.clients["dc1"], options.keys, commands=options.commands) as pump:
        wait_for(lambda: pump.is_done, 1200, "the writes")
    with Pump(cluster.clients["dc1"], options.keys, processes=1) as pump:
        undisturbed = pump.rate(5)
        count, start = pump.acknowledged, time.monotonic()
        cluster.start("dc3")
        wait_for(lambda: is_current(cluster, "dc3"), 600, "the follower's catching up")
        seconds = time.monotonic() - start
        ratio = (pump.acknowledged - count) / seconds / undisturbed
    return row("down", options, seconds, received(cluster, "dc3"), ratio)


def wiped(cluster, options):
    cluster.kill("dc3")
    cluster.wipe("dc3")
    with Pump(cluster.clients["dc1"], options.keys, processes=1) as pump:
        undisturbed = pump.rate(5)
        cluster.start("dc3")
        wait_for(lambda: cluster.shard("dc3")["role"] == "stranger", 30, "a stranger")
        seconds, ratio, output = replace(cluster, "dc3", "dc1", pump, undisturbed)
        if seconds is None:
            raise AssertionError(f"decree replace: {output}")
        wait_for(lambda: is_current(cluster, "dc3"), 600, "the new replica's catching up")
    return row("wiped", options, seconds, received(cluster, "dc3"), ratio)


def row(case, options, seconds, count, ratio):
    return {"case": case, "commands": options.commands, "seconds": round(seconds, 2), "mb": round(count / 1e6, 1),
            "mb_per_second": round(count / 1e6 / seconds, 1), "ratio": round(ratio, 2)}


def kills(cluster, options):
    chance, done = random.Random(options.seed), 0
    print(f"kills: seed {options.seed}", flush=True)
    with Clients(cluster, nodes=("dc1", "dc2", "dc3"), pause=0.005) as clients:
        while done < options.kills:
            cluster.kill("dc3")
            cluster.wipe("dc3")
            cluster.start("dc3")
            wait_for(lambda: cluster.shard("dc3")["role"] == "stranger", 30, "a stranger")
            with Pump(cluster.clients["dc1"], options.keys, processes=1):
                # The first `replace` of each life begins the transfer; then either end dies at any moment of it.
                cluster.run("replace", "--endpoint", cluster.endpoint("dc1"), "--node", "dc3", "--wait", "1", seconds=30)
                for _ in range(min(chance.randint(2, 6), options.kills - done)):
                    victim = chance.choice(("dc3", "dc3", "dc2", "dc1"))
                    time.sleep(chance.random() * 0.7)
                    cluster.kill(victim)
                    cluster.start(victim)
                    done += 1
            code, output = replaced(cluster)
            print(f"{done} kills: replace ended with {code}, {clients.writes} writes, errors {dict(clients.errors)}", flush=True)
            if code != 0:
                return [f"replace after {done} kills (seed {options.seed}): {output}"]
            cluster.wait_until_writable(60)
    findings = [] if all(map(cluster.is_running, NODES)) else ["a node ended by itself"]
    cluster.wait_until_equal(120)
    return findings + clients.verify()


def replaced(cluster):
    """Asks until dc3 votes; a node that was just killed makes the command fail for a moment."""
    for _ in range(6):
        code, output = cluster.run("replace", "--endpoint", cluster.endpoint("dc1"), "--node", "dc3", seconds=130)
        if code == 0 or "already" in output:
            return 0, output
        time.sleep(2)
    return code, output


if __name__ == "__main__":
    main()
