"""The cells of one page of a list, put together in one step.

A template that asks for label, class and words of each of hundreds of cells takes longer over it than the database
takes to find the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

_DATE = re.compile(r"\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}\D{0,3}( \d{1,2}:\d{2})?$")
_NAMED = 4  # of more entries than these only the number is told
LISTINGS = (list, tuple, set, frozenset)


class Cell(NamedTuple):
    """What a cell says, what its column is called, how it may break, and whether it names the row."""

    words: Any
    label: str
    classes: str
    is_main: bool


def table_cells(
    values: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    labels: Mapping[str, str],
    formatters: Mapping[str, Callable[[Any], Any]],
    main: str | None = None,
    numeric: Iterable[str] = (),
    wide: Iterable[str] = (),
) -> Iterator[tuple[Any, list[Cell]]]:
    """Of each row what its first column holds, and its cells; for templates of lists.

    `main`: the column that names the row, else the first; `numeric`: columns of figures; `wide`: those that are left
    out on narrow desks.
    """
    main, figures, left_out = main or columns[0], frozenset(numeric or ()), frozenset(wide or ())
    shown = [
        (
            name,
            formatters.get(name),
            labels.get(name, ""),
            name == main,
            name in figures,
            " wide-only" if name in left_out else "",
        )
        for name in columns
    ]
    for row in values:
        cells = []
        for name, formatter, label, is_main, is_figure, wide_only in shown:
            words = words_of(formatter(row[name]) if formatter else row[name])
            # What names the row is never left out and breaks as a text does.
            classes = f"table__main {cell_class(words)}" if is_main else f"{cell_class(words, is_figure)}{wide_only}"
            cells.append(Cell(words, label, classes, is_main))
        yield row[columns[0]], cells


def words_of(value: Any) -> Any:
    """A value as a cell says it: nothing for None, entries side by side, of many only how many."""
    if value is None:
        return ""
    if not isinstance(value, LISTINGS):
        return value
    return _("%(count)s entries", count=len(value)) if len(value) > _NAMED else Markup(_(", ")).join(value)  # noqa: S704


def cell_class(value: Any, number: bool = False) -> str:
    """How a table cell may break: figures and short words never, dates only before the time, the rest anywhere."""
    text = str(value).strip()
    if _DATE.match(text):
        return "keep"
    if number:
        return "num"
    if "<" in text:
        return ""
    return "nowrap" if len(text) <= 6 or (len(text) <= 20 and text.isascii()) else "flows"
