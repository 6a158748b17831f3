"""Sets destinations on the stage in any state, through the services alone, with records made from the dictionary."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.cases.attachments import attach_file
from app.cases.claims import release_claim
from app.cases.services import begin_case
from app.codes.dictionaries import dictionary
from app.destination.models import Destination
from app.workflow import engine
from tests.signing.stage import user

STATES = ("draft", "dept_review", "school_review", "returned", "rejected", "approved", "voided", "replaced")
RETURN = {"reason": "请核对", "fields": {"data.employer": "与营业执照不一致"}}
REJECT = {"reason_code": "9", "reason": "材料不符"}


def types() -> dict[str, Any]:
    """The dictionary by code, as a stranger reads it."""
    return {one["code"]: one for one in dictionary("destination_types")}


def example(described: Mapping[str, Any], *, optional: bool = False) -> dict[str, Any]:
    """A valid record, from the schema alone: enum, first example, or a text of the allowed length."""
    schema = described["schema"]
    names = schema["properties"] if optional else schema["required"]
    return {name: _value(schema["properties"][name]) for name in names}


def _value(one: Mapping[str, Any]) -> Any:
    return one["enum"][0] if "enum" in one else one["examples"][0]


def picture(colour: str = "white") -> FileStorage:
    """A small photo."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "JPEG")
    content.seek(0)
    return FileStorage(content, filename="证明.jpg")


def draft(graduate: Actor, code: str = "11", **changes: Any) -> Destination:
    """A draft with everything filled in, without proofs."""
    body = {"type": code, "data": {**example(types()[code]), **changes}}
    return begin_case("destination", body, submit=False, actor=graduate)


def ready(graduate: Actor, code: str = "11", **changes: Any) -> Destination:
    """A draft that can be submitted."""
    case = draft(graduate, code, **changes)
    for proof in types()[code]["proofs"]:
        attach_file("destination", case.id, proof["kind"], picture(), actor=graduate)
    return case


def fire(case: Destination, event: str, actor: Actor, **data: Any) -> Destination:
    """One event with its data."""
    return engine.fire("destination", case.id, event, actor=actor, data=data)


def _replace(case: Destination) -> None:
    """As when another record has taken its place, and with it the claim."""
    fire(case, "replace", SYSTEM)
    release_claim(case.graduate_id, "destination", case.id)


class Stage:
    """The people of one school with two levels of review, and a way to bring a case into a state."""

    def __init__(
        self, graduate: str = "graduate1", department: str = "dept10001a", school: str = "school10001"
    ) -> None:
        self.graduate, self.department, self.school = user(graduate), user(department), user(school)

    def bring(self, state: str, code: str = "11") -> Destination:
        """A new case in `state`."""
        case = ready(self.graduate, code)
        for step in self._way(state):
            step(case)
        session.refresh(case)
        assert case.state == state
        return case

    def _way(self, state: str) -> list[Callable[[Destination], Any]]:
        submit = lambda case: fire(case, "submit", self.graduate)  # noqa: E731
        by_department = lambda case: fire(case, "approve", self.department)  # noqa: E731
        by_school = lambda case: fire(case, "approve", self.school)  # noqa: E731
        return {
            "draft": [],
            "dept_review": [submit],
            "school_review": [submit, by_department],
            "returned": [submit, lambda case: fire(case, "return", self.department, **RETURN)],
            "rejected": [submit, lambda case: fire(case, "reject", self.department, **REJECT)],
            "approved": [submit, by_department, by_school],
            "voided": [submit, by_department, by_school, lambda case: fire(case, "void", SYSTEM)],
            "replaced": [submit, by_department, by_school, _replace],
        }[state]
