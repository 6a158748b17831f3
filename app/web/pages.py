"""What hand-made pages share: which kind of account may open them, and refusals shown where they arose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, current_app, flash, redirect, request
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from app.base.errors import AppError, Conflict, Forbidden, Invalid, Throttled, TooLarge, UnsupportedMedia
from app.base.wording import joined
from app.web.current import current_actor

View = TypeVar("View", bound=Callable[..., Any])
# The first part of the path tells whose page it is.
_DOORS = {"graduate": "graduate", "employer": "employer", "staff": "school"}
_LAYOUTS = {"graduate": "layouts/graduate.html", "employer": "layouts/employer.html"}

ONWARDS = "onwards"  # in the cookie of a stranger: the page that they came for, until they have an account


def layout_of(kind: str) -> str:
    """The frame of the pages of this kind of account."""
    return _LAYOUTS.get(kind, "staff/base.html")


Route = tuple[str, str, str, Callable[..., Any]]  # name, method, path behind the prefix, view


def open_in_workplaces(
    blueprint: Blueprint, places: Mapping[str, Sequence[str]], prefix: str, routes: Sequence[Route]
) -> None:
    """Open the same pages below each workplace's own address, so that its frame and its rules apply.

    `places`: the first part of the address and whose workplace it is; endpoints are called `<place>_<name>`.
    """
    for place, kinds in places.items():
        for name, method, path, view in routes:
            guarded = page_access(*kinds)(view)
            blueprint.add_url_rule(f"/{place}{prefix}{path}", f"{place}_{name}", guarded, methods=[method])


def page_access(*kinds: str) -> Callable[[View], View]:
    """Open a page to accounts of these kinds, e.g. page_access(EMPLOYER).

    Strangers are led to the entrances (the gate has done so already), other kinds are refused with 403. Write it
    directly below the route; a test demands it of every page.
    """

    def keep(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if current_actor().kind not in kinds:
                raise Forbidden(_("This page belongs to another workplace. Please go to the start page."))
            return view(*args, **kwargs)

        checked.page_kinds = kinds  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return keep


def page_kinds(view: Any) -> tuple[str, ...]:
    """The kinds of account that a view function is open to by page_access; () when it has none."""
    return getattr(view, "page_kinds", ())


def flash_refusals(target: Callable[..., str]) -> Callable[[View], View]:
    """On a POST that a rule refuses, show the refusal on the page `target(**view_args)` instead of an error page.

    Scope and permission refusals (404, 403) stay error pages. Write it below page_access.
    """

    def keep(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return view(*args, **kwargs)
            except (Conflict, Invalid, Throttled, TooLarge, UnsupportedMedia) as error:
                if request.method != "POST":
                    raise
                flash(refusal_text(error), "danger")
                return redirect(target(**kwargs))

        return guarded  # type: ignore[return-value]

    return keep


def refusal_text(error: AppError) -> str:
    """A refusal in one line; of wrong fields the texts of the fields."""
    if isinstance(error, Invalid):
        texts = [str(text) for texts in error.errors.values() for text in texts]
        return joined(dict.fromkeys(texts)) or error.message
    return error.message


def own_path(target: str | None) -> str | None:
    """The target if it is a path of this site, else None: whatever a browser sent leads to no stranger's page.

    Refused are also signs that a header cannot carry, and those that browsers skip or read as another sign.
    """
    if not target or not target.startswith("/") or "\\" in target or not target.isprintable():
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if target.startswith("//") or parts.scheme or parts.netloc else target


def door_of(address: str) -> str | None:
    """Through which entrance one comes to this page: its path tells, or `door` in an address that several share."""
    path, _mark, query = address.partition("?")
    named = parse_qs(query).get("door", [""])[0]
    return _DOORS.get(path.lstrip("/").split("/")[0]) or (named if named in _DOORS.values() else None)


def own_referrer() -> str | None:
    """The path of this site that the reader came from; None when that was elsewhere or cannot be told."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if came_from.netloc != request.host:
        return None
    return own_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def page_of_form(address: str) -> str | None:
    """The page to which the address of a form belongs: itself where it is a page as well, else the nearest one above.

    The page of a record stands beside its verdicts. None where there is no page above.
    """
    if _is_page(address):
        return address
    parts = address.strip("/").split("/")
    places = [[*parts[: parts.index("decide")], "show", parts[-2]]] if "decide" in parts[:-2] else []
    for end in range(len(parts) - 1, 0, -1):
        places += [parts[:end], [*parts[:end], ""], [*parts[:end], "list", ""]]
    return next((path for place in places if _is_page(path := "/" + "/".join(place))), None)


def _is_page(path: str) -> bool:
    ways = current_app.create_url_adapter(request)
    try:
        if ways is not None:
            ways.match(path, method="GET")
    except HTTPException:
        return False
    return ways is not None
