"""Clients: a pump of pipelined writes for throughput, checked clients for what must not be lost, a probe for latency."""

import collections
import itertools
import multiprocessing
import random
import socket
import threading
import time

from cluster import NODES, Resp, RespError

KEY = b"a:%014d"


class Pump:
    """Writes without pause from processes of its own, `depth` commands sent at once, to random keys of 0..<keys.

    A process whose connection is lost connects again; what was under way is neither counted nor sent again. `fill` instead writes each
    key once, in order, `keys_each` with a command."""

    def __init__(self, port, keys=100_000, value_bytes=256, processes=2, depth=128, commands=None, fill=False, keys_each=1):
        self.counters = multiprocessing.Array("q", processes)
        self.errors = multiprocessing.Manager().dict()
        self.stopping = multiprocessing.Event()
        self.keys_each = keys_each
        self.workers = []
        for number in range(processes):
            share = None if commands is None else commands // processes
            batches = ordered(keys, number, processes, depth * keys_each) if fill else scattered(keys, number, depth, share)
            shared = (self.counters, number, self.errors, self.stopping)
            self.workers.append(
                multiprocessing.Process(target=pump, daemon=True, args=(port, batches, value_bytes, keys_each, *shared)))

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for worker in self.workers:
            worker.join(10)
            if worker.is_alive():
                worker.kill()

    @property
    def acknowledged(self):
        """Commands, not keys."""
        return sum(self.counters)

    @property
    def is_done(self):
        return not any(worker.is_alive() for worker in self.workers)

    def rate(self, seconds):
        """Commands per second over the next seconds."""
        count, start = self.acknowledged, time.monotonic()
        time.sleep(seconds)
        return (self.acknowledged - count) / (time.monotonic() - start)


def scattered(keys, seed, depth, commands):
    chance = random.Random(seed)
    while commands is None or commands > 0:
        count = depth if commands is None else min(depth, commands)
        yield [chance.randrange(keys) for _ in range(count)]
        commands = None if commands is None else commands - count


def ordered(keys, part, parts, size):
    for first in range(part * size, keys, parts * size):
        yield range(first, min(first + size, keys))


def frames(numbers, value, keys_each):
    if keys_each == 1:
        head, tail = b"*3\r\n$3\r\nSET\r\n$16\r\n", b"\r\n$%d\r\n%s\r\n" % (len(value), value)
        return len(numbers), b"".join(head + KEY % number + tail for number in numbers)
    pair = b"$16\r\n%s\r\n" + b"$%d\r\n%s\r\n" % (len(value), value)
    groups = [numbers[start:start + keys_each] for start in range(0, len(numbers), keys_each)]
    return len(groups), b"".join(
        b"*%d\r\n$4\r\nMSET\r\n" % (1 + 2 * len(group)) + b"".join(pair % (KEY % number) for number in group) for group in groups)


def pump(port, batches, value_bytes, keys_each, counters, slot, errors, stopping):
    pending, connection = collections.deque(), None

    def settle(allowed):
        while len(pending) > allowed:
            counters[slot] += replies(connection, pending[0], errors)
            pending.popleft()

    for number, numbers in enumerate(batches):
        if stopping.is_set():
            break
        count, data = frames(numbers, (b"%d-%d-" % (slot, number) + b"v" * value_bytes)[:value_bytes], keys_each)
        try:
            if connection is None:
                connection = socket.create_connection(("127.0.0.1", port), 20)
            connection.sendall(data)
            pending.append(count)
            settle(allowed=1)  # one batch stays under way while the next is built
        except OSError as error:
            errors[type(error).__name__] = errors.get(type(error).__name__, 0) + 1
            connection = None
            pending.clear()
            time.sleep(0.1)
    if connection:
        try:
            settle(allowed=0)
        except OSError:
            pass


def replies(connection, count, errors):
    """How many of the next replies, one line each, are no errors."""
    lines, good, rest = 0, 0, b""
    while lines < count:
        data = connection.recv(min(65536, 5 * (count - lines)) or 1)
        if not data:
            raise ConnectionError("closed")
        rest += data
        whole, end, rest = rest.rpartition(b"\r\n")
        if not end:
            continue
        for line in whole.split(b"\r\n"):
            lines += 1
            if line.startswith(b"-"):
                word = line[1:].split()[0].decode()
                errors[word] = errors.get(word, 0) + 1
            else:
                good += 1
    while rest:
        # The last reply was an error longer than an OK, of which a part came.
        rest += connection.recv(1)
        if rest.endswith(b"\r\n"):
            rest = b""
    return good


