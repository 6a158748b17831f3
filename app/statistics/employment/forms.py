"""What an address asks of the figures of employment: the same parameters for pages, downloads and API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.cohorts import current_cohort, shown_cohorts
from app.base.errors import Malformed
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.people import is_figure
from app.statistics.employment.words import FORMULAS, UNREGISTERED, formula_of
from app.statistics.groups import GROUPINGS, first_grouping
from app.statistics.queries import place_visible_to

MOST_GROUPINGS: Final = 3
PARAMETERS: Final = (
    *("cohort", "by", "school", "department", "formula", "include", "key", "without", "figure", "page", "page_size"),
)


def asked_of(args: Any, cohort: int | None = None, *, actor: Actor) -> Asked:
    """What the parameters ask for, in the actor's scope; raises Malformed and NotFound. `args`: as of a request."""
    place = place_visible_to(actor, args.get("school", ""), args.get("department", ""))
    fallback = "major" if place.department else "department" if place.school else first_grouping(actor)
    by = tuple(filter(None, [*(args.get("by") or fallback).split(","), args.get("then")]))
    if not 1 <= len(by) <= MOST_GROUPINGS or len(set(by)) < len(by) or not set(by) <= set(GROUPINGS):
        raise Malformed(_("The figures can be grouped by: %(names)s.", names=", ".join(GROUPINGS)))
    return Asked(cohort or asked_cohort(args), by, place, _completion(args), _keys(args, by))


def refuse_unknown(args: Mapping[str, str]) -> None:
    """Raise Malformed for a parameter that nothing reads: whoever mistypes one must not take the answer for theirs."""
    if set(args) - set(PARAMETERS):
        names = ", ".join(sorted(PARAMETERS))
        raise Malformed(_("There is no such parameter. There are: %(names)s.", names=names), "unknown_parameter")


def asked_cohort(args: Mapping[str, str]) -> int:
    """The cohort that the address names, or the current one."""
    text = args.get("cohort")
    if text is None:
        return current_cohort()
    if text not in {str(cohort) for cohort in shown_cohorts()}:
        raise Malformed(_("There is no such cohort to show."))
    return int(text)


def asked_formula(args: Mapping[str, str], cohort: int) -> str:
    """The formula that the address names, or that of the cohort."""
    formula = args.get("formula") or formula_of(cohort)
    if formula not in FORMULAS:
        raise Malformed(_("There is no such formula. There are: %(names)s.", names=", ".join(FORMULAS)))
    return formula


def asked_figure(args: Mapping[str, str]) -> str:
    """The figure that the address names."""
    figure = args.get("figure") or UNREGISTERED
    if not is_figure(figure):
        raise Malformed(_("There is no such figure."))
    return figure


def _completion(args: Mapping[str, str]) -> bool:
    wanted = args.get("include")
    if wanted not in (None, "", "completion"):
        raise Malformed(_("Only completion can be included."))
    return wanted == "completion"


def _keys(args: Any, by: tuple[str, ...]) -> tuple[str | None, ...] | None:
    """The line that the address names: one `key` a grouping; `without` holds the names of those without a value."""
    without, keys = set(filter(None, args.get("without", "").split(","))), iter(args.getlist("key"))
    if "key" not in args and not without:
        return None
    found = tuple(None if name in without else next(keys, "") for name in by)
    if not without <= set(by) or next(keys, None) is not None:
        raise Malformed(_("A line is named by one key for each grouping."))
    return found
