#!/usr/bin/env python3
"""What is done to a file of one node of three, what the node says, what it does, and what is lost.

    damages.py EXECUTABLE [--only TEXT] [--random N] [--seed N] [--settings LINES]

Each case in a cluster that holds acknowledged writes: dc3 is stopped or killed, the damage is done, more is written, dc3 starts. Where
it refuses or is a stranger, it gets an empty directory and `decree replace`, as its line says. Then every acknowledged write is read
through every node, and dc3 is made one of the two that are needed. `--random`: bit flips and truncations at random, anywhere, by seed."""

import argparse
import random
import re
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, wait_for
from damaging import CASES, Case, randomly
from traffic import Clients

NODE = "dc3"
# Lines with which a process ends that broke rather than stopped.
CRASHES = re.compile(r"invariant violated|Fatal error|Crash:|Segmentation fault|Program crashed")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--random", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--settings", default="limits: { log-slots: 1024, snapshots: 2 }")
    arguments.add_argument("--seconds-max", type=float, default=3600)
    options = arguments.parse_args()
    deadline = time.monotonic() + options.seconds_max
    if options.random:
        chance = random.Random(options.seed)
        cases = [randomly(chance.getrandbits(32), chance) for _ in range(options.random)]
    else:
        cases = [case for case in CASES if options.only in case.name]
    rows, findings = [], []
    with Cluster(options.executable, ONE_SHARD, options.settings) as cluster:
        rehearse(cluster)
        for case in cases:
            if time.monotonic() > deadline:
                break
            row, wrong = examine(cluster, case)
            rows.append(row)
            findings += [f"{case.name}: {text}" for text in wrong]
            if options.random or wrong:
                print(f"{len(rows):3} {' · '.join(' '.join(str(cell).split())[:160] for cell in row)}", flush=True)
        cluster.keeps = bool(findings)  # for a look
    report.table(("file and damage", "done while", "what the node said", "what it did", "lost or wrong"), rows)
    did = {}
    for row in rows:
        did[row[3]] = did.get(row[3], 0) + 1
    report.finish("damages", {"cases": len(rows), "seed": options.seed if options.random else None, "did": did, "findings": len(findings)})
    report.complain(findings)


def rehearse(cluster):
    """A log that has been compacted, and files of two ages."""
    write(cluster, 1500)


class Ended(AssertionError):
    """Some damage shows only once its place is read or written."""


def alive(cluster):
    if not cluster.is_running(NODE):
        raise Ended(f"{NODE} has ended with {cluster.processes[NODE].poll()}")
    return True


def write(cluster, count, nodes=NODES):
    """A load of its own, whose every acknowledged write has to be there afterwards."""
    with Clients(cluster, nodes=nodes, count=8) as clients:
        wait_for(lambda: (NODE not in nodes or alive(cluster)) and clients.writes >= count, 60, f"{count} writes, of {clients.writes}")
    return clients


def first_write(cluster, wrong):
    """What the last case did may show now."""
    offset = cluster.log_size(NODE)
    try:
        return write(cluster, 300)
    except Ended:
        brought_back(cluster, wrong, offset)
        return write(cluster, 300)


def examine(cluster, case: Case):
    wrong = []
    case.before(cluster, NODE)
    clients = [first_write(cluster, wrong)]
    if case.ending == "stopped":
        cluster.stop(NODE)
    elif case.ending == "killed":
        cluster.kill(NODE)
    what = case.damage(cluster, NODE)
    clients.append(write(cluster, 100, nodes=[node for node in NODES if node != NODE]))
    offset = cluster.log_size(NODE)
    if case.ending != "running":
        cluster.start(NODE)
    elif not noticed(cluster):
        wrong.append("went on writing to a file without a name")
    action = brought_back(cluster, wrong, offset)
    for is_last in (False, True):
        try:
            check(cluster, clients)
            break
        except (AssertionError, TimeoutError, OSError) as failure:
            if cluster.is_running(NODE) or is_last:
                wrong.append(str(failure))
                break
            action += ", later " + brought_back(cluster, wrong, offset)
    text = cluster.log_text(NODE, offset)
    wrong += [line for line in text.splitlines() if CRASHES.search(line)]
    return (f"{case.name}{what or ''}", case.ending, complaint(text) or "nothing", action, "; ".join(wrong[:2]) or "nothing"), wrong


