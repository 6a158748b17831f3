"""What happens to the records of the living demonstration: each story is one record, step by step, through the services."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, Final

from PIL import Image, ImageDraw
from werkzeug.datastructures import FileStorage

from app.access.actors import SYSTEM, Actor
from app.base import clock
from app.base.cohorts import current_cohort
from app.base.database import session
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.destination.catalogue import all_types
from app.destination.dictionary import schema_of
from app.employers.favorites.services import add_favorite
from app.leaving.dispatch.queries import dispatch_of
from app.leaving.dispatch.ways import EMS
from app.passcodes.acts import Act
from app.roster.models import Graduate
from app.schools.seasons.queries import leaving_window
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine, registry
from trial.demo.codes import lay_code

_CODE: Final = "202706"
_POSTS: Final = ("软件工程师", "结构工程师", "管理培训生", "教研专员", "财务专员", "质量工程师", "产品经理", "编辑")

Story = Iterator[float]  # the first: days from now to its beginning; then days to the next step


@dataclass(frozen=True)
class Unit:
    """A unit as it was registered, and who acts for it."""

    facts: dict[str, Any]
    actor: Actor


@dataclass(frozen=True)
class Person:
    """A graduate with an account, and who reviews their records."""

    actor: Actor
    graduate_id: int
    name: str
    id_number: str
    school_name: str
    reviewers: tuple[Actor, ...]


def stories(people: Sequence[Person], units: Sequence[Unit], rng: Random) -> Iterator[tuple[Person, Story]]:
    """Every record of the living part with whose it is: one for two people in three, in every workflow."""
    crowd = list(people)
    rng.shuffle(crowd)
    drawn = iter(crowd)
    for number, way in enumerate(_SIGNINGS * 3):
        person = next(drawn)
        yield person, _signing(units[number % 6], person, way, rng)
    for number, way in enumerate(_REVIEWS * 6):
        person = next(drawn)
        yield person, _destination(units[number % 6], person, way, _TYPES[number % len(_TYPES)], rng)
    for way in ("approved", "draft", "waiting") * 2:
        person = next(drawn)
        yield person, _changed(person, way, rng)
    for number, way in enumerate(_REVIEWS * 2):
        person = next(drawn)
        yield person, _household("archive" if number % 2 else "hukou", person, way, rng)
    papers = [(_PAPERS[number % 2], way, "") for number, way in enumerate(_REVIEWS)]
    papers += [("offline_signing", way, "") for way in _COPIES]
    papers += [(workflow, "signed", end) for workflow in _PAPERS for end in _ENDS * 2]
    for workflow, way, end in papers:
        person = next(drawn)
        yield person, _on_paper(workflow, person, way, end, rng)


_PAPERS: Final = ("offline_signing", "supplementary")
# What becomes of the stamped copy, and of agreements on paper that somebody wants to end.
_COPIES: Final = (
    *("signed",) * 4,
    *("copy_waiting",) * 4,
    "copy_halfway",
    "copy_returned",
    "copy_rejected",
    "copy_voided",
)
_ENDS: Final = ("draft", "waiting", "halfway", "returned", "rejected", "mutual", "unilateral")
_SIGNINGS: Final = (
    *("signed",) * 13,
    *("waiting",) * 8,
    *("invited",) * 5,
    *("declined", "declined", "expired", "withdrawn", "aborted", "rejected", "voided"),
    *("ending", "ending", "asked", "ended", "refused", "taken_back", "objected"),
    *("amending", "amended"),
)
# What becomes of a leaving confirmation; "" where nobody has begun one.
_LEAVING: Final = ("confirmed", "confirmed", "archive", "archive", "open", "reported", "answered", "")
_REVIEWS: Final = (*("approved",) * 9, *("waiting",) * 6, "draft", "draft", "returned", "returned", "rejected")
_TYPES: Final = ("70", "801", "71", "76", "802", "85", "11")
_RETURNED: Final = {
    "destination": {"reason": "请与证明材料核对后重新提交", "fields": {"type": "与证明材料不一致"}},
    "archive": {"reason": "地址不完整", "fields": {"address": "请写到门牌号"}},
    "hukou": {"reason": "地址不完整", "fields": {"address": "请写到门牌号"}},
    "supplementary": {"reason": "单位地址不完整", "fields": {"employer.address": "请写到门牌号"}},
    "offline_signing": {"reason": "单位地址不完整", "fields": {"employer.address": "请写到门牌号"}},
    "offline_termination": {"reason": "解约函没有单位盖章", "fields": {"reason": "请与解约函一致"}},
}
_REJECTED: Final = {"reason_code": "9", "reason": "材料与登记不符"}


def _signing(unit: Unit, person: Person, way: str, rng: Random) -> Story:
    yield -rng.uniform(0.2, 5) if way == "invited" else -rng.uniform(12, 40)
    wanted = {"name": person.name, "id_number": person.id_number, "school": person.school_name}
    add_favorite(wanted, actor=unit.actor)
    case = invite_graduates([person.graduate_id], _letter(unit, rng), actor=unit.actor).created[0].id
    if way == "invited":
        return
    if way == "expired":
        yield 8.1
        _fire("online_signing", case, "expire", SYSTEM)
        return
    yield rng.uniform(0.3, 3)
    if way == "declined":
        _fire("online_signing", case, "decline", person.actor)
    elif way == "withdrawn":
        _fire("online_signing", case, "withdraw", unit.actor, reason="岗位调整，名额取消")
    else:
        _fire_with_code("online_signing", case, "accept", person)
        yield from _accepted(unit, person, case, way, rng)


def _accepted(unit: Unit, person: Person, case: int, way: str, rng: Random) -> Story:
    yield rng.uniform(0.5, 2)
    if way == "aborted":
        _fire("online_signing", case, "abort", person.actor)
        return
    for reviewer in person.reviewers:
        yield rng.uniform(0.2, 2) if way != "waiting" else rng.uniform(1, 60)
        if way == "rejected":
            _fire("online_signing", case, "reject", reviewer, reason_code="9", reason="岗位信息与实际不符")
            return
        _fire("online_signing", case, "approve", reviewer)
    yield rng.uniform(0.5, 2)
    if way == "voided":
        _fire("online_signing", case, "void", person.reviewers[-1], reason="单位已停止招聘")
    elif way == "objected":
        body = {"workflow": "online_signing", "case_id": case, "text": "我没有接受过这家单位的邀请，请核实。"}
        begin_case("objection", body, actor=_with_code(person, "objection", "start"))
    elif way in ("amending", "amended"):
        yield from _amendment(unit, person, case, way, rng)
    elif way not in ("signed", "waiting"):
        yield from _termination(unit, person, case, way, rng)


def _termination(unit: Unit, person: Person, signing: int, way: str, rng: Random) -> Story:
    """`ending` and `asked` wait for the other side, the others have come to an end."""
    by_unit = way == "asked"
    said = {"reason": "项目取消"} if by_unit else {"reason_code": "16", "reason": "另有去向"}
    starter = unit.actor if by_unit else _with_code(person, "online_termination", "start")
    case = begin_case("online_termination", {"signing_id": signing, **said}, actor=starter).id
    if way in ("ending", "asked"):
        return
    yield rng.uniform(0.3, 2)
    if way == "refused":
        _fire("online_termination", case, "refuse", unit.actor, reason="项目已安排，请继续履行")
    elif way == "taken_back":
        _fire("online_termination", case, "withdraw", person.actor)
    else:
        _fire("online_termination", case, "agree", unit.actor)
        for reviewer in person.reviewers:
            yield rng.uniform(0.2, 1.5)
            _fire("online_termination", case, "approve", reviewer)


def _amendment(unit: Unit, person: Person, signing: int, way: str, rng: Random) -> Story:
    """The unit raises the pay; the graduate has agreed, or has still to."""
    body = {
        "signing_id": signing,
        "changes": {"position.salary_month": "19000.00"},
        "reason": "定薪时写错，双方同意更正",
    }
    case = begin_case("amendment", body, actor=unit.actor).id
    if way == "amending":
        return
    yield rng.uniform(0.3, 2)
    _fire_with_code("amendment", case, "agree", person)
    for reviewer in person.reviewers:
        yield rng.uniform(0.2, 1.5)
        _fire("amendment", case, "approve", reviewer)


def _changed(person: Person, way: str, rng: Random) -> Story:
    """待就业 is approved first, and then changes by a reviewed new version."""
    yield -rng.uniform(15, 30)
    old = begin_case("destination", {"type": "70", "data": _least("70")}, actor=person.actor, submit=False).id
    yield from _handed_in("destination", old, person, "approved", (), rng)
    yield rng.uniform(1, 4)
    body = {"type": "71", "data": _least("71"), "change_of": old}
    new = begin_case("destination", body, actor=person.actor, submit=False).id
    yield from _handed_in("destination", new, person, way, (), rng)


def _least(code: str) -> dict[str, Any]:
    """What a type asks for, by its schema alone."""
    schema = schema_of(all_types()[code])
    properties = schema["properties"]
    return {
        name: properties[name]["enum"][0] if "enum" in properties[name] else properties[name]["examples"][0]
        for name in schema["required"]
    }


def _destination(unit: Unit, person: Person, way: str, code: str, rng: Random) -> Story:
    yield -rng.uniform(1, 35)
    kind = all_types()[code]
    schema = schema_of(kind)
    of_unit = {name: unit.facts[name] for name in ("uscc", "nature", "industry", "region")}
    of_unit["employer"] = unit.facts["name"]
    data = {}
    for name in schema["required"]:
        one = schema["properties"][name]
        value = rng.choice(one["enum"]) if "enum" in one else one["examples"][0]
        data[name] = of_unit[name] if name in of_unit and code == "11" else value
    case = begin_case("destination", {"type": code, "data": data}, actor=person.actor, submit=False).id
    yield from _handed_in("destination", case, person, way, [one.kind for one in kind.proofs if one.required], rng)
    if way == "approved":
        yield from _leaving(person, Random(person.id_number))  # noqa: S311 - the others stay as they were


def _leaving(person: Person, rng: Random) -> Story:
    """Where the school's days have begun: looked through, and most have confirmed, with or without an archive."""
    graduate = session.get_one(Graduate, person.graduate_id)
    window = leaving_window(graduate.school_id, graduate.cohort)
    way = rng.choice(_LEAVING)
    if window is None or way == "":
        return
    if way == "archive":
        yield from _household("archive", person, "approved", rng, begins=rng.uniform(0.2, 1))
    yield max(0, (window.since - clock.today()).days) + rng.uniform(0.3, 6)
    case = begin_case("leaving", {}, actor=person.actor).id
    if way in ("reported", "answered"):
        _fire("leaving", case, "report", person.actor, text="档案接收单位的地址写错了，应为文三路 10 号。")
    if way == "answered":
        yield rng.uniform(0.2, 1)
        _fire("leaving", case, "answer", person.reviewers[-1], text="已与档案室核对，请重新核对后确认。")
    if way in ("confirmed", "archive"):
        _fire_with_code("leaving", case, "confirm", person)
    if way == "archive":
        yield from _dispatched(person, rng)


