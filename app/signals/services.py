"""The only writers of signals: the rules applied to what has changed and to what stands open, and offices' marks.

Nothing here changes a record, and nobody but its reviewers is told of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import case, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.access import audit
from app.access.actors import STAFF, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Invalid, NotFound
from app.company_register.queries import state_of
from app.employers.models import Employer
from app.signals.models import VERDICTS, Signal, SignalCursor, SignalMark, SignalRecord
from app.signals.queries.shown import MODULE, VIEW, office_of, signal_for
from app.signals.queries.units import Finding, Unknown
from app.signals.records import Look, code_of, look_at
from app.signals.rules import RULES, Rule
from app.workflow.models import Event

EVENTS: Final = 200  # of one batch
SUBJECTS: Final = 40
MOST_RECORDS: Final = 200  # that one signal keeps; the numbers tell the rest
ASKED: Final = 20  # units about which the register is asked for one batch
_LOCK: Final = 0x5EED0003
_AGAIN: Final = timedelta(hours=6)


def follow(limit: int = EVENTS) -> int:
    """Look at the records and units of the events that are new; run by the clock. Returns how many events.

    A batch and the place behind it are one transaction: a worker that dies leaves both as they were, and two that run
    at once do the same work once.
    """
    with transaction():
        begun = session.scalar(select(SignalCursor.event_id)) or 0
        look, last, count = _changed(begun, limit)
    if not count:
        return 0
    _ask_register(look.codes)
    with transaction():
        session.execute(insert(SignalCursor).values(id=1, event_id=0).on_conflict_do_nothing())
        place = session.get_one(SignalCursor, 1, with_for_update=True, populate_existing=True)
        if place.event_id != begun:
            return 0  # another worker was faster
        apply_rules(look)
        place.event_id = last
    return count


def _changed(begun: int, limit: int) -> tuple[Look, int, int]:
    columns = (Event.id, Event.workflow, Event.case_id, Event.employer_id)
    rows = session.execute(select(*columns).where(Event.id > begun).order_by(Event.id).limit(limit)).all()
    look = Look(cases={(row.workflow, row.case_id) for row in rows})
    ids = {row.employer_id for row in rows if row.employer_id}
    units = session.scalars(select(Employer).where(Employer.id.in_(ids))) if ids else ()
    look.codes |= {code_of(unit) for unit in units}
    look_at(look)
    return look, rows[-1].id if rows else begun, len(rows)


def look_again(limit: int = SUBJECTS) -> int:
    """Look at open signals that nobody has looked at for hours: what no longer holds closes. Returns how many."""
    with transaction():
        old = Signal.looked_at < clock.now() - _AGAIN
        query = select(Signal).where(Signal.closed_at.is_(None), old).order_by(Signal.looked_at).limit(limit)
        look = Look()
        found = session.scalars(query).all()
        for signal in found:
            _add_subject(look, signal)
        ids = [signal.id for signal in found]
        look_at(look)
    if not found:
        return 0
    _ask_register(look.codes)
    with transaction():
        apply_rules(look)
        # What nobody was asked about, e.g. of a rule that is gone, is not asked again at once.
        session.execute(update(Signal).where(Signal.id.in_(ids)).values(looked_at=clock.now()))
    return len(ids)


def _add_subject(look: Look, signal: Signal) -> None:
    kind, _colon, rest = signal.subject.partition(":")
    if kind == "unit":
        look.codes.add(rest)
    elif kind == "file":
        look.files.add(bytes.fromhex(rest))
    elif kind == "phone":
        look.phones.add(bytes.fromhex(rest))
    elif kind == "address":
        region, _colon, address = rest.partition(":")
        look.addresses.add((region, address))
    else:
        look.cases.add((kind, int(rest)))


def _ask_register(codes: Iterable[str]) -> None:
    """What the register answers is kept for a day; asked outside of any transaction, and of a few units at a time."""
    for code in sorted(codes)[:ASKED]:
        if not code.startswith("#"):
            state_of(code)


def apply_rules(look: Look) -> None:
    """Every rule over one batch, in the running transaction; doing it twice changes nothing but when it was looked at."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK}
    )  # batches never wait for each other crosswise
    for rule in RULES:
        asked = rule.subjects(look)
        if asked:
            _keep(rule, asked, list(rule.find(look, rule.limits_in_force())))


def _keep(rule: Rule, asked: set[str], found: list[Finding | Unknown]) -> None:
    now = clock.now()
    findings = {one.subject: one for one in found if isinstance(one, Finding)}
    untold = {one.subject for one in found if isinstance(one, Unknown)}
    mine = (Signal.rule == rule.name, Signal.closed_at.is_(None))
    over = asked - findings.keys() - untold
    session.execute(update(Signal).where(*mine, Signal.subject.in_(over)).values(closed_at=now, looked_at=now))
    for subject in sorted(findings):
        _keep_one(rule, findings[subject])


def _keep_one(rule: Rule, one: Finding) -> None:
    now = clock.now()
    values = {"severity": rule.severity, "facts": dict(one.facts), "units": list(one.units), "looked_at": now}
    since = case((Signal.closed_at.is_(None), Signal.found_at), else_=now)
    new = insert(Signal).values(rule=rule.name, subject=one.subject, found_at=now, **values)
    signal_id = session.scalar(
        new.on_conflict_do_update(
            index_elements=("rule", "subject"),
            set_={**values, "closed_at": None, "found_at": since},
        ).returning(Signal.id)
    )
    session.execute(delete(SignalRecord).where(SignalRecord.signal_id == signal_id))
    rows = [
        {
            "signal_id": signal_id,
            "workflow": record.workflow,
            "case_id": record.id,
            **{name: getattr(record, name) for name in ("province_id", "school_id", "department_id", "level")},
        }
        for record in one.records[-MOST_RECORDS:]
    ]
    if rows:
        session.execute(insert(SignalRecord).values(rows))


def mark(signal_id: int, verdict: str, note: str, *, actor: Actor) -> SignalMark:
    """Say what the actor's office holds of a signal; a later word takes the place of the earlier one.

    Called by reviewers. Raises NotFound, Forbidden, Invalid. No record changes by it.
    """
    with transaction():
        signal = signal_for(signal_id, actor)
        if signal is None:
            raise NotFound()
        require(actor, "can_mark", VIEW, kinds=STAFF, module=MODULE)
        if verdict not in VERDICTS:
            raise Invalid({"verdict": [_("Please choose what you hold of it.")]})
        note = note.strip()
        if len(note) > 500 or "\x00" in note:
            raise Invalid({"note": [_("Please write at most 500 characters.")]})
        values: dict[str, Any] = {"verdict": verdict, "note": note, "marked_by": actor.name, "marked_at": clock.now()}
        new = insert(SignalMark).values(signal_id=signal.id, rule=signal.rule, **office_of(actor), **values)
        kept = new.on_conflict_do_update(index_elements=("signal_id", "province_id", "school_id"), set_=values)
        found = session.scalars(kept.returning(SignalMark), execution_options={"populate_existing": True}).one()
        audit.record("signal_marked", actor=actor, subject=f"{VIEW} {signal.id}", detail=_told(signal, values))
    return found


def _told(signal: Signal, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"rule": signal.rule, "verdict": values["verdict"], "note": values["note"]}
