"""W4: every (state, event, kind of account), what is allowed beside what is refused (workflows, W4)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import KINDS, SYSTEM, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.termination.online.workflow import ONLINE_TERMINATION
from app.workflow import engine
from app.workflow.models import History, OutboxMessage
from tests.signing.stage import user
from tests.termination.stage import FORCE, OPEN, REJECT, STATES, TerminationStage, department_of

# The table of the specification, written down a second time: (state, event, kind) -> next state.
ALLOWED = {
    ("waiting_employer", "agree", "employer"): "dept_review",
    ("waiting_employer", "refuse", "employer"): "refused",
    ("waiting_employer", "withdraw", "graduate"): "withdrawn",
    ("waiting_employer", "force", "school"): "forced",
    ("waiting_graduate", "agree", "graduate"): "dept_review",
    ("waiting_graduate", "refuse", "graduate"): "refused",
    ("waiting_graduate", "withdraw", "employer"): "withdrawn",
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "reject", "department"): "rejected",
    ("school_review", "approve", "school"): "approved",
    ("school_review", "reject", "school"): "rejected",
}
EVENTS = ("agree", "refuse", "withdraw", "approve", "reject", "force")
DATA = {"refuse": {"reason": "请继续履行"}, "reject": REJECT, "force": FORCE}
# Which graduate plays which state: an agreement has one termination in progress.
CAST = {"waiting_employer": "graduate1", "waiting_graduate": "graduate2", "dept_review": "graduate3"}
CAST |= {"school_review": "graduate4", "forced": "graduate5", "approved": "graduate5"}
REST = "graduate6"  # refused, withdrawn, rejected: one agreement stands them all
USERS = {"operator": "operator", "province": "province11", "school": "school10001", "employer": "employer1"}
ENDS = ("approved", "forced")


class _UndoError(Exception):
    """Ends a block whose changes must not stay."""


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[str, int]:
    """One termination in every state."""
    with application.app_context():
        found = {state: TerminationStage(name).bring(state).id for state, name in CAST.items()}
        rest = TerminationStage(REST)
        signing = rest.sign()
        for state in ("refused", "withdrawn", "rejected"):
            found[state] = rest.bring(state, signing, by="employer").id
        session.remove()
    return found


def _actor(kind: str, state: str) -> Actor:
    graduate = CAST.get(state, REST)
    if kind == "system":
        return SYSTEM
    if kind == "graduate":
        return user(graduate)
    return user(department_of(graduate) if kind == "department" else USERS[kind])


def _rows_written() -> tuple[int, int]:
    history, outbox = (session.scalar(select(func.count()).select_from(model)) for model in (History, OutboxMessage))
    return history or 0, outbox or 0


@pytest.mark.parametrize("kind", [*KINDS, "system"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_triple_does_what_the_table_says(
    app_context: Flask, cases: dict[str, int], state: str, event: str, kind: str
) -> None:
    """An allowed event leads to the state of the table and leaves its history; a refused one leaves nothing."""
    actor = _actor(kind, state)
    expected = ALLOWED.get((state, event, kind))
    before = session.get_one(OnlineTermination, cases[state]).version
    rows = _rows_written()
    try:
        with transaction():
            if expected is None:
                with pytest.raises((Forbidden, Conflict)) as refusal:
                    engine.fire("online_termination", cases[state], event, actor=actor, data=DATA.get(event))
                assert isinstance(refusal.value, _refusal_for(event, kind))
                assert refusal.value.message
            else:
                case = engine.fire("online_termination", cases[state], event, actor=actor, data=DATA.get(event))
                assert case.state == expected
                # The end of an agreement is a step of the agreement as well.
                assert _rows_written()[0] == rows[0] + (2 if expected in ENDS else 1)
                assert _rows_written()[1] > rows[1]
                _check_agreement(case)
            raise _UndoError
    except _UndoError:
        pass
    session.expire_all()
    assert session.get_one(OnlineTermination, cases[state]).version == before
    assert _rows_written() == rows


def _check_agreement(case: OnlineTermination) -> None:
    """The agreement's own row shows what its newest termination has come to."""
    signing = session.get_one(OnlineSigning, case.signing_id)
    assert signing.state == ("terminated" if case.state in ENDS else "signed")
    shown = "open" if case.state in OPEN else "failed" if case.state in ("refused", "rejected") else None
    assert signing.termination == shown


def _refusal_for(event: str, kind: str) -> type[Exception]:
    """403 where the role can never fire the event, 409 where only the state is wrong (api.md, Errors)."""
    may_sometimes = any((event, kind) == (name, who) for _state, name, who in ALLOWED)
    return Conflict if may_sometimes else Forbidden


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*KINDS, "system"])
def test_available_events_are_those_that_can_be_fired(
    app_context: Flask, cases: dict[str, int], state: str, kind: str
) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    case = engine.load(ONLINE_TERMINATION, cases[state], actor=SYSTEM)
    expected = {event for (from_state, event, who) in ALLOWED if (from_state, who) == (state, kind)}
    assert set(engine.available(case, _actor(kind, state))) == expected


def test_the_table_names_every_state_and_event() -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in ONLINE_TERMINATION.states} == set(STATES)
    assert set(ONLINE_TERMINATION.events) == {"start", *EVENTS}


@pytest.mark.parametrize("kind", ["operator", "province", "school", "department"])
def test_staff_start_nothing(app_context: Flask, cases: dict[str, int], kind: str) -> None:
    """Only the two sides may ask for the end of their agreement."""
    signing = session.get_one(OnlineTermination, cases["refused"]).signing_id
    from app.termination.online.services import start_termination

    with pytest.raises(Forbidden):
        start_termination(signing, {"reason": "x"}, actor=_actor(kind, "refused"))
