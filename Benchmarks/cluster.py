"""Three `decree serve` processes on loopback, for measurements: started, stopped, killed and wiped by pid."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

NODES = ("dc1", "dc2", "dc3")
TWO_SHARDS = '  shard1: { keys: "a*", leader: dc1 }\n  shard2: { keys: "b*", leader: dc2 }'
ONE_SHARD = '  shard1: { keys: "*", leader: dc1 }'


class RespError(Exception):
    pass


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
        self.reader.close()
        self.socket.close()


def wait_for(condition, seconds=30, what="a condition"):
    """The condition's first true value; a node that does not answer counts as false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            result = condition()
            if result:
                return result
        except (OSError, RespError, sqlite3.Error):
            pass
        time.sleep(0.02)
    raise TimeoutError(f"waited {seconds} s in vain for {what}")


def free_ports(count):
    """Ports below the ephemeral range that are free for TCP and UDP."""
    ports, port = [], 12_000 + (os.getpid() * 97) % 18_000
    while len(ports) < count:
        port += 1
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
            ports.append(port)
        except OSError:
            pass
    return ports


class Cluster:
    """Removed at the end, unless something failed: then its path is in the message.

    `shards` and `settings` are lines of the cluster file."""

    def __init__(self, executable, shards=TWO_SHARDS, settings="", name="bench"):
        self.executable = os.path.abspath(executable)
        self.directory = tempfile.mkdtemp(prefix="decree-bench-")
        ports = free_ports(9)
        self.clients = dict(zip(NODES, ports))
        self.processes = {}
        self.keeps = False
        self.config = os.path.join(self.directory, "cluster.yaml")
        self.ready_keys = ("a:ready", "b:ready") if "b*" in shards else ("a:ready",)
        lines = [f"cluster: {name}", "nodes:"]
        for index, node in enumerate(NODES):
            lines.append(
                f"  {node}: {{ datacenter: Datacenter{index + 1}, peer: 127.0.0.1:{ports[3 + index]}, "
                f"client: 127.0.0.1:{ports[index]}, http: 127.0.0.1:{ports[6 + index]} }}"
            )
        lines += ["shards:", shards, settings]
        with open(self.config, "w") as file:
            file.write("\n".join(lines) + "\n")

    def __enter__(self):
        try:
            for node in NODES:
                self.start(node)
            self.wait_until_writable()
        except BaseException:
            self.close(keep=True)
            raise
        return self

    def __exit__(self, failure, *_):
        self.close(keep=self.keeps or failure is not None)

    def close(self, keep):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if keep:
            print(f"kept for a look: {self.directory}", flush=True)
        else:
            self.remove()

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    # Processes

    def data(self, node):
        return os.path.join(self.directory, node)

    def endpoint(self, node):
        return f"127.0.0.1:{self.clients[node]}"

    def start(self, node):
        with open(self.log(node), "ab") as log:
            command = [self.executable, "serve", "--config", self.config, "--node", node, "--data", self.data(node)]
            self.processes[node] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, *nodes):
        for node in nodes:
            self.processes[node].send_signal(signal.SIGKILL)
        for node in nodes:
            self.processes[node].wait()

    def stop(self, node, seconds=30):
        self.processes[node].terminate()
        return self.processes[node].wait(seconds)

    def wipe(self, node):
        for entry in os.scandir(self.data(node)):
            if entry.is_dir():
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)

    def is_running(self, node):
        return self.processes[node].poll() is None

    def run(self, *arguments, seconds=120):
        """Runs a subcommand: its exit code and what it wrote, together."""
        command = [self.executable, *arguments]
        try:
            result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
        except subprocess.TimeoutExpired as late:
            return None, (late.stdout or b"").decode(errors="replace")
        return result.returncode, result.stdout.decode(errors="replace")

    # What nodes say

    def log(self, node):
        return os.path.join(self.directory, node + ".log")

    def log_text(self, node, offset=0):
        with open(self.log(node), errors="replace") as file:
            file.seek(offset)
            return file.read()

    def log_size(self, node):
        return os.path.getsize(self.log(node))

    def status(self, node):
        connection = Resp(self.clients[node])
        try:
            return json.loads(connection("DECREE", "STATUS"))
        finally:
            connection.close()

    def shard(self, node, name="shard1"):
        return next(shard for shard in self.status(node)["shards"] if shard["name"] == name)

    def leader(self, name="shard1"):
        """The node that says so of itself."""
        for node in NODES:
            try:
                if self.is_running(node) and self.shard(node, name)["role"] == "leader":
                    return node
            except (OSError, RespError):
                pass
        return None

    def is_writable(self, node):
        connection = Resp(self.clients[node])
        try:
            return all(connection("SET", key, node) == "OK" for key in self.ready_keys)
        finally:
            connection.close()

    def wait_until_writable(self, seconds=30, nodes=NODES):
        for node in nodes:
            try:
                wait_for(lambda node=node: self.is_writable(node), seconds)
            except TimeoutError:
                raise SystemExit(f"no write went through {node} within {seconds} s; logs are in {self.directory}") from None

    # What the operating system says

    def bytes_written(self, node):
        """To block devices, since the process began."""
        with open(f"/proc/{self.processes[node].pid}/io") as file:
            return int(next(line for line in file if line.startswith("write_bytes")).split()[1])

    def peak_memory(self, node):
        return peak_memory(self.processes[node].pid)

    def sizes(self, node, shard="shard1"):
        """Bytes of a replica's files, by what they are."""
        sizes = dict.fromkeys(("ledger", "ledger-wal", "table", "table-wal", "snapshots"), 0)
        for folder, _, names in os.walk(os.path.join(self.data(node), shard)):
            for name in names:
                kind = "snapshots" if folder.endswith("snapshots") else name.split(".")[0].split("-")[0]
                kind += "-wal" if name.endswith("-wal") else ""
                try:
                    if kind in sizes and not name.endswith("-shm"):
                        sizes[kind] += os.path.getsize(os.path.join(folder, name))
                except OSError:
                    pass
        return sizes

    def table_path(self, node, shard="shard1"):
        folder = os.path.join(self.data(node), shard)
        tables = [name for name in os.listdir(folder) if name.startswith("table-") and name.endswith(".sqlite")]
        if not tables:
            raise FileNotFoundError(f"no table in {folder}")
        return os.path.join(folder, max(tables))

    def table_state(self, node, shard="shard1"):
        """The slot and the hash of a table's committed rows, through SQLite; a running node may be asked."""
        with sqlite3.connect(f"file:{self.table_path(node, shard)}?mode=ro", uri=True, timeout=5) as database:
            row = database.execute("SELECT applied_up_to, rows_hash, key_count FROM state").fetchone()
        database.close()
        return row

    def wait_until_equal(self, seconds=60, nodes=NODES, shard="shard1"):
        """Waits, without load, until all tables stand at one slot with one hash; returns slot, hash and keys."""
        states = {}

        def are_equal():
            states.update((node, self.table_state(node, shard)) for node in nodes)
            return len(set(states.values())) == 1

        try:
            wait_for(are_equal, seconds)
        except TimeoutError:
            raise AssertionError(f"tables differ: {states}") from None
        return states[nodes[0]]


def peak_memory(pid):
    """The largest resident set so far, in bytes."""
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) * 1024
