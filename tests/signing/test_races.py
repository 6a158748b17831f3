"""Eight people press at once: one success, clear refusals for the others, and every promise of the database kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, cycle, islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import Conflict
from app.employers.models import Favorite
from app.roster.models import Claim, Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine, history
from app.workflow.models import History, OutboxMessage
from tests.house.promises import check_promises
from tests.signing.race import Press, Result, at_once
from tests.signing.stage import Stage, fire, invite, keep, letter, user

PEOPLE = 8
ROUNDS = 2
WITHDRAW, DECLINE = {"reason": "岗位取消"}, {"reason": "另有去向"}
REJECT, VOID = {"reason_code": "9", "reason": "信息有误"}, {"reason": "双方协商一致"}


@pytest.fixture
def stage(app_context: Flask) -> Stage:
    """employer1, a graduate of a department of 10001, and their reviewers."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


@pytest.fixture(autouse=True)
def _everything_holds(app: Flask, database: str) -> Iterator[None]:
    """After each race the chain of the history is whole, the claims are right, and the graduates are free again."""
    yield
    with app.app_context():
        check_promises()
        _clean_up()
        session.remove()


def _clean_up() -> None:
    for graduate in session.scalars(select(Graduate).where(Graduate.invalid_since.is_not(None))).all():
        if graduate.id in {case.graduate_id for case in session.scalars(select(OnlineSigning))}:
            set_roster_presence(graduate.id, present=True, actor=SYSTEM)
    schools = {school_id: user(f"school{code}") for school_id, code in _school_codes()}
    people = {user(name).graduate_id: user(name) for name in ("graduate1", "graduate7", "graduate8")}
    for case in session.scalars(select(OnlineSigning)).all():
        if case.state == "signed":
            fire(case, "void", schools[case.school_id], **VOID)
        elif case.state in ("dept_review", "school_review"):
            fire(case, "reject", schools[case.school_id], **REJECT) if case.state == "school_review" else fire(
                case, "abort", people[case.graduate_id]
            )
        elif case.state == "invited":
            fire(case, "decline", people[case.graduate_id])


def _school_codes() -> list[tuple[int, str]]:
    return [tuple(row) for row in session.execute(text("SELECT id, code FROM schools"))]


def _press(case: OnlineSigning, event: str, actor: Actor, version: int | None = None, **data: Any) -> Press:
    return lambda: engine.fire("online_signing", case.id, event, actor=actor, data=data, version=version).state


def _removal(graduate_id: int) -> Press:
    return lambda: set_roster_presence(graduate_id, present=False, actor=SYSTEM).invalid_since


def _eight(*presses: Press) -> list[Press]:
    """Eight presses: the given ones in turn."""
    return list(islice(cycle(presses), PEOPLE))


def _check_one_winner(results: list[Result]) -> Any:
    """One success; the others are told in a Conflict, with a message that is no program text. Returns the success."""
    won = [result.value for result in results if result.refusal is None]
    lost = [result.refusal for result in results if result.refusal is not None]
    assert len(won) == 1, [str(one) for one in (*won, *lost)]
    for refusal in lost:
        assert isinstance(refusal, Conflict)
        assert len(refusal.message) > 8
    return won[0]


# Where the case stands -> what is pressed, by whom. Every event of the table that a person fires, alone and against
# each event that could take the state away from under it.
RACES: dict[str, tuple[str, Callable[[Stage, OnlineSigning], list[Press]], set[str]]] = {
    "accept": (
        "invited",
        lambda s, c: _eight(_press(c, "accept", s.graduate)),
        {"dept_review"},
    ),
    "decline": ("invited", lambda s, c: _eight(_press(c, "decline", s.graduate)), {"declined"}),
    "withdraw": ("invited", lambda s, c: _eight(_press(c, "withdraw", s.employer, **WITHDRAW)), {"withdrawn"}),
    "accept or decline": (
        "invited",
        lambda s, c: _eight(_press(c, "accept", s.graduate), _press(c, "decline", s.graduate, **DECLINE)),
        {"dept_review", "declined"},
    ),
    "accept or withdraw": (
        "invited",
        lambda s, c: _eight(_press(c, "accept", s.graduate), _press(c, "withdraw", s.employer, **WITHDRAW)),
        {"dept_review", "withdrawn"},
    ),
    "abort": ("dept_review", lambda s, c: _eight(_press(c, "abort", s.graduate)), {"aborted"}),
    "abort or approve": (
        "dept_review",
        lambda s, c: _eight(_press(c, "abort", s.graduate), _press(c, "approve", s.department)),
        {"aborted", "school_review"},
    ),
    "abort or reject": (
        "dept_review",
        lambda s, c: _eight(_press(c, "abort", s.graduate), _press(c, "reject", s.department, **REJECT)),
        {"aborted", "rejected"},
    ),
    "approve by the department": (
        "dept_review",
        lambda s, c: _eight(_press(c, "approve", s.department)),
        {"school_review"},
    ),
    "approve by the school": ("school_review", lambda s, c: _eight(_press(c, "approve", s.school)), {"signed"}),
    "approve or reject": (
        "school_review",
        lambda s, c: _eight(_press(c, "approve", s.school), _press(c, "reject", s.school, **REJECT)),
        {"signed", "rejected"},
    ),
    "void": ("signed", lambda s, c: _eight(_press(c, "void", s.school, **VOID)), {"voided"}),
    "void or terminate": (
        "signed",
        lambda s, c: _eight(_press(c, "void", s.school, **VOID), _press(c, "terminate", SYSTEM)),
        {"voided", "terminated"},
    ),
    "edit_category": (
        "signed",
        lambda s, c: _eight(_press(c, "edit_category", s.school, category="21")),
        {"signed"},
    ),
    "void or edit_category of one page": (
        "signed",
        lambda s, c: _eight(
            _press(c, "void", s.school, c.version, **VOID),
            _press(c, "edit_category", s.school, c.version, category="21"),
        ),
        {"voided", "signed"},
    ),
}


