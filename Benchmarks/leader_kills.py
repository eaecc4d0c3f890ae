#!/usr/bin/env python3
"""The outage that a retrying client sees when its shard's leader is killed, ten times in a row.

    leader_kills.py EXECUTABLE [KILLS]

A client of a follower's node writes without pause, one command at a time, and sends again on any error. The outage of a
kill is the longest time between two acknowledged writes around it. The killed node is started again and leadership
has settled before the next kill."""

import statistics
import sys
import threading
import time

from cluster import NODES, Cluster, Resp, RespError, wait_for


def leader_of(cluster, shard, asked):
    for entry in cluster.status(asked)["shards"]:
        if entry["name"] == shard:
            return entry.get("leader")
    return None


class Writer(threading.Thread):
    """Notes when each write was acknowledged."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.acknowledged = [time.monotonic()]
        self.errors = 0
        self.stopping = False

    def run(self):
        connection = None
        count = 0
        while not self.stopping:
            try:
                connection = connection or Resp(self.port, timeout=10)
                connection("SET", f"a:{count % 1000}", f"value-{count}")
                self.acknowledged.append(time.monotonic())
                count += 1
            except RespError:
                self.errors += 1
            except OSError:
                connection = None
                self.errors += 1


def main():
    executable = sys.argv[1]
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    outages = []
    with Cluster(executable) as cluster:
        for _ in range(kills):
            leader = wait_for(lambda: leader_of(cluster, "shard1", "dc3"))
            client = next(node for node in reversed(NODES) if node != leader)
            writer = Writer(cluster.clients[client])
            writer.start()
            wait_for(lambda: len(writer.acknowledged) > 200)
            killed_at = time.monotonic()
            cluster.kill(leader)
            before = len(writer.acknowledged)
            wait_for(lambda: len(writer.acknowledged) > before + 200)
            writer.stopping = True
            writer.join()
            times = [at for at in writer.acknowledged if at > killed_at - 1]
            outage = max(later - earlier for earlier, later in zip(times, times[1:]))
            outages.append(outage)
            print(f"killed {leader}, client at {client}: outage {outage * 1000:.0f} ms, errors {writer.errors}", flush=True)
            cluster.start(leader)
            cluster.wait_until_writable()
            wait_for(lambda: leader_of(cluster, "shard1", client) == "dc1")
    print(f"outage over {kills} kills: median {statistics.median(outages) * 1000:.0f} ms, worst {max(outages) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
