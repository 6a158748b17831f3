"""Tables of the signings on paper, and of the links by which a unit hands in a stamped copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.base.sealed import EncryptedJson
from app.cases.models import ReviewedMixin, scope_indexes
from app.workflow.models import Timestamp
from app.workflow.stages import BINDING, Stage, sql_in


@dataclass(frozen=True)
class TypedUnit:
    """The unit as the graduate typed it; no unit of the platform, and in no unit's scope."""

    name: str
    uscc: str | None
    nature: str | None
    industry: str | None
    region: str | None
    address: str
    contact: str
    phone: str
    id: int | None = None
    short_name: str | None = None

    def __str__(self) -> str:
        return self.name


# What is typed of a unit, and what stands for it while it is not.
_TYPED: dict[str, Any] = {
    **dict.fromkeys(("name", "address", "contact", "phone"), ""),
    **dict.fromkeys(("uscc", "nature", "industry", "region")),
}


class PaperMixin(ReviewedMixin):
    """What both signings on paper have. `data` is the application: employer, position, archive, hukou, clauses."""

    agreement_type: Mapped[str] = mapped_column(String(16))
    wording: Mapped[str | None] = mapped_column(String(40))  # version of the text that it was begun with
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)  # the agreement, frozen (R9.1)
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    # For lists, filters and warnings; they follow `data` by themselves.
    unit_name: Mapped[str | None] = mapped_column(String, Computed("(data -> 'employer' ->> 'name')", persisted=True))
    unit_uscc: Mapped[str | None] = mapped_column(String, Computed("(data -> 'employer' ->> 'uscc')", persisted=True))

    @property
    def employer(self) -> TypedUnit | None:
        """The unit as typed; None while nothing is."""
        typed = (self.data or {}).get("employer") or {}
        if not typed.get("name"):
            return None
        return TypedUnit(**{name: typed.get(name) or empty for name, empty in _TYPED.items()})


# What has been in force has its number, its frozen text and its day.
# What was found not to be true during its review is void and has never held.
_HAS_HELD = f"NOT {sql_in(Stage.IN_FORCE, Stage.ENDED)}"


def _binding(table: str) -> Index:
    return Index(f"uq_{table}_binding", "graduate_id", unique=True, postgresql_where=text(sql_in(*BINDING)))


class OfflineSigning(PaperMixin, Model):
    """W2: an agreement that is made here, printed, stamped by the unit and handed in as a picture (R7.6)."""

    __tablename__ = "offline_signings"
    __table_args__ = (
        *scope_indexes("offline_signings"),
        _binding("offline_signings"),
        Index("uq_offline_signings_number", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
        Index("ix_offline_signings_unit", "unit_uscc", postgresql_where=text("unit_uscc IS NOT NULL")),
        # From the approval of the agreement on it has both.
        CheckConstraint("(number IS NULL) = (snapshot IS NULL)", name="number_is_frozen"),
        CheckConstraint(f"NOT {sql_in(Stage.HALFWAY)} OR number IS NOT NULL", name="approved_has_number"),
        CheckConstraint(f"{_HAS_HELD} OR (number IS NOT NULL AND signed_at IS NOT NULL)", name="signed_has_time"),
    )
    workflow_name = "offline_signing"


class Supplementary(PaperMixin, Model):
    """W3: an agreement that was signed on paper before, registered with its pictures (R7.8)."""

    __tablename__ = "supplementaries"
    __table_args__ = (
        *scope_indexes("supplementaries"),
        _binding("supplementaries"),
        Index("ix_supplementaries_unit", "unit_uscc", postgresql_where=text("unit_uscc IS NOT NULL")),
        CheckConstraint(f"{_HAS_HELD} OR (signed_at IS NOT NULL AND snapshot IS NOT NULL)", name="signed_is_frozen"),
    )
    workflow_name = "supplementary"


class AgreementNumber(Model):
    """Every number that an agreement has ever had, over all kinds of signings; triggers write it, none is given twice."""

    __tablename__ = "agreement_numbers"

    number: Mapped[str] = mapped_column(String(18), primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)


class UploadLink(Model):
    """A link by which the unit hands in the stamped copy without an account (R7.6); only the token's hash is kept."""

    __tablename__ = "upload_links"
    __table_args__ = (
        Index(
            "uq_upload_links_open",
            "case_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND used_at IS NULL"),
        ),
        Index("ix_upload_links_case", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("offline_signings.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sent_to: Mapped[str] = mapped_column(String(160))  # masked
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    revoked_at: Mapped[datetime | None] = mapped_column(Timestamp)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    created_by: Mapped[str] = mapped_column(String(64))