@pytest.mark.parametrize("race", RACES)
def test_one_of_eight_succeeds(app: Flask, stage: Stage, race: str) -> None:
    start, presses, ends = RACES[race]
    for _ in range(ROUNDS):
        case = stage.bring(start)
        rows = _rows(case)
        session.remove()
        state = _check_one_winner(at_once(app, presses(stage, case)))
        assert state in ends
        assert _state(case) == state
        assert _rows(case)[0] == rows[0] + 1
        _clean_up()


def test_void_and_edit_category_without_a_page_never_lose_each_other(app: Flask, stage: Stage) -> None:
    """Through the API no version is sent: both may happen, but the voided one is never edited afterwards."""
    for _ in range(ROUNDS):
        case = stage.bring("signed")
        session.remove()
        presses = _eight(
            _press(case, "void", stage.school, **VOID), _press(case, "edit_category", stage.school, category="21")
        )
        results = at_once(app, presses)
        assert [r.value for r in results].count("voided") == 1
        assert [r.value for r in results].count("signed") <= 1
        assert _state(case) == "voided"


def test_one_agreement_number_and_one_document_for_eight_approvals(app: Flask, stage: Stage) -> None:
    case = stage.bring("school_review")
    last = "SELECT coalesce(sum(last), 0) FROM agreement_serials"
    before = session.scalar(text(last))
    session.remove()
    at_once(app, _eight(_press(case, "approve", stage.school)))
    assert session.scalar(text(last)) == before + 1
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.case_id == case.id))
    posted = [message.kind for message in told if message.payload.get("event") == "approve"]
    assert posted.count("document") == 1
    assert posted.count("ems") == 1


def test_many_cases_of_one_school_get_numbers_without_gap_or_double(app: Flask, app_context: Flask) -> None:
    """Eight events on different cases wait for nobody but the chain, whatever their order."""
    school = user("school10002")
    cases = []
    for name in ("graduate7", "graduate8"):
        cases.append(invite(user("employer1"), user(name)))
        fire(cases[-1], "accept", user(name))
    session.remove()
    ids = [case.id for case in cases]
    presses: list[Press] = [
        lambda order=order: [o.ok for o in engine.fire_many("online_signing", order, "approve", actor=school)]
        for order in islice(cycle((ids, ids[::-1])), PEOPLE)
    ]
    results = at_once(app, presses)
    assert sum(chain.from_iterable(result.value for result in results)) == len(cases)
    numbers = list(session.scalars(select(OnlineSigning.number).where(OnlineSigning.id.in_(ids))))
    assert len(set(numbers)) == len(cases)


def test_one_unit_invites_a_graduate_once(app: Flask, stage: Stage) -> None:
    """Both users of the unit press four times each (R6.8)."""
    keep(stage.employer, stage.graduate)
    units = (stage.employer, user("employer1b"))
    session.remove()
    for _ in range(ROUNDS):
        presses: list[Press] = [
            lambda actor=actor: invite_graduates([stage.graduate.graduate_id], letter(), actor=actor)
            for actor in islice(cycle(units), PEOPLE)
        ]
        results = at_once(app, presses)
        made = [result.value.created for result in results if result.value and result.value.created]
        assert len(made) == 1
        for result in results:
            codes = [refusal.code for refusal in result.value.refused] if result.value else [result.refusal.code]
            assert codes in ([], ["already_invited"], ["raced"])
        _clean_up()


def test_one_graduate_is_kept_once(app: Flask, stage: Stage) -> None:
    graduate = session.get_one(Graduate, user("graduate3").graduate_id, options=Graduate.eager_options())
    from app.employers.favorites.services import add_favorite

    wanted = {"name": graduate.name, "id_number": graduate.id_number, "school": graduate.school.name}
    session.remove()
    results = at_once(app, [lambda: add_favorite(wanted, actor=stage.employer)[1]] * PEOPLE)
    assert sorted(result.value for result in results) == [False] * (PEOPLE - 1) + [True]
    count = select(func.count()).select_from(Favorite).where(Favorite.graduate_id == graduate.id)
    assert session.scalar(count) == 1


