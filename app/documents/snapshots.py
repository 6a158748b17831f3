"""What an agreement is printed from: everything on it, frozen when it was signed. Codes are already words."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

AgreementType = Literal["two_party", "three_party"]
ConfirmingRole = Literal["employer", "graduate", "department", "school"]


class EmployerFacts(TypedDict):
    """甲方 as it stood at signing; `address` with the region in front."""

    name: str
    short_name: NotRequired[str | None]
    uscc: str | None
    nature: str
    industry: str
    address: str
    contact: str
    phone: str


class GraduateFacts(TypedDict):
    """乙方; the ID number and the mobile in full, `graduated_on` as YYYY-MM-DD, `duration` in years."""

    name: str
    id_type: NotRequired[str]  # agreements printed before this had ID cards only
    id_number: str
    sex: str
    ethnicity: str
    political_status: str
    school: str
    department: str
    major: str
    education: str
    duration: str
    student_number: str
    graduated_on: str
    mobile: str | None
    address: str | None


class SchoolFacts(TypedDict):
    """The school with its 协议经办人."""

    name: str
    contact: str
    phone: str
    address: str
    postcode: str


class Position(TypedDict):
    """岗位; money in yuan as text, `report_by` as YYYY-MM-DD, `category` and `region` as words."""

    title: str
    category: str
    department: NotRequired[str | None]
    region: str
    address: NotRequired[str | None]
    salary_month: str
    probation_months: NotRequired[int | None]
    probation_salary: NotRequired[str | None]
    report_by: str
    liquidated_damages: NotRequired[str | None]
    employment_form: NotRequired[str | None]
    workplace_unit: NotRequired[str | None]
    report_place: NotRequired[str | None]
    service_months: NotRequired[int | None]
    contact: str
    phone: str


class Archive(TypedDict):
    """档案: whether the unit takes it, and where it goes then."""

    accept: bool
    receiver: NotRequired[str | None]
    department: NotRequired[str | None]
    address: NotRequired[str | None]
    postcode: NotRequired[str | None]
    contact: NotRequired[str | None]
    phone: NotRequired[str | None]


class Hukou(TypedDict):
    """户口: whether the unit takes it, whether the graduate may leave it where it is."""

    accept: bool
    optional: NotRequired[bool | None]
    address: NotRequired[str | None]


class ShownProof(TypedDict):
    """By which code, sent to which masked number or address, somebody has shown to be who acted."""

    kind: str
    sent_to: str


class Confirmation(TypedDict):
    """Who confirmed, as what, when (ISO 8601 with offset), and by what it was proven."""

    role: ConfirmingRole
    name: str
    at: str
    proof: NotRequired[ShownProof]


class AgreementSnapshot(TypedDict):
    """One agreement. Without `number` and `confirmations` it is a draft that can only be previewed."""

    number: str | None
    agreement_type: AgreementType
    wording: NotRequired[str | None]  # the version of the text; without it the first one
    employer: EmployerFacts
    graduate: GraduateFacts
    school: SchoolFacts
    position: Position
    archive: Archive
    hukou: Hukou
    clauses: str | None
    confirmations: list[Confirmation]
    verify_url: str | None
