"""What the rules look at: units with their live records, and single records, read once for all rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import String, case, func, literal, null, or_, select, union_all

from app.base.database import session
from app.destination.models import DESTINATION_UNIT, Destination
from app.documents.models import StoredFile
from app.employers.models import Employer, EmployerUser
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow.models import Timestamp
from app.workflow.stages import MOVING, Stage

LIVE: Final = (*MOVING, Stage.IN_FORCE)  # handed in or in force: an invitation that nobody has answered shows nothing
MOST: Final = 500  # records of one batch of units; what is beyond adds nothing to what is odd


class Record(NamedTuple):
    """One live record with its unit, in the words that are common to signings and destinations."""

    workflow: str
    id: int
    unit: str | None  # the credit code, else "#" and the id of the unit here
    unit_name: str | None
    graduate_id: int
    province_id: int
    school_id: int
    department_id: int
    level: str
    cohort: int
    begun_at: datetime
    signed_at: datetime | None
    starts: str | None  # the day on which the work begins, or the paper was signed
    pay: str | None  # yuan a month
    region: str | None

    @property
    def place(self) -> tuple[str, int]:
        return self.workflow, self.id


@dataclass
class Look:
    """One batch: what has changed, and what open signals are about. Filled by `look_at`."""

    codes: set[str] = field(default_factory=set)
    cases: set[tuple[str, int]] = field(default_factory=set)
    files: set[bytes] = field(default_factory=set)
    phones: set[bytes] = field(default_factory=set)
    addresses: set[tuple[str, str]] = field(default_factory=set)
    units: dict[str, Employer] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    browsers: tuple[dict[int, set[bytes]], dict[int, set[bytes]]] | None = None  # of units and graduates, once read

    def of_unit(self, code: str) -> list[Record]:
        """The unit's live records, the oldest first."""
        return [one for one in self.records if one.unit == code]

    def asked(self) -> list[Record]:
        """The records that were asked for one by one."""
        return [one for one in self.records if one.place in self.cases]

    def name_of(self, code: str) -> str:
        """As registered here, else as typed in the newest record."""
        if code in self.units:
            return self.units[code].name
        return next((one.unit_name or "" for one in reversed(self.records) if one.unit == code), "")


def look_at(look: Look) -> Look:
    """Read what the batch is about: its records, their units with all live records, files, phones and addresses."""
    single = _records(ids=look.cases) if look.cases else []
    look.codes |= {one.unit for one in single if one.unit}
    look.units = {code_of(unit): unit for unit in _units(look.codes)}
    found = {one.place: one for one in (*single, *records_of(look.units, look.codes))}
    look.records = sorted(found.values(), key=lambda one: (one.begun_at, one.id))
    look.files |= _digests(look.cases)
    ids = [unit.id for unit in look.units.values()]
    phones = select(EmployerUser.mobile_index).where(EmployerUser.employer_id.in_(ids))
    look.phones |= set(session.scalars(phones.where(EmployerUser.mobile_index.is_not(None))))
    look.addresses |= {(unit.region, unit.address) for unit in look.units.values() if unit.address}
    return look


def code_of(unit: Employer) -> str:
    """By what a unit is known here and in records that only name it."""
    return unit.uscc or f"#{unit.id}"


def _units(codes: Collection[str]) -> Sequence[Employer]:
    ids = [int(code[1:]) for code in codes if code.startswith("#")]
    return session.scalars(select(Employer).where(or_(Employer.uscc.in_(codes), Employer.id.in_(ids)))).all()


def records_of(units: dict[str, Employer], codes: Collection[str]) -> list[Record]:
    """All live records of these units, those of units that are not registered here too; one statement."""
    if not codes:
        return []
    return _records(ids=None, codes=codes, employer_ids=[unit.id for unit in units.values()])


def records_at(places: Iterable[tuple[str, int]]) -> list[Record]:
    """The live ones of these records; one statement."""
    return _records(ids=set(places))


def _records(
    *, ids: Collection[tuple[str, int]] | None, codes: Collection[str] = (), employer_ids: Collection[int] = ()
) -> list[Record]:
    parts = []
    for query, model, of_unit in (
        _online(employer_ids),
        _on_paper(OfflineSigning, codes),
        _on_paper(Supplementary, codes),
        _destinations(codes),
    ):
        chosen = of_unit if ids is None else model.id.in_([key for name, key in ids if name == model.workflow_name])
        live = query.where(chosen, model.stage.in_(LIVE), model.invalid_since.is_(None))
        parts.append(live.order_by(model.id.desc()).limit(MOST).subquery())
    every = union_all(*(select(part) for part in parts))
    return [Record(*row) for row in session.execute(every)]


def _columns(model: Any, unit: Any, name: Any) -> list[Any]:
    scope = (model.graduate_id, model.province_id, model.school_id, model.department_id, model.level, model.cohort)
    head = (literal(model.workflow_name, String).label("workflow"), model.id, unit.label("unit"), name.label("name"))
    return [*head, *scope, model.created_at]


def _position(model: Any) -> list[Any]:
    position = model.data["position"]
    return [
        model.signed_at,
        *(position[key].astext.label(key) for key in ("report_by", "salary_month", "region")),
    ]


def _online(employer_ids: Collection[int]) -> tuple[Any, Any, Any]:
    unit = func.coalesce(Employer.uscc, func.concat("#", Employer.id))
    query = select(*_columns(OnlineSigning, unit, Employer.name), *_position(OnlineSigning))
    query = query.join(Employer, Employer.id == OnlineSigning.employer_id)
    return query, OnlineSigning, OnlineSigning.employer_id.in_(employer_ids)


def _on_paper(model: Any, codes: Collection[str]) -> tuple[Any, Any, Any]:
    query = select(*_columns(model, model.unit_uscc, model.unit_name), *_position(model))
    return query, model, model.unit_uscc.in_(codes)


def _destinations(codes: Collection[str]) -> tuple[Any, Any, Any]:
    said = Destination.data["data"]
    monthly = case((said["pay_unit"].astext == "hour", null()), else_=said["pay"].astext)  # hours cannot be added up
    query = select(
        *_columns(Destination, DESTINATION_UNIT, said["employer"].astext),
        null().cast(Timestamp).label("signed_at"),
        said["signed_on"].astext.label("report_by"),
        monthly.label("salary_month"),
        said["region"].astext.label("region"),
    )
    return query, Destination, DESTINATION_UNIT.in_(codes)


def _digests(cases: Collection[tuple[str, int]]) -> set[bytes]:
    """Of the files that were handed in with these records."""
    if not cases:
        return set()
    names = {name for name, _id in cases}
    mine = or_(
        *(
            (StoredFile.workflow == name) & StoredFile.case_id.in_([key for one, key in cases if one == name])
            for name in names
        )
    )
    return set(session.scalars(select(StoredFile.sha256).where(mine, StoredFile.generated.is_(False))))


def day_of(text: str | None) -> date | None:
    """A day of a record's data; None where there is none that can be read."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
