"""A step and a workflow that the program does not know, declared as their rooms would, and used through every door.

Run as a program of its own (`python -m tests.house.declared`) on the demonstration data: what is declared here must be
there before the application is made, as if it stood in the rooms. Nothing else is told of either.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from app import create_app, rooms
from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL
from app.base.database import Model, db
from app.cases.effects import first_review, keep_student_data
from app.cases.forms import NoteForm, WithdrawForm
from app.cases.guards import nobody_has_decided
from app.cases.models import ReviewedMixin, scope_indexes
from app.cases.services import Writing, own_graduate
from app.cases.workflow import review_rows
from app.codes.forms import Code, FormSchema, Text
from app.roster.guards import GRADUATE_GUARDS
from app.workflow import registry
from app.workflow.stages import Stage
from app.workflow.table import State, Transition, Workflow, names_of, says
from tests.fixtures.phone import phone_in_hand
from tests.house.door import Door, script

# A step in W1: the unit confirms between school and signed. Its rows, and nothing else -------------------------------


def add_step() -> None:
    """Between the school's approval and the agreement the unit has the last word."""
    table = registry.get("online_signing")
    rows = []
    for row in table.transitions:
        if row.event != "approve" or SCHOOL not in row.who:
            rows.append(row)
            continue
        rows.append(
            _row(row, target="unit_confirms", effects=(), prepare=None, keeps=(), irreversible=False, notices=())
        )
        rows.append(
            _row(
                row,
                event="confirm",
                sources=("unit_confirms",),
                who=(EMPLOYER,),
                label=says("Confirm the signing"),
                said="Unit confirmed the signing",
                form=NoteForm,
                prepare=None,
                keeps=(),
                fetches={},
                effects=tuple(
                    one for one in row.effects if "student" not in one.__name__ and "follow" not in one.__name__
                ),
            )
        )
    place = State("unit_confirms", "Approved, waiting for the unit's last word", Stage.REVIEW, waits_for=EMPLOYER)
    object.__setattr__(table, "transitions", tuple(rows))
    object.__setattr__(table, "states", (*table.states, place))


def _row(row: Transition, **changes: Any) -> Transition:
    from dataclasses import replace

    return replace(row, **changes)


# A workflow of a graduate: one table, one model, one form ------------------------------------------------------------


class CertificateForm(FormSchema):
    """What the certificate is for."""

    purpose = Text(60, required=True, metadata={"label": "Purpose"})
    category = Code("job_category", metadata={"label": "Category"})


class Certificate(ReviewedMixin, Model):
    """A graduate asks the school for a certificate."""

    __tablename__ = "certificates"
    __table_args__ = scope_indexes("certificates")
    workflow_name = "certificate"
    purpose: Mapped[str] = mapped_column(default="")


def _open(body: Any, actor: Any) -> Certificate:
    case: Certificate = Certificate.of(own_graduate(actor))
    return case


def _write(case: Certificate, body: Any, *, actor: Any, whole: bool) -> None:
    from app.codes.forms import read

    case.data = read(CertificateForm, body)
    case.purpose = case.data["purpose"]


