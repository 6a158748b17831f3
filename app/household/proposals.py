"""What the platform already knows of where archive and hukou go: proposals for the form, and what is copied and locked.

A signing in force brings the unit's letter: what it says of archive and hukou is copied and cannot be changed. A
registered destination proposes a type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.base.database import session
from app.household import types
from app.household.types import ARCHIVE, HUKOU, why_not_open
from app.roster.models import IN_FORCE, Graduate
from app.signing.online.guards import SIGNINGS
from app.workflow import engine, registry

# 单位性质 whose units mostly keep archives themselves; the others use an agency.
_KEEPS_ARCHIVES = frozenset(("10", "20", "21", "22", "23", "29", "31", "40"))
_USES_AGENCY = frozenset(("32", "39"))
_STILL_LOOKING = frozenset(("70", "71", "72"))  # destinations that lead nowhere yet
_UNITS = frozenset(
    ("10", "11", "12", "27", "46", "50", "51")
)  # destinations at a unit; self-employed and others go home
# Names under which the data of a destination may hold the school that has admitted the graduate.
_SCHOOL_NAMES = ("school", "school_name", "employer", "name")


@dataclass(frozen=True)
class Proposal:
    """A type and values for the form; `locked` holds what the unit's letter decides for the type of its own."""

    transfer_type: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    source: str = ""  # signing, destination, roster: said beside the form


@dataclass(frozen=True)
class Letter:
    """What the unit of the signing in force says: the unit's name, its archive and hukou parts, its place."""

    unit: str
    nature: str | None
    archive: Mapping[str, Any]
    hukou: Mapping[str, Any]
    region: str | None

    def accepts(self, kind: str) -> bool:
        """Whether the unit takes the archive or the hukou."""
        return bool((self.archive if kind == ARCHIVE else self.hukou).get("accept"))


def binding_case(graduate: Graduate) -> Any | None:
    """The signing or destination in force of a graduate, read by the name of its workflow; None without any."""
    claim = graduate.claim
    if claim is None or claim.kind != IN_FORCE:
        return None
    model: Any = registry.get(claim.workflow).model
    return session.scalar(select(model).where(model.id == claim.case_id).options(*engine.eager_options(model)))


def is_settled(graduate: Graduate) -> bool:
    """Whether a signing or a destination in force says where the graduate goes; 待就业 and its like do not."""
    case = binding_case(graduate)
    return case is not None and str((case.data or {}).get("type") or "")[:2] not in _STILL_LOOKING


def refusals(kind: str, graduate: Graduate, transfer_types: Iterable[str]) -> dict[str, Any]:
    """Those of the types that the graduate cannot choose, each with why, in words."""
    settled = is_settled(graduate)
    told = {code: why_not_open(kind, code, graduate.training_mode, settled=settled) for code in transfer_types}
    return {code: words for code, words in told.items() if words}


def letter_of(case: Any | None) -> Letter | None:
    """The unit's letter of a signing in force; None where the graduate is bound to something else or nothing."""
    if case is None or case.workflow_name not in SIGNINGS:
        return None
    data, frozen = case.data or {}, (getattr(case, "snapshot", None) or {}).get("employer") or {}
    unit = getattr(case, "employer", None)
    told = data.get("employer") or {}
    return Letter(
        unit=frozen.get("name") or told.get("name") or (unit.name if unit else ""),
        nature=frozen.get("nature_code") or told.get("nature") or (unit.nature if unit else None),
        archive=data.get("archive") or {},
        hukou=data.get("hukou") or {},
        region=(data.get("position") or {}).get("region"),
    )


def locked_values(kind: str, graduate: Graduate, transfer_type: str | None) -> dict[str, str]:
    """What the unit's letter decides for a type: copied into the record, and nothing else can be typed there."""
    letter = letter_of(binding_case(graduate)) if transfer_type == types.TO_UNIT else None
    if letter is None or not letter.accepts(kind):
        return {}
    told = letter.archive if kind == ARCHIVE else letter.hukou
    return {name: str(told[name]) for name in types.FIELDS[kind] if told.get(name)}


def proposal_for(kind: str, graduate: Graduate) -> Proposal:
    """What the form shows before anything has been typed."""
    case = binding_case(graduate)
    letter = letter_of(case)
    if letter is not None:
        return _by_unit(kind, graduate, letter)
    if case is not None:
        return _by_destination(kind, graduate, case.data or {})
    return _to_origin(kind, graduate, "roster")


def _by_unit(kind: str, graduate: Graduate, letter: Letter) -> Proposal:
    """The unit takes it; else by what kind of unit it is."""
    region = {"region": letter.region} if letter.region else {}
    if letter.accepts(kind):
        return Proposal(types.TO_UNIT, {**region, **locked_values(kind, graduate, types.TO_UNIT)}, "signing")
    return _by_nature(kind, graduate, letter.nature, letter.unit, "signing")


def _by_nature(kind: str, graduate: Graduate, nature: str | None, unit: str, source: str) -> Proposal:
    if kind == ARCHIVE and nature in _KEEPS_ARCHIVES:
        return Proposal(types.TO_UNIT, {"receiver": unit} if unit else {}, source)
    if kind == ARCHIVE and nature in _USES_AGENCY:
        return Proposal(types.TO_AGENCY, {}, source)
    return _to_origin(kind, graduate, source)


def _by_destination(kind: str, graduate: Graduate, told: Mapping[str, Any]) -> Proposal:
    code, data = str(told.get("type") or ""), told.get("data") or {}
    if code.startswith("80"):
        admitted = next((str(data[name]) for name in _SCHOOL_NAMES if data.get(name)), "")
        own = admitted == graduate.school.name
        if kind == ARCHIVE:
            values = {} if own else {"receiver": admitted, "region": str(data.get("region") or "")}
            values = {name: value for name, value in values.items() if value}
            return Proposal(types.TO_OWN_COLLEGE if own else types.TO_COLLEGE, values, "destination")
        return Proposal(types.TO_COLLEGE, {"region": data["region"]} if data.get("region") else {}, "destination")
    if code[:2] not in _UNITS:
        return _to_origin(kind, graduate, "destination")
    unit = str(data.get("employer") or data.get("name") or "")
    return _by_nature(kind, graduate, data.get("nature"), unit, "destination")


def _to_origin(kind: str, graduate: Graduate, source: str) -> Proposal:
    values = {"region": graduate.origin_region}
    if kind == HUKOU and graduate.address:
        values["address"] = graduate.address
    return Proposal(types.TO_ORIGIN, values, source)
