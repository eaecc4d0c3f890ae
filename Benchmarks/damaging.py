"""Damages: what can be done to the files of a node that is down, each as a function of the cluster and the node."""

import glob
import os
import random
import shutil
import sqlite3
import time
from dataclasses import dataclass
from typing import Callable

PAGE = 4096


def nothing(cluster, node):
    return None


@dataclass
class Case:
    name: str
    ending: str  # stopped, killed, or running: the damage is done to a live node
    damage: Callable
    before: Callable = nothing


def path(cluster, node, kind):
    folder = os.path.join(cluster.data(node), "shard1")
    if kind.startswith("ledger"):
        return os.path.join(folder, "ledger.sqlite" + kind.removeprefix("ledger"))
    return cluster.table_path(node) + kind.removeprefix("table")


def flip(file, offset, bit=0):
    with open(file, "r+b") as data:
        data.seek(offset)
        byte = data.read(1)[0]
        data.seek(offset)
        data.write(bytes([byte ^ (1 << bit)]))


def flip_row(kind, table, column, last):
    """Flips a bit within a column's bytes of a row, found by its content: in the file of a stopped node."""

    def damage(cluster, node):
        file = path(cluster, node, kind)
        with sqlite3.connect(file) as database:
            order = "DESC" if last else "ASC"
            rows = database.execute(f"SELECT {column} FROM {table} ORDER BY rowid {order} LIMIT 50").fetchall()
        database.close()
        data = open(file, "rb").read()
        for (value,) in rows:
            found = data.find(bytes(value)) if value and len(value) > 30 else -1
            if found >= 0:
                flip(file, found + len(value) // 2)
                return None
        return " (no such row)"

    return damage


def flip_page(kind, share):
    """Flips a bit at a share of the file's length."""

    def damage(cluster, node):
        file = path(cluster, node, kind)
        flip(file, int(os.path.getsize(file) * share) // PAGE * PAGE + 9, 3)

    return damage


def flip_header(kind):
    return lambda cluster, node: flip(path(cluster, node, kind), 20)


def valid_frames(file):
    """Frames of the log's present life: those whose salt is the header's."""
    with open(file, "rb") as data:
        salt = data.read(32)[16:24]
        count = 0
        while (head := data.read(24)) and len(head) == 24 and head[8:16] == salt:
            count += 1
            data.seek(PAGE, 1)
        return count


def flip_frame(kind, where):
    """Flips a bit of a frame in the middle of the write-ahead log, or of the last one."""

    def damage(cluster, node):
        file = path(cluster, node, kind + "-wal")
        count = valid_frames(file)
        if count < 3:
            return f" (only {count} frames)"
        frame = count // 2 if where == "middle" else count - 1
        flip(file, 32 + frame * (PAGE + 24) + 24 + 2000)

    return damage


def cut(kind, share):
    def damage(cluster, node):
        file = path(cluster, node, kind)
        os.truncate(file, int(os.path.getsize(file) * share))

    return damage


def cut_frames(kind, count):
    """Takes the last frames of the write-ahead log: what a disk that lies about syncs does."""

    def damage(cluster, node):
        file = path(cluster, node, kind + "-wal")
        os.truncate(file, 32 + max(0, valid_frames(file) - count) * (PAGE + 24))

    return damage


def remove(*kinds):
    def damage(cluster, node):
        # All paths first: a table is found by its file.
        for file in [path(cluster, node, kind) for kind in kinds]:
            if os.path.exists(file):
                os.unlink(file)

    return damage


def empty(kind):
    return lambda cluster, node: os.truncate(path(cluster, node, kind), 0)


def foreign(kind):
    """The same file of another node. SQLite copies it."""

    def damage(cluster, node):
        target = path(cluster, node, kind)
        remove(kind + "-wal", kind + "-shm", kind)(cluster, node)
        with sqlite3.connect(f"file:{path(cluster, 'dc2', kind)}?mode=ro", uri=True) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        source.close()
        copy.close()

    return damage


def keep(kind):
    """Keeps a copy of the running node's file, for `older`."""

    def before(cluster, node):
        copy = os.path.join(cluster.directory, f"older-{kind}")
        if os.path.exists(copy):
            os.unlink(copy)
        with sqlite3.connect(f"file:{path(cluster, node, kind)}?mode=ro", uri=True) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()

    return before


def older(kind):
    def damage(cluster, node):
        target = path(cluster, node, kind)
        remove(kind + "-wal", kind + "-shm")(cluster, node)
        shutil.copyfile(os.path.join(cluster.directory, f"older-{kind}"), target)

    return damage


def remove_directory(cluster, node):
    cluster.wipe(node)


def snapshots(cluster, node):
    return sorted(glob.glob(os.path.join(cluster.data(node), "shard1", "snapshots", "*.sqlite")))


def take_snapshot(cluster, node):
    """A backup makes one, which the node keeps."""
    code, output = cluster.run("backup", "--endpoint", cluster.endpoint(node), "--out", os.path.join(cluster.directory, f"backup-{time.monotonic_ns()}"))
    if code != 0 or not snapshots(cluster, node):
        raise SystemExit(f"{node} keeps no snapshot after a backup: {output}")


def flip_snapshot(cluster, node):
    files = snapshots(cluster, node)
    if not files:
        return " (no snapshot there)"
    flip(files[-1], os.path.getsize(files[-1]) // 2)
    return None


def snapshot_beside_lost_table(cluster, node):
    """A table that has to be made again, from a snapshot that is damaged too."""
    text = flip_snapshot(cluster, node)
    remove("table-wal", "table-shm", "table")(cluster, node)
    return text


CASES = [
    Case("ledger: bit of an old log row's payload", "stopped", flip_row("ledger", "log", "payload", last=False)),
    Case("ledger: bit of the newest log row's payload", "stopped", flip_row("ledger", "log", "payload", last=True)),
    Case("ledger: bit of a page's head in the middle", "stopped", flip_page("ledger", 0.5)),
    Case("ledger: bit of the file's header", "stopped", flip_header("ledger")),
    Case("ledger: cut to half", "stopped", cut("ledger", 0.5)),
    Case("ledger: emptied", "stopped", empty("ledger")),
    Case("ledger: missing", "stopped", remove("ledger")),
    Case("ledger: another node's", "stopped", foreign("ledger")),
    Case("ledger: an older copy", "stopped", older("ledger"), before=keep("ledger")),
    Case("ledger WAL: bit in the middle", "killed", flip_frame("ledger", "middle")),
    Case("ledger WAL: bit in the last frame", "killed", flip_frame("ledger", "last")),
    Case("ledger WAL: last 3 frames cut off", "killed", cut_frames("ledger", 3)),
    Case("ledger WAL: cut within a frame", "killed", cut("ledger-wal", 0.7)),
    Case("ledger WAL: missing", "killed", remove("ledger-wal")),
    Case("ledger WAL: deleted while in use", "running", remove("ledger-wal")),
    Case("ledger: missing, with its WAL", "killed", remove("ledger", "ledger-wal", "ledger-shm")),
    Case("table: bit of a row's value", "stopped", flip_row("table", "key_values", "value", last=False)),
    Case("table: bit of a page's head in the middle", "stopped", flip_page("table", 0.5)),
    Case("table: bit of the file's header", "stopped", flip_header("table")),
    Case("table: cut to half", "stopped", cut("table", 0.5)),
    Case("table: emptied", "stopped", empty("table")),
    Case("table: missing", "stopped", remove("table")),
    Case("table: another node's", "stopped", foreign("table")),
    Case("table: an older copy", "stopped", older("table"), before=keep("table")),
    Case("table WAL: bit in the middle", "killed", flip_frame("table", "middle")),
    Case("table WAL: bit in the last frame", "killed", flip_frame("table", "last")),
    Case("table WAL: cut within a frame", "killed", cut("table-wal", 0.7)),
    Case("table WAL: missing", "killed", remove("table-wal")),
    Case("table WAL: deleted while in use", "running", remove("table-wal")),
    Case("table: missing, with its WAL", "killed", remove("table", "table-wal", "table-shm")),
    Case("snapshot: bit in the middle", "stopped", flip_snapshot, before=take_snapshot),
    Case("snapshot: bit in the middle; table missing", "stopped", snapshot_beside_lost_table, before=take_snapshot),
    Case("everything: gone", "killed", remove_directory),
]


def randomly(seed, chance):
    """One random damage to one random file of the replica: a flip of 1 to 8 bits, a truncation, or a block of zeroes."""
    ending = chance.choice(("stopped", "killed"))

    def damage(cluster, node):
        chance = random.Random(seed)
        folder = os.path.join(cluster.data(node), "shard1")
        files = sorted(file for file in glob.glob(os.path.join(folder, "**"), recursive=True)
                       if os.path.isfile(file) and os.path.getsize(file) > 0 and not file.endswith("-shm"))
        file = chance.choice(files)
        size, kind = os.path.getsize(file), chance.choice(("flip", "flip", "flip", "cut", "zero"))
        place = chance.randrange(size)
        if kind == "flip":
            for _ in range(chance.choice((1, 1, 2, 8))):
                flip(file, chance.randrange(size), chance.randrange(8))
        elif kind == "cut":
            os.truncate(file, place)
        else:
            with open(file, "r+b") as data:
                data.seek(place)
                data.write(bytes(min(512, size - place)))
        name = os.path.relpath(file, folder)
        return f" {name}: {kind} at {place} of {size}"

    return Case(f"seed {seed}", ending, damage)
