#!/usr/bin/env python3
"""A small file system that fills under load: that of a follower, of the leader, then of a majority. Needs root, for tmpfs mounts.

    disk_full.py EXECUTABLE [--megabytes N] [--seconds N] [--value-bytes N] [--settings LINES]

Reported for each: the errors that clients saw, that reads and deletes went on, the time from room made until writes are
acknowledged again, and what was lost (nothing)."""

import argparse
import errno
import os
import subprocess
import time

import report
from cluster import NODES, ONE_SHARD, Cluster, Resp, RespError, wait_for
from traffic import Clients


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("executable")
    arguments.add_argument("--megabytes", type=int, default=64)
    arguments.add_argument("--seconds", type=float, default=6, help="of load while the disk is full")
    arguments.add_argument("--value-bytes", type=int, default=2000)
    arguments.add_argument("--settings", default="limits: { log-slots: 2000, log-bytes: 16MiB, snapshots: 1, disk-reserve: 8MiB }")
    options = arguments.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root: it mounts small file systems")
    rows, findings = [], []
    for case in ("a follower", "the leader", "a majority"):
        cluster = Cluster(options.executable, ONE_SHARD, options.settings)
        mounts = [cluster.data(node) for node in NODES]
        try:
            for mount in mounts:
                os.makedirs(mount)
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={options.megabytes}m", "tmpfs", mount], check=True)
            with cluster:
                row, wrong = measure(cluster, case, options)
                rows.append(row)
                findings += [f"{case}: {text}" for text in wrong]
        finally:
            for mount in mounts:
                subprocess.run(["umount", mount], check=False)
            if not cluster.keeps:
                cluster.remove()
    report.table(("full disk of", "leader before, full, after", "errors", "writes while full", "GET", "DEL", "s to recover", "said", "wrong"), rows)
    report.finish("disk_full", {"megabytes": options.megabytes, "cases": len(rows), "findings": len(findings)})
    report.complain(findings)


def fill(mount, leave=0):
    """Takes all room but `leave` bytes of it, with a file of its own."""
    ballast = os.path.join(mount, "ballast")
    with open(ballast, "ab") as file:
        while True:
            room = os.statvfs(mount)
            count = room.f_bavail * room.f_frsize - leave
            try:
                if count > 0:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, count)
                break
            except OSError as error:
                # The node has taken some of it meanwhile.
                if error.errno != errno.ENOSPC:
                    raise
    return ballast


def free(mount):
    room = os.statvfs(mount)
    return room.f_bavail * room.f_frsize


def measure(cluster, case, options):
    wrong = []
    with Clients(cluster, value_bytes=options.value_bytes, pause=0.002) as clients:
        wait_for(lambda: clients.writes > 500, 30, "writes")
        leader = wait_for(cluster.leader, 30, "a leader")
        followers = [node for node in NODES if node != leader]
        nodes = {"a follower": followers[:1], "the leader": [leader], "a majority": [leader, followers[0]]}[case]
        offsets = {node: cluster.log_size(node) for node in nodes}
        ballast = [fill(cluster.data(node)) for node in nodes]
        before, errors_before = clients.writes, clients.errors
        until = time.monotonic() + options.seconds
        while time.monotonic() < until:
            # What compaction gives back is taken again.
            for node in nodes:
                fill(cluster.data(node), leave=1 << 20)
            time.sleep(0.25)
        during, leader_full = clients.writes - before, cluster.leader()
        errors = clients.errors - errors_before
        reads, deletes = ask_all(cluster, "GET", "a:ready"), ask_all(cluster, "DEL", "a:nothing")
        for node in nodes:
            if not cluster.is_running(node):
                wrong.append(f"{node} ended with {cluster.processes[node].poll()}: {cluster.log_text(node).splitlines()[-1:]}")
        # The longest error text of each kind is what a client is told.
        told = sorted({client.last_error for client in clients.clients if client.last_error})
        for file in ballast:
            os.unlink(file)
        start = time.monotonic()
        for node in nodes:
            if not cluster.is_running(node):
                cluster.start(node)
        try:
            wait_for(lambda: all(cluster.is_writable(node) for node in NODES), 60, "writes through every node")
            recovery = time.monotonic() - start
            wait_for(lambda count=clients.writes: clients.writes > count + 200, 30, "writes after room was made")
        except TimeoutError as failure:
            recovery = time.monotonic() - start
            wrong.append(f"{failure}: {[(node, free(cluster.data(node)), cluster.sizes(node)) for node in NODES]}")
    wrong += clients.verify()
    try:
        cluster.wait_until_equal(60)
    except AssertionError as failure:
        wrong.append(f"{failure}: {[(node, free(cluster.data(node)), cluster.sizes(node)) for node in NODES]}")
    said = [line for node in nodes for line in cluster.log_text(node, offsets[node]).splitlines() if "room" in line.lower() or "full" in line.lower()]
    print(f"{case}: clients were told {told}", flush=True)
    leaders = f"{leader}, {leader_full}, {cluster.leader()}"
    row = (case, leaders, dict(errors), during, reads, deletes, f"{recovery:.2f}", (said or ["nothing"])[0][:160], "; ".join(wrong)[:200] or "nothing")
    return row, wrong


def ask_all(cluster, *words):
    """How many of the nodes answered, and the first error."""
    good, first = 0, ""
    for node in NODES:
        try:
            Resp(cluster.clients[node], timeout=8)(*words)
            good += 1
        except (OSError, RespError) as error:
            first = first or f" ({str(error)[:60]})"
    return f"{good}/3{first}"


if __name__ == "__main__":
    main()
