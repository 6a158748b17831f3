"""What each type of transfer asks for: one table for forms, pages, checks and exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

ARCHIVE, HUKOU = "archive", "hukou"
KINDS = (ARCHIVE, HUKOU)
FIELDS = {
    ARCHIVE: ("receiver", "region", "address", "contact", "phone", "postcode"),
    HUKOU: ("region", "address"),
}
# The code table of the types of each kind.
TABLES = {ARCHIVE: "archive_transfer_type", HUKOU: "hukou_transfer_type"}

TO_UNIT, TO_AUTHORITY, TO_AGENCY, TO_ORIGIN, TO_COLLEGE, TO_OWN_COLLEGE, STAYS = "1", "2", "3", "4", "5", "6", "7"
UNDECIDED = "8"  # of the archive alone
NOT_AT_SCHOOL, TO_RELATIVES = "0", "6"  # of the hukou alone


@dataclass(frozen=True)
class Needs:
    """The fields of one type, a sentence for the graduate about what is meant and why it is asked, and who may choose it.

    `open_to` are training modes, empty for all; `until_settled` is for those alone who have neither signing nor
    destination in force, or one that says that they are still looking.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    meaning: Any = ""
    open_to: tuple[str, ...] = ()
    until_settled: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of the type; those of other types are not kept."""
        return (*self.required, *self.optional)


# Who has been sent to study, or is paid for it, goes where that says: neither 定向 nor 委培.
_FREE = ("1", "3", "42", "5")
_SENT = ("receiver", "region", "address", "contact", "phone")
_PLACE = ("region", "address")

NEEDS: Mapping[str, Mapping[str, Needs]] = {
    ARCHIVE: {
        TO_UNIT: Needs(
            _SENT, ("postcode",), _("Your unit keeps archives itself. Its letter says where they are sent.")
        ),
        TO_AUTHORITY: Needs(
            _SENT, ("postcode",), _("The authority above your unit keeps its archives. Ask the unit for the address.")
        ),
        TO_AGENCY: Needs(
            _SENT,
            ("postcode",),
            _("A public talent service centre keeps the archive for your unit or for you. Ask it for the address."),
        ),
        TO_ORIGIN: Needs(
            ("receiver", *_PLACE),
            ("contact", "phone", "postcode"),
            _("The talent service or employment office of the place you came from keeps the archive."),
        ),
        TO_COLLEGE: Needs(
            _SENT,
            ("postcode",),
            _("The school that has admitted you keeps the archive. Its transfer letter names the office."),
        ),
        TO_OWN_COLLEGE: Needs((), (), _("You go on studying here: the archive stays with this school.")),
        STAYS: Needs((), (), _("The school keeps the archive for you, for at most two years."), _FREE, True),
        UNDECIDED: Needs(
            (), (), _("You are still looking and cannot say yet where it goes. Change this once you know."), _FREE, True
        ),
    },
    HUKOU: {
        NOT_AT_SCHOOL: Needs(
            (), (), _("Your hukou was never moved to the school, so nothing has to be moved. This needs no review.")
        ),
        TO_UNIT: Needs(_PLACE, (), _("Your unit takes the hukou. Its letter says to which address.")),
        TO_AUTHORITY: Needs(
            _PLACE, (), _("The authority above your unit takes the hukou. Ask the unit for the address.")
        ),
        TO_AGENCY: Needs(_PLACE, (), _("A public talent service centre takes the hukou. Ask it for the address.")),
        TO_ORIGIN: Needs(_PLACE, (), _("The hukou goes back to the place you came from, with the full address.")),
        TO_COLLEGE: Needs(_PLACE, (), _("The school that has admitted you takes the hukou. Its letter says where.")),
        TO_RELATIVES: Needs(
            _PLACE, (), _("The hukou moves to relatives. The police station there must have agreed before.")
        ),
        STAYS: Needs((), (), _("The hukou stays at the school for the time being."), _FREE),
    },
}
# What operators add to the code tables, and 其他: everything is asked.
_OTHER = {
    ARCHIVE: Needs(_SENT, ("postcode",), _("None of the others fits. Please name the receiver exactly.")),
    HUKOU: Needs(_PLACE, (), _("None of the others fits. Please give the exact address.")),
}

LABELS: Mapping[str, Any] = {
    "transfer_type": _("Type of transfer"),
    "receiver": _("Receiving unit"),
    "region": _("Region of the address"),
    "address": _("Detailed address"),
    "contact": _("Receiving person"),
    "phone": _("Phone of the receiver"),
    "postcode": _("Postcode"),
}
# Why each is asked, beside the field.
REASONS: Mapping[str, Any] = {
    "receiver": _("The full name of the organisation: archives go to organisations only, never to persons."),
    "region": _("Down to the county or district."),
    "address": _("Street, number, building and room, so that the delivery arrives."),
    "contact": _("Who takes it there. It cannot be you or your family."),
    "phone": _("The postal service calls this number."),
    "postcode": _("Six digits, if you know it."),
}


def needs_of(kind: str, transfer_type: str | None) -> Needs:
    """What this type of the kind (archive, hukou) asks for; of a code that operators have added, everything."""
    return NEEDS[kind].get(transfer_type or "", _OTHER[kind])


def why_not_open(kind: str, transfer_type: str | None, training_mode: str, *, settled: bool) -> Any | None:
    """Why a graduate of that training mode, who may be `settled` already, cannot choose the type; None who can."""
    needs = needs_of(kind, transfer_type)
    if needs.open_to and training_mode not in needs.open_to:
        return _("This type is not open to your training mode: your contract says where it goes. Choose another one.")
    if needs.until_settled and settled:
        return _(
            "This type is for graduates who are still looking; a signing or destination of yours is in force. "
            "Please choose where it goes."
        )
    return None


def kept_fields(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The type and what belongs to it; empty fields and those of other types are left out."""
    chosen = data.get("transfer_type")
    names = needs_of(kind, chosen).fields if chosen else FIELDS[kind]
    return {name: data[name] for name in ("transfer_type", *names) if data.get(name)}
