"""python -m tests.benchmarks --graduates 100000: makes a country of that size, measures, prints Markdown."""

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
from tests.benchmarks.report import figures_table, imports_table, machine
from tests.benchmarks.roster import SIZES, measured_import
from tests.benchmarks.season import season
from tests.benchmarks.sending import sending


def main() -> None:
    """Measure at 10,000 graduates and at the size asked for, and print the tables of the README."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("-n", "--n", "--graduates", dest="graduates", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keeps the country here, and goes on with the one that is here")
    asked = parser.parse_args()
    with built_house(asked.folder) as house:
        made = house.size()
        _run(house, made, [size for size in sorted({SMALL, asked.graduates}) if made <= size <= asked.graduates])


def _run(house: House, made: int, sizes: list[int]) -> None:
    """Sizes that the country has outgrown cannot be measured any more: their column is left out."""
    pages, desk, figures, lines = [], [], [], []
    for size in sizes:
        lines.append(_grown(house, size - made) if size > made else f"{size:,} graduates, from an earlier run")
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
    print(figures_table("event through the API", sizes[-1:], [list(measured_events(house))]), "\n")
    print(season(house), "\n")
    print(sending(house), "\n")
    rate, as_letters, size_in_kib = papers_a_second(house)
    print(
        f"Agreements: {rate:.1f} a second and process, each sealed and read back, {size_in_kib:.0f} KiB;"
        f" the same set as letters are: {as_letters:.1f}.\n"
    )
    print(imports_table([measured_import(house, students) for students in SIZES]))


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
