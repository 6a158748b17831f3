"""Provinces whose employment system has no interface: what is told it waits for a file that somebody carries there.

EMS_BY_FILE names them by code. The messages are the same and stay in the outbox; the room `exchange` writes the files and
takes the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.base.database import Model, session
from app.base.failures import Failure
from app.base.settings import settings
from app.ems.models import WaitingForFile
from app.workflow import outbox
from app.workflow.delivery import ELSEWHERE
from app.workflow.models import OutboxMessage

STUDENTS, DESTINATION, ARCHIVE, HUKOU = "students", "destination", "archive", "hukou"
KINDS = (STUDENTS, DESTINATION, ARCHIVE, HUKOU)


class WaitsForFile(Failure):
    """Nobody can be asked here; the message goes with the next file, and is done when its answer has come."""

    def __init__(self, province: str) -> None:
        super().__init__("waits for the next file of its province", code=ELSEWHERE)
        self.province = province


def provinces() -> frozenset[str]:
    """The codes of the provinces that exchange files."""
    return frozenset(settings().environ.get("EMS_BY_FILE", "").split())


def is_by_file(school: str) -> bool:
    """Whether what is reported of the students of a school, by its code, goes by file."""
    codes = provinces()
    return bool(codes) and _provinces_of_schools([school]).get(school) in codes


def asked_of(graduate_ids: Iterable[int]) -> set[int]:
    """Those of the graduates of whom the employment system can be asked."""
    ids, codes = list(graduate_ids), provinces()
    places = provinces_of(ids) if codes else {}
    return {one for one in ids if places.get(one) not in codes}


def left_to_files(message: OutboxMessage) -> bool:
    """Whether nothing of the message has to be sent, because it goes by file or because there is nothing to carry.

    Raises WaitsForFile for what goes by file. An upload for several provinces is divided by province first.
    """
    codes = provinces()
    places = places_of([message])[message.id] if codes else {}
    if not codes & set(places):
        return False
    if message.payload.get("action") == "switch":  # who carries the files knows that signing has opened
        return True
    if len(places) == 1:
        raise WaitsForFile(*places)
    for code, graduate_ids in places.items():
        payload = {**message.payload, "graduate_ids": graduate_ids}
        outbox.post("ems", payload, key=f"{message.key}:{code}", order_key=message.order_key)
    return True


def kind_of(message: OutboxMessage) -> str:
    """In which kind of file a message goes; "" for what nobody has to carry."""
    action = message.payload.get("action", "report")
    if action == "report":
        kind = message.payload.get("record", DESTINATION)
        return kind if kind in KINDS else ""
    return "" if action == "switch" else STUDENTS


def keep_waiting(message: OutboxMessage, province: str) -> None:
    """Write down that the message waits for a file of this province, or leave it where it stands already."""
    kind, places = kind_of(message), Model.metadata.tables["provinces"]
    if not kind:
        return
    values = {
        "message_id": message.id,
        "province_id": select(places.c.id).where(places.c.code == province).scalar_subquery(),
        "kind": kind,
        "rows": max(1, len(message.payload.get("students", ())), len(people_of(message.payload))),
        "since": message.created_at,
    }
    session.execute(insert(WaitingForFile).values(values).on_conflict_do_nothing())


def forget(message_ids: Iterable[int]) -> None:
    """These wait no longer: they were answered, or have gone by an interface."""
    session.execute(delete(WaitingForFile).where(WaitingForFile.message_id.in_(list(message_ids))))


def overtakes(message: OutboxMessage) -> bool:
    """Whether one before it in its order waits for a file still: its province had no interface before."""
    earlier = select(OutboxMessage.id).join(WaitingForFile, WaitingForFile.message_id == OutboxMessage.id)
    earlier = earlier.where(OutboxMessage.order_key == message.order_key, OutboxMessage.id < message.id)
    return session.scalar(select(earlier.where(OutboxMessage.status != "done").exists())) or False


def places_of(messages: Iterable[OutboxMessage]) -> dict[int, dict[str, list[int]]]:
    """Of each message by its id: the codes of the provinces that it is about, and whom there."""
    held = {message.id: message.payload for message in messages}
    people = {key: people_of(payload) for key, payload in held.items()}
    codes = provinces_of({one for several in people.values() for one in several})
    schools = _provinces_of_schools({payload["school"] for payload in held.values() if "school" in payload})
    found: dict[int, dict[str, list[int]]] = {}
    for key, payload in held.items():
        places = found.setdefault(key, {})
        if payload.get("school") in schools:
            places.setdefault(schools[payload["school"]], [])
        for graduate_id in people[key]:
            if graduate_id in codes:
                places.setdefault(codes[graduate_id], []).append(graduate_id)
    return found


def provinces_of(graduate_ids: Iterable[int]) -> dict[int, str]:
    """The code of each graduate's province."""
    tables = Model.metadata.tables
    graduates, places = tables["graduates"], tables["provinces"]
    query = select(graduates.c.id, places.c.code).join(places, places.c.id == graduates.c.province_id)
    return {row.id: row.code for row in session.execute(query.where(graduates.c.id.in_(list(graduate_ids))))}


def _provinces_of_schools(codes: Iterable[str]) -> dict[str, str]:
    tables = Model.metadata.tables
    schools, places = tables["schools"], tables["provinces"]
    query = select(schools.c.code, places.c.code.label("province")).join(places, places.c.id == schools.c.province_id)
    return {row.code: row.province for row in session.execute(query.where(schools.c.code.in_(list(codes))))}


def people_of(payload: Mapping[str, Any]) -> list[int]:
    """The graduates whom a message is about."""
    one = payload.get("graduate_id")
    return [*payload.get("graduate_ids", ()), *([one] if one is not None else [])]