def test_of_two_units_one_is_accepted(app: Flask, stage: Stage) -> None:
    """A graduate presses on two invitations in two windows: bound to one, the other can only be read (R7.1)."""
    for _ in range(ROUNDS):
        ours, theirs = invite(stage.employer, stage.graduate), invite(user("employer2"), stage.graduate)
        session.remove()
        results = at_once(app, _eight(_press(ours, "accept", stage.graduate), _press(theirs, "accept", stage.graduate)))
        _check_one_winner(results)
        assert sorted((_state(ours), _state(theirs))) == ["dept_review", "invited"]
        assert session.scalar(select(func.count()).select_from(Claim)) == 1
        _clean_up()


def test_roster_removal_and_acceptance_never_wait_for_each_other(app: Flask, stage: Stage) -> None:
    """Accepted before or refused after, but always 失效 in the end, and nobody is left waiting (R4.7)."""
    for _ in range(ROUNDS):
        case = invite(stage.employer, stage.graduate)
        session.remove()
        results = at_once(app, _eight(_removal(case.graduate_id), _press(case, "accept", stage.graduate)))
        assert all(result.refusal is None for result in results[::2])
        accepted = [result for result in results[1::2] if result.refusal is None]
        assert len(accepted) <= 1
        assert {result.refusal.code for result in results[1::2] if result.refusal} <= {"invalid", "wrong_state"}
        assert _state(case) == ("dept_review" if accepted else "invited")
        assert session.scalar(select(OnlineSigning.invalid_since).where(OnlineSigning.id == case.id)) is not None
        _clean_up()


def test_no_invitation_slips_past_a_roster_removal(app: Flask, stage: Stage) -> None:
    keep(stage.employer, stage.graduate)
    session.remove()
    graduate_id = stage.graduate.graduate_id
    send: Press = lambda: invite_graduates([graduate_id], letter(), actor=stage.employer)  # noqa: E731
    for _ in range(ROUNDS):
        results = at_once(app, _eight(_removal(graduate_id), send))
        for result in results[1::2]:
            if result.value:
                assert {refusal.code for refusal in result.value.refused} <= {"invalid", "already_invited"}
        alive = select(func.count()).where(
            OnlineSigning.graduate_id == graduate_id,
            OnlineSigning.state == "invited",
            OnlineSigning.invalid_since.is_(None),
        )
        assert session.scalar(alive) == 0
        session.rollback()
        set_roster_presence(graduate_id, present=True, actor=SYSTEM)
        _clean_up()


@pytest.mark.parametrize(
    ("change", "index"),
    [
        ("state = 'invited', stage = 'offered'", "uq_online_signings_live"),
        ("state = 'school_review', stage = 'review'", "uq_online_signings_(live|binding)"),
        (
            "employer_id = (SELECT max(id) FROM employers), state = 'school_review', stage = 'review'",
            "uq_online_signings_binding",
        ),
    ],
)
def test_the_database_itself_refuses_a_second_signing(stage: Stage, change: str, index: str) -> None:
    """Even a mistake of the program could not write it."""
    old = stage.bring("declined")
    stage.bring("dept_review")
    with pytest.raises(IntegrityError, match=index):
        session.execute(text(f"UPDATE online_signings SET {change} WHERE id = :id"), {"id": old.id})
    session.rollback()


def test_the_database_itself_refuses_a_signing_without_number(stage: Stage) -> None:
    case = stage.bring("dept_review")
    with pytest.raises(IntegrityError, match="signed_has_number"):
        session.execute(
            text("UPDATE online_signings SET state = 'signed', stage = 'in_force' WHERE id = :id"), {"id": case.id}
        )
    session.rollback()


@pytest.mark.parametrize("column", ["reason", "actor", "to_state"])
def test_a_change_behind_the_programs_back_is_found(stage: Stage, column: str) -> None:
    """The database refuses to change the past; whoever switches that off is found out by the chain (R11.2)."""
    case = stage.bring("withdrawn")
    last = session.scalar(select(func.max(History.id)).where(History.case_id == case.id))
    before = session.scalar(select(getattr(History, column)).where(History.id == last))
    change = text(f"UPDATE history SET {column} = :value WHERE id = :id")
    with pytest.raises(ProgrammingError, match="can only be added"):
        session.execute(change, {"value": "signed", "id": last})
    session.rollback()
    for value, found in (("signed", [last]), (before, [])):
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(change, {"value": value, "id": last})
        session.commit()
        session.expire_all()
        assert [broken.history_id for broken in history.broken_links()] == found


def _state(case: OnlineSigning) -> str:
    session.rollback()
    return str(session.scalar(select(OnlineSigning.state).where(OnlineSigning.id == case.id)))


def _rows(case: OnlineSigning) -> tuple[int, int]:
    session.rollback()
    steps = session.scalar(select(func.count()).where(History.case_id == case.id))
    posts = session.scalar(select(func.count()).where(OutboxMessage.case_id == case.id))
    return steps or 0, posts or 0
