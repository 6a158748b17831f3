"""What the figures of employment are called and how each is defined: rates as the code table says, formula by cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_

from app.codes import queries as codes
from app.codes.cache import Entry
from app.statistics.counting import IN_REVIEW, REGISTERED, UNREGISTERED

TABLE: Final = "stat_metric"
COMPLETION: Final = ("03", "13", "26", "33", "43")  # 结业: no qualification, so outside the rates unless asked for
FORMULAS: Final[Mapping[str, str]] = {"2024": "M2024_ALL", "2021": "M2021_ALL"}
TOTAL, BASE, ALL_SIGNING = "total", "base", "signing"
_REGISTERED, CONFIRM = "M_REG", "M_CONFIRM"  # count more than codes
CONFIRMED: Final = "confirmed"  # under which those who have confirmed that they leave stand beside the codes
_CODE = "code:"

COUNTS: Final[Mapping[str, Any]] = {
    TOTAL: _("Graduates in all"),
    REGISTERED: _("Have registered"),
    UNREGISTERED: _("Not registered"),
    IN_REVIEW: _("In review"),
    BASE: _("Graduates in the rates"),
}
# Records, each once under its latest state, in the order in which schools read them.
SIGNING: Final[Mapping[str, Any]] = {
    "signed": _("Signed"),
    "waiting": _("Signing under review"),
    "rejected": _("Signing rejected"),
    "terminated": _("Terminated"),
    "termination_waiting": _("Termination under review"),
    "termination_rejected": _("Termination rejected"),
    "supplementary": _("Supplementary registrations"),
    "supplementary_waiting": _("Supplementary under review"),
    "supplementary_rejected": _("Supplementary rejected"),
    "declined": _("Declined by graduates"),
    "expired": _("Invitations not answered in time"),
    "termination_refused_by_graduate": _("Termination refused by the graduate"),
    "termination_refused_by_employer": _("Termination refused by the unit"),
}

# Numerators that are no list of codes.
_IN_WORDS: Final[Mapping[str, Any]] = {
    "M_RATE_OLD": _("All but those waiting for employment (not registered, 70*) and those who do not seek it (71, 72)"),
    _REGISTERED: _("Graduates with any approved destination"),
    CONFIRM: _("Graduates who confirmed when leaving"),
}


@dataclass(frozen=True)
class Metric:
    """One rate: whom its numerator counts; the denominator of all is the graduates in the rates."""

    entry: Entry

    @property
    def code(self) -> str:
        """As the code table has it."""
        return self.entry.code

    @property
    def label(self) -> str:
        """As the code table has it."""
        return self.entry.label

    @property
    def definition(self) -> str:
        """Numerator over denominator, as people read it beside the number."""
        return f"{_IN_WORDS.get(self.code, self.numerator)} ÷ {self.entry.extra.get('denominator', '')}"

    @property
    def numerator(self) -> str:
        """The codes that count, `10*` being the code and all below it; or who counts, in words."""
        return str(self.entry.extra.get("numerator", ""))

    @cached_property
    def counts(self) -> Callable[[str], bool]:
        """Whether a graduate with this code of their current destination is in the numerator."""
        exact, below = self._parts
        if self.of_all_but:
            return lambda code: not code.startswith(below)
        return lambda code: code in exact or (bool(below) and code.startswith(below))

    def condition(self, code: Any) -> ColumnElement[bool]:
        """The same over a column; the graduate has a current destination."""
        exact, below = self._parts
        named = or_(code.in_(exact), *(code.startswith(one, autoescape=True) for one in below))
        registered: ColumnElement[bool] = code.is_not(None)
        if self.code == _REGISTERED:
            return registered
        return registered & ~named if self.of_all_but else registered & named

    def of(self, counted: Mapping[str, int]) -> int:
        """How many the numerator holds; `counted`: code of the current destination, or CONFIRMED → graduates."""
        if self.code == CONFIRM:
            return counted.get(CONFIRMED, 0)
        if self.code == _REGISTERED:
            return sum(counted.values()) - counted.get(CONFIRMED, 0)
        counts = self.counts
        return sum(number for code, number in counted.items() if code != CONFIRMED and counts(code))

    @property
    def is_counted(self) -> bool:
        """Whether anything here can be in its numerator yet."""
        return self.code in (_REGISTERED, CONFIRM) or any(self._parts)

    @property
    def of_all_but(self) -> bool:
        """Whether all destinations count but those named. Whoever has registered none waits for employment."""
        return self.numerator.startswith("total-")

    @cached_property
    def _parts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if self.of_all_but:
            return (), tuple(self.numerator.split("-")[1:])
        named = [one.strip() for one in self.numerator.split(",")]
        plain = tuple(one for one in named if one.isalnum() and one.isascii())
        return plain, tuple(one[:-1] for one in named if one.endswith("*") and one[:-1].isalnum())


def metrics() -> dict[str, Metric]:
    """Every rate by its code, in the order of the code table."""
    return {entry.code: Metric(entry) for entry in codes.entries(TABLE)}


def part_of(figure: str, counted: Mapping[str, int]) -> int:
    """How many a rate, or a single code (`code:12`), counts."""
    code = code_of(figure)
    return counted.get(code, 0) if code else metrics()[figure].of(counted)


def code_of(figure: str) -> str:
    """The code of which a figure tells; "" for figures of more."""
    return figure.removeprefix(_CODE) if figure.startswith(_CODE) else ""


def formula_of(cohort: int) -> str:
    """The formula by which a cohort is told: from 2024届 on the second, before it the first."""
    return "2024" if cohort >= 2024 else "2021"


def parts_of(formula: str, known: Iterable[str]) -> list[str]:
    """The rates that a formula is told in: the whole and then its parts."""
    return [code for code in known if code.startswith(f"M{formula}_")]


def rate(part: int, base: int) -> str | None:
    """The share in percent with two decimals, half up; None of nobody."""
    if not base:
        return None
    hundredths = (20_000 * part + base) // (2 * base)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def name_of(figure: str) -> str:
    """What a figure is called."""
    known = {**COUNTS, **SIGNING, ALL_SIGNING: _("Signings in all")}
    if figure in known:
        return str(known[figure])
    return codes.label("destination", code_of(figure)) if code_of(figure) else metrics()[figure].label
