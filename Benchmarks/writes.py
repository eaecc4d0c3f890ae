#!/usr/bin/env python3
"""Writes per second against one Redis server that syncs each write (no replication), side by side.

    writes.py EXECUTABLE [ROUNDS]

Three Decree nodes and one redis-server (`appendfsync always`) run on this machine; redis-benchmark drives first one, then
the other, at each number of clients, in each round. Prints the medians and their ratio. Needs redis-server and
redis-benchmark (Debian: redis-server, redis-tools)."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from cluster import Cluster, Resp

REDIS_PORT = 17399
CLIENTS = (1, 16, 64, 256)
REQUESTS = {1: 3000, 16: 20000, 64: 40000, 256: 60000}


def writes_per_second(port, clients):
    command = ["redis-benchmark", "-p", str(port), "-c", str(clients), "-n", str(REQUESTS[clients]), "-r", "100000", "--csv"]
    command += ["SET", "a:__rand_int__", "v" * 256]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.strip().splitlines()[-1].split('","')[1])


def main():
    for tool in ("redis-server", "redis-benchmark"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is not installed (Debian: apt-get install redis-server redis-tools)")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    directory = tempfile.mkdtemp(prefix="decree-bench-redis-")
    redis = subprocess.Popen(
        ["redis-server", "--port", str(REDIS_PORT), "--bind", "127.0.0.1", "--dir", directory, "--save", ""]
        + ["--appendonly", "yes", "--appendfsync", "always"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for_redis()
        with Cluster(sys.argv[1]) as cluster:
            print("clients  decree/s   redis/s  ratio")
            figures = {}
            for _ in range(rounds):
                for clients in CLIENTS:
                    decree = writes_per_second(cluster.clients["dc1"], clients)
                    figures.setdefault(clients, []).append((decree, writes_per_second(REDIS_PORT, clients)))
            for clients, pairs in figures.items():
                decree, peer = (statistics.median(column) for column in zip(*pairs))
                ratio = statistics.median(left / right for left, right in pairs)
                print(f"{clients:7}  {decree:8.0f}  {peer:8.0f}  {ratio:5.2f}")
    finally:
        redis.terminate()
        redis.wait()
        shutil.rmtree(directory, ignore_errors=True)


def wait_for_redis():
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return Resp(REDIS_PORT)("PING")
        except OSError:
            time.sleep(0.05)
    raise SystemExit("redis-server did not start")


if __name__ == "__main__":
    main()
