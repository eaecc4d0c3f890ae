#!/usr/bin/env python3
"""A flame graph of what `perf record --call-graph fp` has seen, as an SVG file.

    perf record -F 799 --call-graph fp -p PIDS -- sleep 6
    perf script -F comm,period,ip,sym | flame_graph.py FILE.svg [--title TEXT] [--least SHARE]

The lowest row is the thread's name; a frame's width is its share of all samples, and a hover says it. Frames below `--least` percent are
left out. Code without frame pointers (SQLite's, as Debian builds it) stands directly on its thread."""

import argparse
import re
import shutil
import subprocess
import sys
from html import escape

WIDTH, ROW = 1200, 15
COLORS = {"kernel": "#f2b8a0", "sqlite": "#a9d18e", "nio": "#b4c7e7", "decree": "#ffd966", "other": "#e7e6e6"}
NIO = re.compile(r"Channel|EventLoop|Selector|NIO|Socket|ByteBuffer|PendingWrites")
KERNEL = re.compile(r"^(_?_?[a-z0-9]+_)+[a-z0-9_.]*$|^entry_SYSCALL|^asm_")


class Frame:
    def __init__(self):
        self.weight = 0
        self.below = {}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file")
    arguments.add_argument("--title", default="")
    arguments.add_argument("--least", type=float, default=0.3)
    options = arguments.parse_args()
    root = Frame()
    for stack, weight in stacks(sys.stdin):
        frame = root
        frame.weight += weight
        for name in stack:
            frame = frame.below.setdefault(name, Frame())
            frame.weight += weight
    least = root.weight * options.least / 100
    boxes = list(place(root, 0, 0, least))
    names = demangled({name for name, *_ in boxes})
    depth = max((row for _, row, *_ in boxes), default=0) + 1
    draw(options, boxes, names, depth, root.weight)


def stacks(lines):
    """From the thread's name upwards, with what each sample counts."""
    thread, weight, frames = None, 0, []
    for line in lines:
        if not line.strip():
            if thread is not None:
                yield [thread] + frames[::-1], weight
            thread, frames = None, []
        elif not line[0].isspace():
            words = line.split()
            thread, weight = re.sub(r"[-#0-9 ].*", "", " ".join(words[:-1])), int(words[-1])
        else:
            words = line.split(None, 1)
            name = words[1].strip() if len(words) > 1 else "?"
            if name != "[unknown]":
                frames.append(name)
    if thread is not None:
        yield [thread] + frames[::-1], weight


def place(frame, row, left, least):
    for name, child in sorted(frame.below.items()):
        if child.weight >= least:
            yield name, row, left, child.weight
            yield from place(child, row + 1, left, least)
        left += child.weight


def demangled(names):
    names = sorted(names)
    if not shutil.which("swift"):
        return {name: name for name in names}
    plain = subprocess.run(["swift", "demangle", "--simplified", "--compact"], input="\n".join(names), capture_output=True, text=True)
    return dict(zip(names, plain.stdout.split("\n")))


def color(name, plain, row):
    if row == 0:
        return "#d0cece"
    if name.startswith("sqlite3"):
        return COLORS["sqlite"]
    if not name.startswith("$s"):
        return COLORS["kernel"] if KERNEL.match(name) else COLORS["other"]
    return COLORS["nio"] if NIO.search(plain) else COLORS["decree"]


def draw(options, boxes, names, depth, total):
    height = (depth + 2) * ROW
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="11">',
             '<rect width="100%" height="100%" fill="white"/>', f'<text x="4" y="12">{escape(options.title)}</text>']
    for name, row, left, weight in boxes:
        x, width, y = left / total * WIDTH, weight / total * WIDTH, height - (row + 1) * ROW
        plain = names[name]
        parts.append(f'<g><title>{escape(plain)}: {100 * weight / total:.1f} %</title>'
                     f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" height="{ROW - 1}" fill="{color(name, plain, row)}"/>')
        if width > 40:
            parts.append(f'<text x="{x + 2:.1f}" y="{y + 11}">{escape(plain[:int(width / 6.2)])}</text>')
        parts.append("</g>")
    with open(options.file, "w") as file:
        file.write("\n".join(parts + ["</svg>", ""]))


if __name__ == "__main__":
    main()