def _dispatched(person: Person, rng: Random) -> Story:
    """The archive is posted within some days; of some the receipt is back, one came back itself."""
    yield rng.uniform(0.5, 4)
    archive = dispatch_of(person.graduate_id)
    if archive is None:
        return
    sent = {"way": EMS, "sent_on": clock.today().isoformat(), "tracking_number": f"1{rng.randrange(10**12):012}"}
    _fire("dispatch", archive.id, "send", person.reviewers[-1], **sent)
    yield rng.uniform(2, 5)
    if (becomes := rng.choice(("received", "received", "received", "returned", ""))) == "received":
        received = {"received_on": clock.today().isoformat(), "received_by": "档案接收窗口"}
        _fire("dispatch", archive.id, "receive", person.reviewers[-1], **received)
    elif becomes:
        returned = {"returned_on": clock.today().isoformat(), "reason": "收件单位搬迁，邮局退回"}
        _fire("dispatch", archive.id, "bounce", person.reviewers[-1], **returned)


def _household(kind: str, person: Person, way: str, rng: Random, begins: float | None = None) -> Story:
    yield -rng.uniform(1, 30) if begins is None else begins
    place = {"region": "330106", "address": f"文三路 {rng.randint(1, 300)} 号"}
    receiver = {
        "receiver": "杭州市人才管理服务中心",
        "contact": "档案科",
        "phone": "0571-85167700",
        "postcode": "310012",
    }
    body = {"transfer_type": "3", **place, **(receiver if kind == "archive" else {})}
    case = begin_case(kind, body, actor=person.actor, submit=False).id
    yield from _handed_in(kind, case, person, way, (), rng)


