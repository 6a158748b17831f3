"""What a client sends: JSON bodies, rison queries and paging, read strictly so that nothing odd gets further."""

from __future__ import annotations

import json
import math
from typing import Any

import prison
from flask import current_app, g, request
from flask_babel import lazy_gettext as _

from app.base.errors import Invalid, Malformed, TooLarge, UnsupportedMedia

DEFAULT_PAGE_SIZE = 20
MOST_FILTERS = 30
_DEEPEST = 40  # our own data are four deep; far below where Python's recursion ends


def check() -> None:
    """Read body and query of an API request; raises Malformed or UnsupportedMedia. The results are kept."""
    g.pop("body", None)
    g.pop("rison", None)
    if "q" in request.args:
        query()
    if request.method in {"POST", "PUT", "PATCH", "DELETE"} and not _is_form():
        body()


def body() -> dict[str, Any]:
    """The JSON object that was sent; an empty body is an empty object."""
    if "body" not in g:
        g.body = _read_body()
    return g.body


def checked_body() -> dict[str, Any]:
    """The body as check() has found it; empty before that, on pages, and where it cannot be read."""
    found: dict[str, Any] = g.get("body", {})
    return found


def wants_submit(sent: dict[str, Any]) -> bool:
    """Whether a created case is handed in at once; `submit` is true unless the body says false. Raises Invalid."""
    wanted = sent.get("submit", True)
    if not isinstance(wanted, bool):
        raise Invalid({"submit": [_("This value cannot be read. Please check it.")]})
    return wanted


def flag(sent: dict[str, Any], name: str) -> bool:
    """Take a yes or no, usually no, out of a body. Raises Invalid."""
    wanted = sent.pop(name, False)
    if not isinstance(wanted, bool):
        raise Invalid({name: [_("This value cannot be read. Please check it.")]})
    return wanted


def query() -> dict[str, Any]:
    """FAB's query argument `q`, in rison or JSON; an absent one is empty."""
    if "rison" not in g:
        g.rison = _read_query(request.args.get("q", ""))
    return g.rison


def paging(q: dict[str, Any]) -> tuple[int, int]:
    """Page (from 0) and page size of a query, clamped to what is sensible; raises Malformed on other types."""
    largest = largest_page()
    page, size = _whole(q, "page", 0), _whole(q, "page_size", DEFAULT_PAGE_SIZE)
    size = largest if size < 0 else size or DEFAULT_PAGE_SIZE
    return min(max(page, 0), 10**9), min(size, largest)


def largest_page() -> int:
    """The most rows of one page."""
    return int(current_app.config.get("FAB_API_MAX_PAGE_SIZE", 100))


def ordering(q: dict[str, Any], allowed: tuple[str, ...]) -> tuple[str, str]:
    """Order column and direction of a query; raises Malformed for a column that is not offered."""
    column, direction = q.get("order_column") or "", q.get("order_direction") or "desc"
    if not isinstance(column, str) or (column and column not in allowed):
        raise Malformed(_("This list can only be ordered by: %(names)s.", names=", ".join(allowed)))
    if direction not in ("asc", "desc"):
        raise Malformed(_("The order direction is either asc or desc."))
    return column, direction


def conditions(q: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """The filters of a query as (column, operation, value); raises Malformed."""
    filters = q.get("filters") or []
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise Malformed(_("Filters must be a list of at most 30 entries."))
    found = []
    for one in filters:
        if not isinstance(one, dict) or not isinstance(one.get("col"), str) or not isinstance(one.get("opr"), str):
            raise Malformed(_("A filter needs col, opr and value."))
        if "value" not in one or isinstance(one["value"], dict):
            raise Malformed(_("A filter needs col, opr and value."))
        found.append((one["col"], one["opr"], one["value"]))
    return found


def ids(sent: Any, *, most: int = 500) -> list[int]:
    """A list of record ids from a body, each once; raises Invalid."""
    if not isinstance(sent, list) or not sent:
        raise Invalid({"ids": [_("Please choose at least one record.")]})
    if any(isinstance(one, bool) or not isinstance(one, int) or not 0 < one < 2**63 for one in sent):
        raise Invalid({"ids": [_("Record ids are positive whole numbers.")]})
    if len(sent) > most:
        raise Invalid({"ids": [_("At most %(most)s records can be handled at once.", most=most)]})
    return list(dict.fromkeys(sent))


def uploaded(*, most: int, too_large: Any) -> tuple[bytes, str]:
    """Content and name of the file `file` of a form; of more than `most` bytes nothing is read.

    Raises UnsupportedMedia, Invalid where there is none, TooLarge with the given words.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia(_("Please send the file as multipart/form-data."))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": [_("Please choose a file.")]})
    content = file.stream.read(most + 1)
    if len(content) > most:
        raise TooLarge(too_large)
    return content, file.filename


def _is_form() -> bool:
    return request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}


def _read_body() -> dict[str, Any]:
    raw = request.get_data(cache=True)
    if not raw.strip():
        return {}
    if not request.is_json:
        raise UnsupportedMedia(_("Please send JSON (Content-Type: application/json)."))
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed(_("The body is not valid JSON.")) from None
    if not isinstance(value, dict):
        raise Malformed(_("The body must be a JSON object."))
    _check_storable(value)
    return value


def _read_query(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = prison.loads(text)
    except Exception:  # the parser raises whatever its state machine stumbles over
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise Malformed(_("The query q is neither valid rison nor JSON.")) from None
    if not isinstance(value, dict):
        raise Malformed(_("The query q must be an object."))
    _check_storable(value)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _check_storable(value: Any, depth: int = 0) -> None:
    """No NUL and no half characters, which the database refuses; no bottomless nesting; no infinite numbers."""
    if depth > _DEEPEST:
        raise Malformed(_("The body is nested too deeply."))
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
            raise Malformed(_("The request holds signs that cannot be stored."))
    elif isinstance(value, float) and not math.isfinite(value):
        raise Malformed(_("The request holds a number that cannot be stored."))
    elif isinstance(value, dict):
        for name, one in value.items():
            _check_storable(name, depth + 1)
            _check_storable(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _check_storable(one, depth + 1)


def _whole(q: dict[str, Any], name: str, default: int) -> int:
    value = q.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(_("%(name)s must be a whole number.", name=name))
    return value
