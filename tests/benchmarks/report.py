"""The measured figures as Markdown, with the machine that they were made on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import psutil

from tests.benchmarks.house import House
from tests.benchmarks.pages import Figure
from tests.benchmarks.roster import ImportTimes


def machine(house: House) -> str:
    """Processor, cores, memory, versions, day."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = psutil.virtual_memory().total / 2**30
    with house.connect() as connection:
        postgres = connection.info.server_version // 10_000
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()},"
        f" PostgreSQL {postgres}, {date.today().isoformat()}"
    )


def figures_table(title: str, sizes: Sequence[int], measured: Sequence[Sequence[Figure]]) -> str:
    """One row a figure; its statements and times at each size, what the last step made of them, the ratio to psycopg alone."""
    times = [f"ms at {size:,}" for size in sizes]
    peer = any(one.peer is not None for one in measured[-1])
    heads = [title, "statements", *times, *(["grows by"] if len(sizes) > 1 else []), "psycopg alone, ms", "ratio"]
    heads += ["Django's admin, ms", "ratio to it"] if peer else []
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for figures in zip(*measured, strict=True):
        last = figures[-1]
        growth = [f"{last.milliseconds / figures[-2].milliseconds:.2f} ×"] if len(sizes) > 1 else []
        cells = [
            last.name,
            str(max(figure.statements for figure in figures)),
            *(f"{figure.milliseconds:.1f}" for figure in figures),
            *growth,
            f"{last.bare:.1f}",
            f"{last.ratio:.1f}",
            *(_beside(last) if peer else ()),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _beside(figure: Figure) -> tuple[str, str]:
    if figure.peer is None:
        return "–", "–"
    return f"{figure.peer:.1f}", f"{figure.milliseconds / figure.peer:.2f}"


_BYTES = """
SELECT c.relname, pg_relation_size(c.oid), pg_indexes_size(c.oid),
       coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 6
"""


def bytes_table(house: House) -> str:
    """What a million graduates weigh: the largest tables, and everything."""
    with house.connect() as connection:
        rows = connection.execute(_BYTES).fetchall()
        whole = connection.execute(
            "SELECT pg_database_size(current_database()), (SELECT count(*) FROM graduates)"
        ).fetchone()
    assert whole is not None
    millions = whole[1] / 1_000_000
    heads = ("MiB a million graduates", "rows", "indexes", "long values", "together")
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for name, *sizes in (*rows, ("the database", whole[0])):
        parts = [f"{size / millions / 2**20:,.0f}" for size in sizes]
        if len(parts) == 1:
            lines.append(f"| {name} | – | – | – | {parts[0]} |")
        else:
            lines.append(f"| {name} | {' | '.join(parts)} | {sum(sizes) / millions / 2**20:,.0f} |")
    return "\n".join(lines)


def imports_table(measured: Sequence[ImportTimes]) -> str:
    """One row a size of the roster import: the whole of it in units of reading the sheet and a bare COPY."""
    heads = [
        "import of the roster",
        "MiB",
        "checked, s",
        "committed, s",
        "sheet read alone, s",
        "bare COPY, s",
        "ratio",
    ]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for one in measured:
        seconds = (one.checking, one.committing, one.reading, one.bare_copy)
        cells = [f"{one.students:,} students", f"{one.megabytes:.1f}", *(f"{part:.1f}" for part in seconds)]
        lines.append(f"| {' | '.join(cells)} | {one.ratio:.2f} |")
    return "\n".join(lines)