def _on_paper(workflow: str, person: Person, way: str, end: str, rng: Random) -> Story:
    yield -rng.uniform(2, 35) if way in _REVIEWS else -rng.uniform(28, 45)
    letter = _letter_of("110108", "中关村大街 1 号", rng)
    unit = {"name": "清河木器厂", "uscc": "91130104MA08Y7FL6L", "nature": "39", "industry": "22", "region": "130104"}
    unit |= {"address": "工农路 1 号", "contact": "王平", "phone": "010-62510001"}
    body = {"employer": unit, **{name: letter[name] for name in ("position", "archive", "hukou")}}
    if workflow == "supplementary":
        body["signed_on"] = (clock.today() - timedelta(days=6)).isoformat()
    case = begin_case(workflow, body, actor=person.actor, submit=False).id
    papers = ("paper_agreement",) if workflow == "supplementary" else ()
    yield from _handed_in(workflow, case, person, way if way in _REVIEWS else "approved", papers, rng)
    if way not in _REVIEWS and workflow == "offline_signing":
        yield rng.uniform(0.5, 2)
        yield from _copy_given_back(case, person, way, rng)
    if end:
        yield rng.uniform(1, 3)
        yield from _ended_on_paper(workflow, case, person, end, rng)


def _copy_given_back(case: int, person: Person, way: str, rng: Random) -> Story:
    """The second round of an agreement on paper."""
    attach_file("offline_signing", case, "stamped_agreement", _paper(), actor=person.actor)
    _fire("offline_signing", case, "upload", person.actor)
    yield from _reviewed("offline_signing", case, person, way.removeprefix("copy_"), rng)
    if way == "copy_voided":
        yield rng.uniform(1, 3)
        _fire("offline_signing", case, "void", person.reviewers[-1], reason="单位已停止招聘")


