"""What a unit without an account is told: the link for the stamped copy, and that its agreement was voided."""

from __future__ import annotations

from app.base.clock import SHANGHAI
from app.base.values.phones import is_mobile
from app.notices import links, messages
from app.signing.paper.models import PaperMixin, UploadLink
from app.workflow.table import Context

LINK_PATH = "/upload"  # the page behind a link; it needs no account


def link_address(token: str) -> str:
    """The full address of a link."""
    return links.public_address(f"{LINK_PATH}/{token}")


def post_link(case: PaperMixin, link: UploadLink, token: str, address: str) -> None:
    """Send the link to the unit; the token stands encrypted in the message until it has gone."""
    last = link.expires_at.astimezone(SHANGHAI)
    messages.post_message(
        "upload_link",
        address,
        {**_parties(case), "valid_until": f"{last:%Y-%m-%d %H:%M}"},
        secrets={"url": link_address(token), "token": token},
        until=link.expires_at,
        key=f"upload-link:{link.id}:{messages.channel_of(address)}",
        workflow=case.workflow_name,
        case_id=case.id,
    )


def tell_unit_of_void(context: Context, template: str = "paper_voided") -> None:
    """A text message to the unit's contact, where a mobile number was given and can be reached (R8.9)."""
    case = context.case
    phone = case.employer.phone if case.employer else ""
    if not is_mobile(phone) or not messages.can_be_sent(phone):
        return
    messages.post_message(
        template,
        phone,
        {**_parties(case), "reason": " ".join(context.data["reason"].split())},
        key=f"{case.workflow_name}:{case.id}:void-letter",
        workflow=case.workflow_name,
        case_id=case.id,
    )


def _parties(case: PaperMixin) -> dict[str, str]:
    graduate = case.graduate
    return {
        "unit": case.employer.name if case.employer else "",
        "graduate": graduate.name,
        "school": graduate.school.name,
        "number": case.number or "",
    }
