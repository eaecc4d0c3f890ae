#!/usr/bin/env python3
"""A node that lost its disk comes back as itself, under load: first refused, then given its place again.

    replace.py EXECUTABLE [--commands N] [--settings LINES] [--node dc3]

The load goes on throughout. Reported: what the wiped node said, seconds from `decree replace` until it votes, the throughput
meanwhile against that before, errors that clients saw, and whether anything was lost."""

import argparse
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, wait_for
from traffic import Clients, Pump


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--commands", type=int, default=200_000, help="written before the disk is lost")
    arguments.add_argument("--node", default="dc3")
    arguments.add_argument("--settings", default="limits: { log-slots: 20000 }")
    options = arguments.parse_args()
    with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
        measure(cluster, options)


def measure(cluster, options):
    node = options.node
    others = [other for other in NODES if other != node]
    port, findings = cluster.clients[others[0]], []
    with Pump(port, commands=options.commands) as pump:
        wait_for(lambda: pump.is_done, 600, "the writes")
    with Clients(cluster, nodes=others, pause=0.01) as clients, Pump(port, processes=1) as pump:
        before = pump.rate(5)
        cluster.kill(node)
        cluster.wipe(node)
        offset = cluster.log_size(node)
        cluster.start(node)
        wait_for(lambda: cluster.shard(node)["role"] == "stranger", 30, "a stranger")
        without = pump.rate(3)
        said = [line for line in cluster.log_text(node, offset).splitlines() if "stranger" in line]
        if not said:
            findings.append("the wiped node says nothing of being a stranger")
        took, ratio, output = replace(cluster, node, others[0], pump, without)
        findings += [] if took else [f"decree replace: {output}"]
        after = pump.rate(5)
        errors = dict(clients.errors)
    findings += clients.verify()
    slot, *_ = cluster.wait_until_equal()
    with Clients(cluster, count=2) as last:
        # The replaced node's vote is needed now.
        time.sleep(1)
        cluster.kill(others[1])
        writes = last.writes
        try:
            wait_for(lambda: last.writes > writes + 50, 20, "writes with the new replica's vote")
        except TimeoutError as failure:
            findings.append(str(failure))
        cluster.start(others[1])
    cluster.wait_until_writable()
    findings += last.verify()
    report.table(("phase", "writes/s"), [("all three", round(before)), ("one wiped", round(without)),
                                         ("while replaced", round(without * ratio)), ("afterwards", round(after))])
    report.finish("replace", {"said": said[:1], "seconds_to_voter": took, "ratio_meanwhile": round(ratio, 2), "errors": errors,
                              "output": output[-400:], "table_mb": round(cluster.sizes(node)["table"] / 1e6, 1), "slot": slot})
    report.complain(findings)


def replace(cluster, node, asked, pump, undisturbed):
    """Seconds until the node votes (None if it does not), the ratio of throughput meanwhile, and what the command wrote."""
    count, start = pump.acknowledged, time.monotonic()
    code, output = cluster.run("replace", "--endpoint", cluster.endpoint(asked), "--node", node, seconds=130)
    seconds = time.monotonic() - start
    ratio = (pump.acknowledged - count) / seconds / max(1.0, undisturbed)
    return (round(seconds, 2) if code == 0 else None), ratio, output


if __name__ == "__main__":
    main()
