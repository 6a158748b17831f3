"""python -m tests.benchmarks --graduates 100000: makes a country of that size, measures, prints Markdown.

With `--copies 7` it measures once more when the database holds that country eight times.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import monotonic

from tests.benchmarks.desk import measured_desk
from tests.benchmarks.events import measured_events
from tests.benchmarks.house import SMALL, House, built_house
from tests.benchmarks.pages import ROUNDS, measured_figures, measured_pages, open_accounts
from tests.benchmarks.papers import papers_a_second
from tests.benchmarks.report import bytes_table, figures_table, imports_table, machine
from tests.benchmarks.roster import SIZES, measured_import
from tests.benchmarks.season import season
from tests.benchmarks.sending import sending
from tests.benchmarks.serving import measured_serving


def main() -> None:
    """Measure at 10,000 graduates and at the size asked for, and print the tables of the README."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("-n", "--n", "--graduates", dest="graduates", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keeps the country here, and goes on with the one that is here")
    parser.add_argument("--copies", type=int, default=0, help="measures also with so many copies of the country")
    asked = parser.parse_args()
    with built_house(asked.folder) as house:
        most = asked.graduates * (asked.copies + 1)
        made = house.size()
        _run(house, made, [size for size in sorted({SMALL, asked.graduates, most}) if made <= size], asked.copies)


def _run(house: House, made: int, sizes: list[int], copies: int) -> None:
    """Sizes that the country has outgrown cannot be measured any more: their column is left out."""
    if made:
        house.restock()
    pages, desk, figures, lines = [], [], [], []
    for size in sizes:
        if size == made:
            lines.append(f"{size:,} graduates, from an earlier run")
        else:
            lines.append(_multiplied(house, copies) if copies and size == sizes[-1] else _grown(house, size - made))
        made = size
        school = open_accounts(house)
        pages.append(list(measured_pages(house)))
        desk.append(list(measured_desk(house)))
        figures.append(list(measured_figures(house)))
        print(f"{lines[-1]}, measured", file=sys.stderr, flush=True)
    print(
        f"\nMachine: {machine(house)}. Generated: {'; '.join(lines)}. School: {school}."
        f" Times are lower quartiles of {ROUNDS} requests.\n"
    )
    print(figures_table("pages", sizes, pages), "\n")
    print(figures_table("the desk (school)", sizes, desk), "\n")
    print(figures_table("figures of employment", sizes, figures), "\n")
    print(bytes_table(house), "\n")
    print(measured_serving(house), "\n")
    print(figures_table("event through the API", sizes[-1:], [list(measured_events(house))]), "\n")
    print(season(house), "\n")
    print(sending(house), "\n")
    rate, as_letters, size_in_kib = papers_a_second(house)
    print(
        f"Agreements: {rate:.1f} a second and process, each sealed and read back, {size_in_kib:.0f} KiB;"
        f" the same set as letters are: {as_letters:.1f}.\n"
    )
    print(imports_table([measured_import(house, students) for students in SIZES]))


def _multiplied(house: House, copies: int) -> str:
    begun = monotonic()
    house.multiply(copies)
    return f"{house.size():,} graduates by {copies} copies in {monotonic() - begun:.0f} s"


def _grown(house: House, graduates: int) -> str:
    """Make so many more, and say what came of it."""
    begun = monotonic()
    written = house.grow(graduates)
    seconds = monotonic() - begun
    return (
        f"{written['graduates']:,} graduates, {written['online_signings']:,} signings"
        f" of {written['schools']} schools in {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
