"""Tables of the documents: agreement numbers given so far, and the files that are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.workflow.models import Timestamp


class AgreementSerial(Model):
    """The last serial given for a school, cohort and level; numbers are never used again."""

    __tablename__ = "agreement_serials"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), primary_key=True)
    cohort: Mapped[int] = mapped_column(Integer, primary_key=True)
    level_digit: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


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
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
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
