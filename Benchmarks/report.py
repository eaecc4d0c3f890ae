"""What a measurement leaves: a table for people, a line of JSON for programs, a drawing."""

import json
import sys
from html import escape

COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")


def table(header, rows):
    """A Markdown table."""
    cells = [[" ".join(str(cell).replace("|", "\\|").split()) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    print("\n".join(lines), flush=True)


def finish(name, figures):
    """Prints the line of JSON, last."""
    print(json.dumps({"measurement": name, **figures}, sort_keys=True), flush=True)


def complain(findings):
    """Ends the program where there is anything to complain of."""
    for finding in findings[:20]:
        print("WRONG:", " ".join(finding.split())[:300], file=sys.stderr, flush=True)
    if len(findings) > 20:
        print(f"WRONG: and {len(findings) - 20} more", file=sys.stderr, flush=True)
    if findings:
        raise SystemExit(1)


def megabytes(count):
    return f"{count / 1e6:.1f}"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def plot(path, title, unit, series, marks=(), labels=None):
    """Lines over seconds as an SVG file, or over `labels`, which stand side by side.

    `series`: name → list of (seconds or place among the labels, value). `marks`: (seconds, text) at the top."""
    width, height, left, top = 900, 420, 70, 40
    points = [point for line in series.values() for point in line]
    far = max((x for x, _ in points), default=1) or 1
    high = max((y for _, y in points), default=1) * 1.05 or 1

    def place(x, y):
        return f"{left + x / far * (width - left - 180):.1f},{height - 40 - y / high * (height - 40 - top):.1f}"

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">']
    parts += ['<rect width="100%" height="100%" fill="white"/>', f'<text x="{left}" y="20" font-size="15">{escape(title)}</text>']
    for step in range(5):
        x, y = place(0, high * step / 4).split(",")
        parts.append(f'<line x1="{x}" y1="{y}" x2="{width - 180}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y}" text-anchor="end">{high * step / 4:.4g}</text>')
    below = enumerate(labels) if labels else [(far * step / 4, f"{far * step / 4:.0f} s") for step in range(5)]
    for at, text in below:
        parts.append(f'<text x="{place(at, 0).split(",")[0]}" y="{height - 20}" text-anchor="middle">{escape(text)}</text>')
    parts.append(f'<text x="8" y="{top - 8}">{escape(unit)}</text>')
    for number, (name, line) in enumerate(series.items()):
        color, y = COLORS[number % len(COLORS)], top + 18 * number + 10
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{" ".join(place(*p) for p in line)}"/>')
        parts.append(f'<text x="{width - 170}" y="{y}" fill="{color}">{escape(name)}</text>')
    for seconds, text in marks:
        x = place(seconds, 0).split(",")[0]
        parts.append(f'<line x1="{x}" y1="{top}" x2="{x}" y2="{height - 40}" stroke="#888" stroke-dasharray="4"/>')
        parts.append(f'<text x="{x}" y="{top - 4}" fill="#555">{escape(text)}</text>')
    with open(path, "w") as file:
        file.write("\n".join(parts + ["</svg>", ""]))
