"""Pages of hand-made lists: one statement for the rows, one capped count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, literal, select

from app.base.replicas import shown
from app.web.numbers import is_whole

SIZE = 20
COUNT_CAP = 10_001  # counts stop here, so that no page waits for a number that nobody reads


@dataclass(frozen=True)
class Page:
    """The rows of one page and what the pager needs; pages count from 1."""

    rows: list[Any]
    number: int
    pages: int
    count: int
    capped: bool
    parameter: str = "page"

    def url(self, number: int) -> str:
        """This address with another page."""
        kept = {name: value for name, value in request.args.items() if name != self.parameter}
        return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept, self.parameter: number})


def page_of(query: Select[Any], size: int = SIZE, *, whole: bool = False, parameter: str = "page") -> Page:
    """The page that the address asks for; a page that does not exist shows the nearest one.

    `whole`: the query is of several columns, and each row is all of them instead of the first. A second list of a page
    has its own `parameter`.
    """
    inner = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(COUNT_CAP).subquery()
    found = shown.scalar(select(func.count()).select_from(inner)) or 0
    capped = found >= COUNT_CAP
    count = min(found, COUNT_CAP - 1)
    pages = max(1, -(-count // size))
    wanted = request.args.get(parameter, "1")
    number = min(max(1, int(wanted) if is_whole(wanted) else 1), pages)
    found_rows = shown.execute(query.limit(size).offset((number - 1) * size))
    rows = list(found_rows.all() if whole else found_rows.scalars().unique())
    return Page(rows, number, pages, count, capped, parameter)
