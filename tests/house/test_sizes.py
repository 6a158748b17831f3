"""The house stays readable: short files, short functions, no more lines than it needs."""

from __future__ import annotations

from collections.abc import Sequence

from tests.house.source import files, functions, text

FILE, FUNCTION = 231, 21  # lines that nineteen of twenty keep within
# May only fall; a new power of the platform may raise it, by what it needs.
MOST = 92_595


def _nineteen_of_twenty(sizes: Sequence[int]) -> int:
    return sorted(sizes)[int(len(sizes) * 0.95)]


def test_files_and_functions_are_short() -> None:
    lines = [len(text(path).splitlines()) for path in files("app")]
    long = [(node.end_lineno or 0) - node.lineno + 1 for path in files("app") for node in functions(path)]
    print(f"app/: {len(lines)} files, {sum(lines)} lines, longest {max(lines)}; longest function {max(long)}")
    assert _nineteen_of_twenty(lines) <= FILE
    assert _nineteen_of_twenty(long) <= FUNCTION
    assert sum(lines) <= MOST
