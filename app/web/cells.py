"""The rows of one page of a list, put together in one step.

A template that asks for label, class and words of each of hundreds of cells takes longer over it than the database
takes to find the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

from app.web.drawing import written

_DATE = re.compile(r"\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}\D{0,3}( \d{1,2}:\d{2})?$")
_NAMED = 4  # of more entries than these only the number is told
LISTINGS = (list, tuple, set, frozenset)


class Row(NamedTuple):
    """What stands around the cells of a row: its address, the box to choose it, what can be done with it."""

    path: str | None = None
    pick: str | None = None  # the value of the box
    tools: Any = ""


class _Column:
    """How the cells of one column are written; what many rows say is put together once."""

    def __init__(self, name: str, formatter: Callable[[Any], Any] | None, label: str, figure: bool, style: str) -> None:
        self.name, self._formatter, self._label, self._is_figure, self._style = name, formatter, label, figure, style
        self._texts: dict[str, str] = {}
        self._marked: dict[Markup, str] = {}

    def cell(self, value: Any) -> str:
        """The cell of a value."""
        kind = type(value)
        known: dict[Any, str] | None = self._texts if kind is str else self._marked if kind is Markup else None
        if known is None:
            return self._drawn(value)
        if value not in known:
            known[value] = self._drawn(value)
        return known[value]

    def _drawn(self, value: Any) -> str:
        words, said = self._words(value)
        style = f"{cell_class(words, self._is_figure)}{self._style}"
        return f'<td data-label="{self._label}" class="{style}">{said}</td>'

    def head(self, value: Any, path: str) -> str:
        """The cell that names its row: it is never left out and breaks as a text does."""
        words, said = self._words(value)
        opened = f'<a class="table__open" href="{path}">{said}</a>' if path else said
        style = f"table__main {cell_class(words)}"
        return f'<th scope="row" class="{style}" data-label="{self._label}">{opened}</th>'

    def _words(self, value: Any) -> tuple[Any, str]:
        words = words_of(self._formatter(value) if self._formatter else value)
        if not isinstance(words, str) and not hasattr(words, "__html__"):
            words = str(words)
        return words, written(words)


def table_rows(
    values: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    labels: Mapping[str, str],
    formatters: Mapping[str, Callable[[Any], Any]],
    main: str | None = None,
    numeric: Iterable[str] = (),
    wide: Iterable[str] = (),
) -> Markup:
    """The rows of a table with their cells; what is no markup yet is escaped.

    `main`: the column that names the row, else the first; `numeric`: columns of figures; `wide`: those that are left
    out on narrow desks.
    """
    main, figures, left_out = main or columns[0], frozenset(numeric or ()), frozenset(wide or ())
    shown = [
        _Column(
            name,
            formatters.get(name),
            written(labels.get(name, "")),
            name in figures,
            " wide-only" if name in left_out else "",
        )
        for name in columns
    ]
    choose = written(_("Choose"))
    drawn = [_row(one, around, shown, main, choose) for one, around in zip(values, rows, strict=True)]
    return Markup("".join(drawn))  # noqa: S704  (each part is escaped)


def _row(values: Mapping[str, Any], around: Row, columns: Sequence[_Column], main: str, choose: str) -> str:
    path = written(around.path) if around.path else ""
    parts = [f'<tr data-href="{path}">' if path else "<tr>"]
    if around.pick is not None:
        named = written(_plain(values[columns[0].name]))
        box = f'<input type="checkbox" data-pick name="rowid" value="{around.pick}" aria-label="{choose} {named}">'
        parts.append(f'<td class="table__pick">{box}</td>')
    parts += [
        column.head(values[main], path) if column.name == main else column.cell(values[column.name])
        for column in columns
    ]
    parts.append(f'<td class="table__do">{written(around.tools)}</td></tr>\n')
    return "".join(parts)


def _plain(value: Any) -> str:
    """The words of a cell without its marks."""
    text = value if type(value) is str else str(value.__html__() if hasattr(value, "__html__") else value)
    return Markup(text).striptags() if "<" in text or "&" in text else " ".join(text.split())  # noqa: S704


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