class Client(threading.Thread):
    """Writes rising versions to keys of its own, reads them through any node, and knows what each may hold.

    A key whose write had no definite answer is not written again: either outcome stays right."""

    def __init__(self, cluster, name, nodes=NODES, keys=50, value_bytes=200, pause=0.0):
        super().__init__(daemon=True)
        self.cluster, self.owner, self.nodes, self.keys, self.value_bytes, self.pause = cluster, name, nodes, keys, value_bytes, pause
        self.chance = random.Random(name)
        self.connections = {}
        self.acknowledged = {}  # key → version
        self.attempted = {}  # key → version
        self.retired = 0
        self.live = [f"a:{name}:{index}" for index in range(keys)]
        self.errors = collections.Counter()
        self.wrong = []
        self.writes = 0
        self.last_error = ""
        self.stopping = threading.Event()

    def ask(self, node, *words):
        try:
            if node not in self.connections:
                self.connections[node] = Resp(self.cluster.clients[node], timeout=12)
            return self.connections[node](*words)
        except OSError:
            dropped = self.connections.pop(node, None)
            if dropped:
                dropped.close()
            raise

    def run(self):
        while not self.stopping.is_set():
            index, node = self.chance.randrange(self.keys), self.chance.choice(self.nodes)
            try:
                if self.chance.random() < 0.25:
                    self.check(node, self.live[index])
                else:
                    self.write(node, index)
            except RespError as error:
                self.errors[str(error).split()[0]] += 1
                self.last_error = str(error)
                self.stopping.wait(0.02)
            except OSError as error:
                self.errors[type(error).__name__] += 1
                self.stopping.wait(0.05)
            if self.pause:
                self.stopping.wait(self.pause)

    def write(self, node, index):
        key = self.live[index]
        version = self.attempted.get(key, 0) + 1
        was = self.attempted.get(key)
        self.attempted[key] = version
        try:
            self.ask(node, "SET", key, f"{version}:{'x' * self.value_bytes}")
            self.acknowledged[key] = version
            self.writes += 1
        except RespError as error:
            if str(error).startswith("INDETERMINATE"):
                self.retire(index)
            elif was is None:
                del self.attempted[key]
            else:
                self.attempted[key] = was
            raise
        except ConnectionRefusedError:
            if was is None:
                del self.attempted[key]
            else:
                self.attempted[key] = was
            raise
        except OSError:
            self.retire(index)
            raise

    def retire(self, index):
        self.retired += 1
        self.live[index] = f"a:{self.owner}:r{self.retired}"

    def check(self, node, key, ask=None):
        """Reads, and notes a value that it must not have."""
        low = self.acknowledged.get(key, 0)
        value = (ask or self.ask)(node, "GET", key)
        version = 0 if value is None else int(value.split(b":")[0])
        high = self.attempted.get(key, 0)
        if not low <= version <= high:
            self.wrong.append(f"{key} through {node}: version {version}, not {low}...{high}")


class Clients:
    """Checked clients over a `with` block, with keys that no others write; `verify` afterwards."""

    count = itertools.count()

    def __init__(self, cluster, count=6, **options):
        self.cluster = cluster
        group = next(Clients.count)
        self.clients = [Client(cluster, f"{group}-{number}", **options) for number in range(count)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(30)

    @property
    def writes(self):
        return sum(client.writes for client in self.clients)

    @property
    def errors(self):
        return sum((client.errors for client in self.clients), collections.Counter())

    @property
    def wrong(self):
        return [text for client in self.clients for text in client.wrong]

    def verify(self, nodes=NODES):
        """Every key through each of the nodes; returns all that is wrong. The clients have stopped."""
        for node in nodes:
            connection = Resp(self.cluster.clients[node], timeout=20)
            for client in self.clients:
                for key in list(client.attempted):
                    client.check(node, key, lambda node, *words: retrying(connection, words))
            connection.close()
        return self.wrong


def retrying(connection, words, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return connection(*words)
        except RespError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Probe(threading.Thread):
    """One write every few milliseconds, one at a time: (when it was sent, how long it took), in seconds."""

    def __init__(self, port, interval=0.005):
        super().__init__(daemon=True)
        self.port, self.interval, self.samples, self.stopping = port, interval, [], threading.Event()
        self.errors = collections.Counter()

    def run(self):
        connection = None
        while not self.stopping.is_set():
            sent = time.monotonic()
            try:
                connection = connection or Resp(self.port, timeout=30)
                connection("SET", "a:probe", f"{sent}")
                self.samples.append((sent, time.monotonic() - sent))
            except RespError as error:
                self.errors[str(error).split()[0]] += 1
            except OSError as error:
                self.errors[type(error).__name__] += 1
                connection = None
            self.stopping.wait(max(0.0, self.interval - (time.monotonic() - sent)))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join(35)

    def between(self, start, end):
        return [took for sent, took in self.samples if start <= sent < end]
