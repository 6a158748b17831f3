"""The table of what is kept, for how long, why, and what becomes of it then; records, agreements and their history stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, or_, select

from app.access.audit import AuditLine
from app.access.devices import KnownDevice
from app.access.sessions import LoginSession, forget_old_sessions
from app.base import clock
from app.base.sealed import holds_something
from app.base.settings import settings
from app.cases.attachments import takes_files
from app.documents import orphans
from app.documents.models import OrphanedFile, StoredFile
from app.employers.models import ColleagueInvitation
from app.machines.webhooks.models import WebhookDelivery
from app.notices.models import Notification
from app.passcodes.models import VerificationCode
from app.passcodes.services import forget_old_codes
from app.roster.imports.services.batches import READY_FOR, discard_old_batches
from app.roster.models import READY, RosterBatch
from app.signing.paper.models import UploadLink
from app.signing.paper.services.copies import outlived
from app.trail.blocks import forget_old_lines
from app.web import jobs
from app.web.idempotency import KEPT_FOR, IdempotencyKey, forget_old_keys
from app.workflow import registry
from app.workflow.models import Event, Job, JobFile, OutboxMessage
from app.workflow.stages import Stage

DELETE, ANONYMISE = "delete", "anonymise"
_DAY: Final = timedelta(days=1)
_YEAR: Final = timedelta(days=365)
# Messages to people: what stands in them is needed until they have arrived, and for asking back a while.
_TO_PEOPLE = ("letter", "code", "personal")
_MINIMISED = _("Personal Information Protection Law, articles 19 and 47: no longer than the purpose needs")


@dataclass(frozen=True)
class Rule:
    """One kind of data: `kept` counts from `since`, rows that are `due` are deleted or anonymised by the job.

    `own` is the room's function where it does more than delete rows; it answers how many.
    """

    name: str
    what: Any
    since: Any
    kept: Callable[[], timedelta]
    source: Any
    model: Any
    due: Callable[[], ColumnElement[bool]]
    then: str = DELETE
    own: Callable[[], int] | None = None


def _before(span: timedelta) -> Any:
    return clock.now() - span


def _in_old_drafts() -> ColumnElement[bool]:
    """Files of records that nobody has handed in, edited or touched for half a year."""
    found = [
        and_(
            StoredFile.workflow == table.name,
            StoredFile.case_id.in_(
                select(table.model.id).where(
                    table.model.stage == Stage.DRAFT, table.model.updated_at < _before(180 * _DAY)
                )
            ),
        )
        for table in registry.all_workflows()
        if takes_files(table.name)
    ]
    return and_(StoredFile.generated.is_(False), StoredFile.created_at < _before(180 * _DAY), or_(*found))


RULES: Final = (
    Rule(
        "audit_lines",
        _("Audit trail: log-ins, reads, downloads, changes of accounts and settings"),
        _("when it was written"),
        lambda: timedelta(days=settings().audit_days),
        _("Cybersecurity Law, article 21: at least six months; never less than 180 days"),
        AuditLine,
        lambda: AuditLine.at < _before(timedelta(days=settings().audit_days)),
        own=forget_old_lines,
    ),
    Rule(
        "login_sessions",
        _("Log-ins of browsers and programs"),
        _("their end"),
        timedelta,
        _MINIMISED,
        LoginSession,
        lambda: LoginSession.expires_at <= clock.now(),
        own=forget_old_sessions,
    ),
    Rule(
        "known_devices",
        _("Browsers by which an account is known again"),
        _("the first log-in with them"),
        lambda: _YEAR + 30 * _DAY,
        _MINIMISED,
        KnownDevice,
        lambda: KnownDevice.seen_at < _before(_YEAR + 30 * _DAY),
    ),
    Rule(
        "verification_codes",
        _("Verification codes and the numbers that they went to"),
        _("their end"),
        lambda: 30 * _DAY,
        _MINIMISED,
        VerificationCode,
        lambda: VerificationCode.expires_at < _before(30 * _DAY),
        own=forget_old_codes,
    ),
    Rule(
        "messages",
        _("What stood in messages to people, once they were delivered"),
        _("their delivery"),
        lambda: 180 * _DAY,
        _MINIMISED,
        OutboxMessage,
        lambda: and_(
            OutboxMessage.kind.in_(_TO_PEOPLE),
            OutboxMessage.status == "done",
            OutboxMessage.done_at < _before(180 * _DAY),
            holds_something(OutboxMessage.payload),
        ),
        ANONYMISE,
    ),
    Rule(
        "notifications",
        _("Notices in the inboxes, with what was sent outside"),
        _("when they were written"),
        lambda: 3 * _YEAR,
        _("Law on Mediation and Arbitration of Labor Disputes, article 27: one year, and time for a lawsuit"),
        Notification,
        lambda: Notification.created_at < _before(3 * _YEAR),
    ),
    Rule(
        "job_results",
        _("Results of long jobs: imports, bulk steps, downloads"),
        _("their end"),
        lambda: 90 * _DAY,
        _MINIMISED,
        Job,
        lambda: Job.finished_at < _before(90 * _DAY),
    ),
    Rule(
        "job_files",
        _("Files that were made for somebody to download: large lists, one's own data"),
        _("when they were made"),
        lambda: jobs.KEPT_FOR,
        _MINIMISED,
        JobFile,
        lambda: JobFile.created_at < _before(jobs.KEPT_FOR),
    ),
    Rule(
        "roster_batches",
        _("Imports of the roster that nobody has committed"),
        _("the upload"),
        lambda: READY_FOR,
        _MINIMISED,
        RosterBatch,
        lambda: and_(RosterBatch.state == READY, RosterBatch.created_at < _before(READY_FOR)),
        own=discard_old_batches,
    ),
    Rule(
        "uploads",
        _("Files of drafts that were never handed in"),
        _("the last change of the draft"),
        lambda: 180 * _DAY,
        _MINIMISED,
        StoredFile,
        _in_old_drafts,
    ),
    Rule(
        "waiting_copies",
        _("Pictures that a unit sent through its link and never handed in"),
        _("the end of the link"),
        timedelta,
        _MINIMISED,
        StoredFile,
        outlived,
    ),
    Rule(
        "orphaned_files",
        _("Content of files that no record names any more"),
        _("the first look that found it so"),
        lambda: orphans.KEPT_FOR,
        _MINIMISED,
        OrphanedFile,
        orphans.is_due,
        own=orphans.discard_orphans,
    ),
    Rule(
        "upload_links",
        _("Links by which units have handed in stamped copies"),
        _("their end"),
        lambda: 180 * _DAY,
        _MINIMISED,
        UploadLink,
        lambda: UploadLink.expires_at < _before(180 * _DAY),
    ),
    Rule(
        "colleague_invitations",
        _("Invitations by which units have asked colleagues in"),
        _("their end"),
        lambda: 180 * _DAY,
        _MINIMISED,
        ColleagueInvitation,
        lambda: ColleagueInvitation.expires_at < _before(180 * _DAY),
    ),
    Rule(
        "events",
        _("Events for other systems: ids and states, no names"),
        _("the step"),
        lambda: _YEAR,
        _MINIMISED,
        Event,
        lambda: Event.at < _before(_YEAR),
    ),
    Rule(
        "webhook_deliveries",
        _("What was sent to webhooks, and the answers"),
        _("the event"),
        lambda: 30 * _DAY,
        _MINIMISED,
        WebhookDelivery,
        lambda: WebhookDelivery.created_at < _before(30 * _DAY),
    ),
    Rule(
        "idempotency_keys",
        _("Answers kept for repeated calls of programs"),
        _("the call"),
        lambda: KEPT_FOR,
        _MINIMISED,
        IdempotencyKey,
        lambda: IdempotencyKey.created_at < _before(KEPT_FOR),
        own=forget_old_keys,
    ),
)
