"""Three `decree serve` processes on loopback, for measurements: started, killed and started again by pid."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

NODES = ("dc1", "dc2", "dc3")


class Resp:
    """A blocking RESP connection: one command at a time, errors as RespError."""

    def __init__(self, port, timeout=2.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def __call__(self, *words):
        frame = b"*%d\r\n" % len(words)
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            frame += b"$%d\r\n%s\r\n" % (len(data), data)
        self.socket.sendall(frame)
        return self.read()

    def read(self):
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the node closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RespError(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.reader.read(size + 2)[:-2]
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        raise ConnectionError(f"unknown reply {line!r}")

    def close(self):
        self.socket.close()


class RespError(Exception):
    pass


class Cluster:
    def __init__(self, executable, base_port=17401, settings=""):
        self.executable = executable
        self.directory = tempfile.mkdtemp(prefix="decree-bench-")
        self.clients = {node: base_port + index for index, node in enumerate(NODES)}
        self.processes = {}
        self.config = os.path.join(self.directory, "cluster.yaml")
        lines = ["cluster: bench", "nodes:"]
        for index, node in enumerate(NODES):
            lines.append(
                f"  {node}: {{ datacenter: Datacenter{index + 1}, peer: 127.0.0.1:{base_port + 100 + index}, "
                f"client: 127.0.0.1:{base_port + index}, http: 127.0.0.1:{base_port + 200 + index} }}"
            )
        lines += ["shards:", '  shard1: { keys: "a*", leader: dc1 }', '  shard2: { keys: "b*", leader: dc2 }', settings]
        with open(self.config, "w") as file:
            file.write("\n".join(lines) + "\n")

    def __enter__(self):
        for node in NODES:
            self.start(node)
        self.wait_until_writable()
        return self

    def __exit__(self, failure, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if failure is None:
            shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, node):
        log = open(os.path.join(self.directory, node + ".log"), "ab")
        command = [self.executable, "serve", "--config", self.config, "--node", node, "--data", os.path.join(self.directory, node)]
        self.processes[node] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, node):
        self.processes[node].send_signal(signal.SIGKILL)
        self.processes[node].wait()

    def wait_until_writable(self, seconds=30):
        deadline = time.monotonic() + seconds
        for node in NODES:
            while True:
                try:
                    connection = Resp(self.clients[node])
                    connection("SET", "a:ready", node)
                    connection("SET", "b:ready", node)
                    connection.close()
                    break
                except (OSError, RespError):
                    if time.monotonic() > deadline:
                        raise SystemExit(f"no write went through {node} within {seconds} s; logs are in {self.directory}")
                    time.sleep(0.02)

    def status(self, node):
        connection = Resp(self.clients[node])
        try:
            return json.loads(connection("DECREE", "STATUS"))
        finally:
            connection.close()
