"""Tables of the documents: agreement numbers given so far, and the files that are kept."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class FileDigest(LargeBinary):
    """The digest under which the store keeps a file. What no column of this type names is let go of (`orphans.py`)."""


class AgreementSerial(Model):
    """The last serial given for a school, cohort and level; numbers are never used again."""

    __tablename__ = "agreement_serials"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    level_digit: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class AgreementText(Model):
    """A province's own version of the agreement's text; a trigger keeps what was signed off as it is, for ever."""

    __tablename__ = "agreement_texts"
    __table_args__ = (
        UniqueConstraint("version"),
        UniqueConstraint("province_id", "serial"),
        Index("ix_agreement_texts_province", "province_id", "valid_from"),
        CheckConstraint("NOT signed_off_by_id = ANY (author_ids)", name="two_people"),
        CheckConstraint("(signed_off_at IS NULL) = (signed_off_by IS NULL)", name="signed_off_by_somebody"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    province_id: Mapped[int] = mapped_column(ForeignKey("provinces.id"))
    serial: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[str] = mapped_column(String(40))  # stands on the paper
    agreement_type: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    author_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)  # everybody who wrote of it
    written_by: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    signed_off_by_id: Mapped[int | None] = mapped_column(BigInteger)
    signed_off_by: Mapped[str | None] = mapped_column(String(64))
    signed_off_at: Mapped[datetime | None] = mapped_column(Timestamp)

    def __str__(self) -> str:
        return self.version


class StoredFile(Model):
    """One kept file of a case; the content lies in the storage under its digest. Scope columns are the case's."""

    __tablename__ = "stored_files"
    __table_args__ = (
        UniqueConstraint("workflow", "case_id", "kind", "sha256"),
        Index("ix_stored_files_sha256", "sha256"),
        Index(
            "uq_stored_files_document", "workflow", "case_id", "kind", unique=True, postgresql_where=text("generated")
        ),
    )
    employer_may_see = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workflow: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    generated: Mapped[bool] = mapped_column(default=False)  # made by the program, once; not uploaded
    name: Mapped[str] = mapped_column(String(128))
    mime: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(FileDigest)
    sealed_by: Mapped[str | None] = mapped_column(
        String(64)
    )  # SHA-256 of the certificate; noted since there is this column
    province_id: Mapped[int | None] = mapped_column(ForeignKey("provinces.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    level: Mapped[str | None] = mapped_column(String(16))
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduates.id"))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employers.id"))
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))  # the user to whom the case belongs
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
    created_by: Mapped[str] = mapped_column(String(64))


class OrphanedFile(Model):
    """Content in the store that no kept file names, and since when this is known."""

    __tablename__ = "orphaned_files"

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    since: Mapped[datetime] = mapped_column(Timestamp, index=True, default=clock.now)