STATES = (
    State("draft", "Certificate not asked for yet", Stage.DRAFT, waits_for=GRADUATE),
    State("dept_review", "Certificate at the department", Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", "Certificate at the school", Stage.REVIEW, waits_for=SCHOOL),
    State("returned", "Certificate to be corrected", Stage.RETURNED, waits_for=GRADUATE),
    State("rejected", "Certificate refused", Stage.FAILED),
    State("approved", "Certificate given", Stage.IN_FORCE),
)


def add_workflow() -> None:
    """The declaration, as a room's workflow.py has it."""
    registry.declare(
        Workflow(
            name="certificate",
            label="Certificate request",
            model=Certificate,
            module="employment",
            initial=(Transition("create", (), (GRADUATE,), "draft", says("Ask for a certificate")),),
            states=STATES,
            transitions=(
                Transition(
                    *("submit", ("draft", "returned"), (GRADUATE,), first_review, says("Hand in")),
                    effects=(keep_student_data,),
                ),
                Transition(
                    *("withdraw", names_of(STATES, Stage.REVIEW), (GRADUATE,), "draft", says("Take back")),
                    guards=(nobody_has_decided,),
                    form=WithdrawForm,
                ),
                *review_rows(approved="approved", returned="returned", notice="destination"),
            ),
            common_guards=GRADUATE_GUARDS,
            writing=Writing(form=CertificateForm, open=_open, write=_write),
        )
    )


# What they are used for ----------------------------------------------------------------------------------------------


def use_workflow(app: Flask) -> None:
    """Pages, API, list, review, counts and export of the new workflow."""
    graduate, school = Door(app, "graduate1", "graduate"), Door(app, "school10001", "school")
    department = Door(app, "dept10001a", "school")
    new = "/graduate/cases/certificate/new"
    graduate.press(new, new, status=422, purpose=" ")
    place = graduate.press(new, new, purpose="Visa", keep="1")
    graduate.page(place, "Certificate not asked for yet", "Visa", "Hand in")
    number = int(place.rsplit("/", 1)[1])
    graduate.press(f"{place}/edit", f"{place}/edit", purpose="Study abroad")
    graduate.press(f"{place}/edit", f"{place}/edit", purpose="Study abroad", version="x", status=302)  # told, not kept
    graduate.press(f"{place}/submit", place)
    graduate.page("/graduate/", "Certificate at the department")
    listed = "/staff/cases/certificate/list/"
    department.page(listed, "Certificate at the department")
    school.page(listed, "Certificate request")
    shown = f"/staff/cases/certificate/show/{number}"
    department.page(shown, "Study abroad")
    department.press(f"/staff/cases/certificate/decide/{number}/return", shown, **{"return.reason": "Which country?"})
    graduate.page(f"{place}/edit", "Which country?")
    graduate.press(f"{place}/edit", f"{place}/edit", purpose="Study in Japan")
    graduate.press(f"{place}/submit", place)
    department.press(f"/staff/cases/certificate/decide/{number}/approve", shown)
    assert school.call("POST", "certificate/bulk/approve", ids=[number])["result"][0]["ok"]
    graduate.page(place, "Certificate given", "Study in Japan")
    case = graduate.call("GET", f"certificate/{number}")["result"]
    assert (case["state"], case["data"]["purpose"], len(case["history"])) == ("approved", "Study in Japan", 6)
    assert school.call("GET", "certificate/export")[:2] == b"PK"
    other = graduate.call("POST", "certificate/", 201, purpose="Bank", submit=False)["result"]
    assert (
        graduate.call("PUT", f"certificate/{other['id']}", purpose="Bank loan")["result"]["data"]["purpose"]
        == "Bank loan"
    )
    assert graduate.call("PUT", f"certificate/{other['id']}", 422, purpose="x", version="junk")["errors"].keys() == {
        "version"
    }
    Door(app, "graduate4", "graduate").call("GET", f"certificate/{number}", 404)
    assert Door(app, "school10002", "school").browser.get(shown).status_code == 404
    described = app.test_client().get("/api/v1/_openapi").get_json()["paths"]
    assert "/api/v1/certificate/{pk}/withdraw" in described


def use_step(app: Flask) -> None:
    """An invitation goes through the unit's last word; both live and bound meanwhile."""
    from tests.signing.stage import invite, user

    with app.app_context():
        case_id = invite(user("employer1"), user("graduate1")).id
    unit, graduate = Door(app, "employer1", "employer"), Door(app, "graduate1", "graduate")
    school, department = Door(app, "school10001", "school"), Door(app, "dept10001a", "school")
    graduate.call("POST", f"online_signing/{case_id}/accept")
    department.call("POST", f"online_signing/{case_id}/approve")
    case = school.call("POST", f"online_signing/{case_id}/approve")["result"]
    assert (case["state"], case["number"]) == ("unit_confirms", None)
    assert f"/employer/signings/{case_id}" in unit.page("/employer/", "等待贵单位回应")
    unit.page("/employer/signings?tab=signing", "Approved, waiting for the unit")
    school.page("/staff/online-signings/list/?_flt_0_state=unit_confirms", "Approved, waiting for the unit")
    school.page(f"/staff/online-signings/show/{case_id}", "Approved, waiting for the unit")
    refused = unit.call("POST", "online_signing/", 409, graduate_ids=[case["graduate"]["id"]], **_letter())
    assert refused["result"]["refused"][0]["code"] == "already_invited", "still one live invitation"
    graduate.call("POST", f"online_signing/{case_id}/abort", 409)
    unit.page(f"/employer/signings/{case_id}", "Confirm the signing")
    unit.press(f"/employer/cases/online_signing/{case_id}/confirm", f"/employer/signings/{case_id}")
    case = unit.call("GET", f"online_signing/{case_id}")["result"]
    assert (case["state"], bool(case["number"])) == ("signed", True)
    graduate.page("/graduate/", case["number"])


def _letter() -> dict[str, Any]:
    from tests.signing.stage import letter

    return dict(letter())


def main() -> None:
    """Declare, bring tables and roles up to date, use."""
    rooms.load_rooms()
    add_step()
    add_workflow()
    app = create_app()
    with app.app_context():
        Model.metadata.tables["certificates"].create(db.engine)
        app.cli.main(args=["access", "sync"], prog_name="flask", standalone_mode=False, obj=script(app))
    use_step(app)
    use_workflow(app)
    print("used through every door")


if __name__ == "__main__":
    with phone_in_hand():
        main()
