"""What happens in the same transaction when an event of a signing on paper is fired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.base.clock import day_of, moment
from app.cases.attachments import files_of
from app.cases.effects import keep_changes, report
from app.codes import queries as codes
from app.documents.scans.services import order_reading
from app.ems.destination import signed_destination
from app.roster.snapshots import facts_of
from app.signing.effects import issue_number
from app.signing.guards import refuse_unprintable
from app.signing.paper.attachments import PRINTED, STAMPED
from app.signing.paper.models import OfflineSigning, PaperMixin
from app.signing.paper.services.upload_links import close_links, open_link
from app.signing.paper.snapshots import paper_snapshot
from app.signing.paper.unit_messages import tell_unit_of_void
from app.workflow.table import Context


def came_by_link(context: Context[OfflineSigning]) -> Mapping[str, Any] | None:
    """A copy without an account came through a link: where that was sent, and from which address it came (R8.9)."""
    link = open_link(context.case)
    sent_to = link.sent_to if link is not None else ""
    return {"kind": "link", "sent_to": sent_to, "at": moment(context.at), "source": context.actor.ip}


def keep_application(context: Context[PaperMixin]) -> None:
    """What is reviewed is the application as it was read, whole and in its one spelling."""
    context.case.data = context.data.pop("application")


def approve_agreement(context: Context[PaperMixin]) -> None:
    """The agreement gets its number and its frozen text, and is ordered from the worker, to be printed (R9.2)."""
    case = context.case
    case.number = issue_number(case.graduate, facts_of(case)["education"])
    case.snapshot = paper_snapshot(case, approved_by=context.actor, at=context.at)
    refuse_unprintable(case.snapshot)
    context.post("document", {"document": "offline_agreement"})


def read_copies(context: Context[PaperMixin]) -> None:
    """Whoever brought them and by whichever way: a worker reads the copies before the reviewer looks at them."""
    for file in files_of(context.case, STAMPED):
        order_reading(file, PRINTED)


def note_signing(context: Context[PaperMixin]) -> None:
    """In force from now on; what W2 has printed stays as it is, W3 is frozen here."""
    case = context.case
    case.signed_at = context.at
    if case.snapshot is None:
        case.snapshot = paper_snapshot(case, approved_by=context.actor, at=context.at)


def report_signed(context: Context[PaperMixin]) -> None:
    """EMS ← 签就业协议形式就业, with nature, industry and category as they are now (R4.9, R8.8)."""
    data, signed_at = context.case.data, context.case.signed_at
    assert signed_at is not None
    unit = data["employer"]
    address = f"{codes.region_label(unit['region'])} {unit['address']}".strip()
    signed_on = day_of(signed_at)
    report(context, signed_destination({**unit, "address": address}, data["position"], signed_on))


def change_category(context: Context[PaperMixin]) -> None:
    """Only these three change; the printed agreement stays as it was signed (R8.8, R9.1)."""
    case, new = context.case, context.data
    parts = {"category": "position", "nature": "employer", "industry": "employer"}
    changes = {
        name: [case.data[part].get(name), new[name]]
        for name, part in parts.items()
        if new.get(name) and new[name] != case.data[part].get(name)
    }
    data = {**case.data, "position": {**case.data["position"]}, "employer": {**case.data["employer"]}}
    for name, (_old, value) in changes.items():
        data[parts[name]][name] = value
    case.data = data
    keep_changes(context, changes)


def end_links(context: Context[PaperMixin]) -> None:
    """The copy has been handed in, or is no longer wanted: no link leads here any more."""
    close_links(context.case.id)


def tell_unit(context: Context[PaperMixin]) -> None:
    """The unit has no account: its contact gets a message, where a mobile number was given (R8.9)."""
    tell_unit_of_void(context)


def tell_unit_of_finding(context: Context[PaperMixin]) -> None:
    """The same where the province has found that the agreement is not true."""
    tell_unit_of_void(context, "paper_upheld")