def _ended_on_paper(workflow: str, signing: int, person: Person, end: str, rng: Random) -> Story:
    body = {"signing_workflow": workflow, "signing_id": signing, "reason_code": "16", "reason": "另有去向"}
    case = begin_case("offline_termination", body, actor=person.actor, submit=False).id
    paper = "statement" if end == "unilateral" else "termination_letter"
    settled = (
        {"settlement": "unilateral", "explanation": "单位拒绝出具解约函"}
        if end == "unilateral"
        else {"settlement": "mutual"}
    )
    yield from _handed_in("offline_termination", case, person, end, (paper,), rng, settled)


def _handed_in(
    workflow: str,
    case: int,
    person: Person,
    way: str,
    papers: Sequence[str],
    rng: Random,
    approval: Mapping[str, Any] = MappingProxyType({}),
) -> Story:
    """From the draft through the reviews, as far as the way goes."""
    if way == "draft":
        return
    for paper in papers:
        attach_file(workflow, case, paper, _paper(), actor=person.actor)
    yield rng.uniform(0.01, 0.4)
    _fire_with_code(workflow, case, "submit", person)
    yield from _reviewed(workflow, case, person, way, rng, approval)


def _reviewed(
    workflow: str, case: int, person: Person, way: str, rng: Random, approval: Mapping[str, Any] = MappingProxyType({})
) -> Story:
    """One round of reviews; `halfway`: the last of them is still to come."""
    for reviewer in person.reviewers:
        last = reviewer is person.reviewers[-1]
        if way == "halfway" and last:
            return
        yield rng.uniform(0.4, 3) if way != "waiting" else rng.uniform(2, 50)
        if way == "returned":
            _fire(workflow, case, "return", reviewer, **_RETURNED[workflow])
            return
        if way == "rejected":
            _fire(workflow, case, "reject", reviewer, **_REJECTED)
            return
        _fire(workflow, case, "approve", reviewer, **(approval if last else {}))


def _fire(workflow: str, case: int, event: str, actor: Actor, **data: Any) -> None:
    engine.fire(workflow, case, event, actor=actor, data=data)


def _fire_with_code(workflow: str, case: int, event: str, person: Person) -> None:
    version = int(session.get_one(registry.get(workflow).model, case).version)
    _fire(workflow, case, event, _with_code(person, workflow, event, case, version))


def _letter(unit: Unit, rng: Random) -> dict[str, Any]:
    return _letter_of(unit.facts["region"], unit.facts["address"], rng)


def _letter_of(region: str, address: str, rng: Random) -> dict[str, Any]:
    today, pay = clock.today(), rng.randrange(6000, 18000, 500)
    return {
        "position": {
            "title": rng.choice(_POSTS),
            "category": "13",
            "region": region,
            "address": address,
            "salary_month": f"{pay}.00",
            "probation_months": 3,
            "probation_salary": f"{pay - 1000}.00",
            "report_by": date(current_cohort(), 7, 10).isoformat(),
            "liquidated_damages": "3000.00",
            "contact": "人力资源部",
            "phone": "010-62510000",
        },
        "archive": {"accept": False},
        "hukou": {"accept": False, "optional": False},
        "clauses": "",
        "valid_until": (today + timedelta(days=7)).isoformat(),
    }


def _with_code(person: Person, workflow: str, event: str, case: int | None = None, version: int | None = None) -> Actor:
    """The graduate with the code of this act in hand."""
    lay_code(Act(person.actor.user_id or 0, workflow, event, case, version), _CODE)
    return replace(person.actor, code=_CODE)


def _paper() -> FileStorage:
    """A scan of nothing: a page with lines."""
    image, content = Image.new("RGB", (420, 594), "white"), io.BytesIO()
    drawn = ImageDraw.Draw(image)
    for line in range(60, 520, 28):
        drawn.line((40, line, 380 - line % 90, line), fill=(120, 120, 120), width=3)
    image.save(content, "JPEG")
    content.seek(0)
    return FileStorage(content, filename="证明材料.jpg")