def brought_back(cluster, wrong, offset):
    """What a supervisor does, and then what the node's line asks for."""
    action, code = outcome(cluster)
    if action != "serves" and not complaint(cluster.log_text(NODE, offset)):
        wrong.append(f"ended with {code} without a line")
    if action == "ended by itself" and "must not vote" not in complaint(cluster.log_text(NODE, offset)):
        # It may have repaired itself for the next start.
        cluster.start(NODE)
        again, _ = outcome(cluster)
        action = f"ended ({code}), serves when started again" if again == "serves" else again
    if action.endswith("serves") or action.endswith("again"):
        return action
    if cluster.is_running(NODE):
        cluster.stop(NODE)
        action = "a stranger"
    else:
        action = f"refused ({code})"
    cluster.wipe(NODE)
    cluster.start(NODE)
    return action + replaced(cluster, wrong)


def check(cluster, clients):
    """Nothing is lost, the tables are equal, and the node is of use."""

    def are_equal():
        return alive(cluster) and len({cluster.table_state(node) for node in NODES}) == 1

    wait_for(are_equal, 60, "tables at one slot with one hash")
    for some in clients:
        if lost := some.verify():
            raise AssertionError("; ".join(lost))
    vote(cluster)


def noticed(cluster):
    """It looks at its files' names every few seconds."""
    try:
        return wait_for(lambda: not cluster.is_running(NODE), 20, "the node's end")
    except TimeoutError:
        return False


def outcome(cluster, seconds=20):
    """What becomes of the node: it serves, or it has ended with a code."""
    leader = cluster.leader() or "dc1"

    def settled():
        if not cluster.is_running(NODE):
            return True
        shard = cluster.shard(NODE)
        return shard["role"] in ("leader", "follower") and shard["appliedUpTo"] >= cluster.shard(leader)["chosenUpTo"]

    try:
        wait_for(settled, seconds, "it")
    except TimeoutError:
        shard = cluster.shard(NODE)
        return f"runs as a {shard['role']} at slot {shard['appliedUpTo']}", None
    code = cluster.processes[NODE].poll()
    return ("serves", None) if code is None else ("ended by itself", code)


def complaint(text):
    """The line that tells most: the last that the program ended with, or else a warning of the shard."""
    ended = [line for line in text.splitlines() if line.startswith("decree: ") or " critical " in line]
    warned = [line for line in text.splitlines() if re.search(r"shard1: .*(damage|checksum|missing|snapshot|made again|lost|deleted|older|stranger)", line)]
    line = (ended or warned or [""])[-1]
    return re.sub(r"/tmp/\S*?/dc3", "DIR", line)[:220]


def replaced(cluster, wrong):
    """Does what the line asks for where a replica's promises are lost, once an empty directory is there."""
    wait_for(lambda: cluster.shard(NODE)["role"] == "stranger", 30, "a stranger")
    code, output = cluster.run("replace", "--endpoint", cluster.endpoint("dc1"), "--node", NODE, seconds=90)
    if code != 0:
        wrong.append(f"decree replace: {output[-300:]}")
        return ", not replaced"
    return ", replaced"


def vote(cluster):
    """With another node down, nothing is chosen without the one that was damaged."""
    cluster.kill("dc2")
    try:
        write(cluster, 20, nodes=("dc1", NODE))
    finally:
        cluster.start("dc2")
        wait_for(lambda: alive(cluster) and all(cluster.is_writable(node) for node in NODES), 60, "writes through every node")


if __name__ == "__main__":
    main()
