"""Online signings of one generated graduate: rows, claims, favorites and the events of their history."""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM
from app.base import clock
from app.base.sealed import stored
from app.documents.numbering import agreement_number, level_digit
from app.documents.texts.words import NEWEST
from app.roster.models import IN_FORCE, IN_REVIEW
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from trial.demo.generator.agreements import agreement_of, facts_of
from trial.demo.generator.paths import EARLIER, INVITE, LAST, WHEN_OVER, Outcomes, Step, pick_state, steps_to
from trial.demo.generator.people import Person
from trial.demo.generator.plan import Labels, Season, UnitPlan

COLUMNS: Final = (
    *("id", "state", "stage", "waits_for", "version", "number", "data", "level", "cohort", "invalid_since"),
    *("created_at", "updated_at"),
    *(
        "state_since",
        "province_id",
        "school_id",
        "department_id",
        "graduate_id",
        "employer_id",
        "agreement_type",
        "wording",
    ),
    *("valid_until", "review_mode", "rejected_from", "student", "snapshot", "signed_at"),
)
CLAIM_COLUMNS: Final = ("graduate_id", "workflow", "case_id", "kind")
FAVORITE_COLUMNS: Final = ("employer_id", "graduate_id", "cohort", "added_by", "created_at")

WORKFLOW: Final = "online_signing"
_CLAIMS: Final = {"dept_review": IN_REVIEW, "school_review": IN_REVIEW, "signed": IN_FORCE}
# How many units have invited a graduate, none to three: one for each graduate on average.
_COUNTS: Final = (0.24, 0.79, 0.945)

NextNumber = Callable[[int, int, int], int]  # school, cohort, level digit -> the next serial


@dataclass(slots=True)
class Event:
    """A row of the history before it has its place in the chain; the names are those of the table."""

    chain: int
    case_id: int
    event: str
    from_state: str | None
    to_state: str
    actor: str
    role: str
    at: datetime
    reason: str | None
    detail: dict[str, Any]
    seq: int = 0
    workflow: str = WORKFLOW
    actor_id: int | None = None
    source: str | None = None
    proof: dict[str, Any] | None = None


@dataclass(slots=True)
class Case:
    """One signing: the row, its claim and favorite, and what happened to it."""

    row: list[Any]
    claim: list[Any] | None
    favorite: list[Any]
    events: list[Event]


class Signer:
    """Invents the signings of graduates; keeps what is the same for all of them."""

    def __init__(
        self,
        units: Sequence[UnitPlan],
        labels: Labels,
        now: datetime,
        *,
        rng: Random,
        new_id: Callable[[], int],
        next_number: NextNumber,
        last: Outcomes = LAST,
    ) -> None:
        self.units, self.labels, self.now, self.rng = units, labels, now, rng
        self.new_id, self.next_number, self.last = new_id, next_number, last

    def signings_of(self, person: Person, season: Season, start: datetime) -> Iterator[Case]:
        """What units and the graduate did from `start` on, one signing after the other."""
        units = self.rng.sample(self.units, bisect(_COUNTS, self.rng.random()))
        for position, unit in enumerate(units, start=1):
            state = pick_state(self.last if position == len(units) else EARLIER, self.rng)
            if not season.is_current:
                state = WHEN_OVER.get(state, state)
            case = self._case(person, unit, state, start)
            start = min(case.events[-1].at + timedelta(hours=12), self.now)
            yield case

    def _case(self, person: Person, unit: UnitPlan, state: str, start: datetime) -> Case:
        days = self.rng.randint(7, 30)
        if state == "invited":  # still within its validity
            start = max(start, self.now - timedelta(days=days - 1))
        last_day = start.astimezone(clock.SHANGHAI).date() + timedelta(days=days)
        if state == "expired" and clock.end_of_day(last_day) > self.now:
            state = "declined"
        case_id = self.new_id()
        steps = steps_to(state, person.school.review_mode, self.rng)
        events = self._events(case_id, person, unit, steps, start, clock.end_of_day(last_day))
        letter = self._letter(person, unit, last_day)
        row = self._row(case_id, person, unit, letter, events)
        kind = _CLAIMS.get(events[-1].to_state)
        return Case(
            row=row,
            claim=[person.id, WORKFLOW, case_id, kind] if kind else None,
            favorite=[unit.id, person.id, person.cohort, unit.contact, start],
            events=events,
        )

    def _events(
        self,
        case_id: int,
        person: Person,
        unit: UnitPlan,
        steps: Sequence[Step],
        start: datetime,
        valid_until: datetime,
    ) -> list[Event]:
        names = {
            EMPLOYER: unit.contact,
            GRADUATE: person.values["name"],
            DEPARTMENT: person.department.name,
            SCHOOL: person.school.contact["name"],
        }
        events: list[Event] = []
        at, state = start, None
        for step in steps:
            hours = 1 + self.rng.random() * step.hours
            at = valid_until if step.event == "expire" else at + timedelta(seconds=int(hours * 3600))
            at = start if step is INVITE else min(at, self.now)
            name = names.get(step.role, SYSTEM.name)
            detail = dict(step.detail or {})
            events.append(
                Event(
                    *(person.school.id, case_id, step.event, state, step.to_state),
                    *(name, step.role, at, step.reason, detail),
                )
            )
            state = step.to_state
        return events

    def _letter(self, person: Person, unit: UnitPlan, last_day: date) -> Mapping[str, Any]:
        letter = unit.letters[int(self.rng.random() * len(unit.letters))]
        return {
            **letter,
            "position": {**letter["position"], "report_by": f"{person.cohort}-07-15"},
            "valid_until": last_day.isoformat(),
        }

    def _row(
        self, case_id: int, person: Person, unit: UnitPlan, letter: Mapping[str, Any], events: Sequence[Event]
    ) -> list[Any]:
        last = events[-1]
        by_event = {(event.event, event.to_state): event for event in events}
        accepted = next((event for event in events if event.event == "accept"), None)
        signed = by_event.get(("approve", "signed"))
        number, snapshot = None, None
        if signed is not None:
            number = self._number(person)
            content = agreement_of(person, unit, letter, events, number, self.labels)
            snapshot = stored(OnlineSigning.snapshot, content, case_id)
        return [
            *(
                case_id,
                *_place(last.to_state),
                len(events),
                number,
                _json(stored(OnlineSigning.data, letter, case_id)),
                person.level,
                person.cohort,
            ),
            *(person.removed_at, events[0].at, last.at, last.at),
            *(person.school.province_id, person.school.id, person.department.id, person.id, unit.id),
            *(person.school.agreement_type, NEWEST, clock.end_of_day(date.fromisoformat(letter["valid_until"]))),
            person.school.review_mode if accepted else None,
            last.from_state if last.event == "reject" else None,
            stored(OnlineSigning.student, facts_of(person), case_id) if accepted else None,
            *(snapshot, signed.at if signed else None),
        ]

    def _number(self, person: Person) -> str:
        digit = level_digit(person.education)
        serial = self.next_number(person.school.id, person.cohort, digit)
        return agreement_number(person.cohort, person.school.code, digit, serial)


def _place(state: str) -> tuple[str, str, str | None]:
    """The state and what the table says of it, as the engine would write it."""
    entered = ONLINE_SIGNING.state(state)
    return entered.name, entered.stage, entered.waits_for


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
