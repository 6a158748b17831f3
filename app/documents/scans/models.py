"""Table of the sheets that were read on files which people handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Model
from app.documents.models import FileDigest, StoredFile
from app.workflow.models import Timestamp


class ScanSheet(Model):
    """What one picture, or one page of a PDF, turned out to be; it goes with its file."""

    __tablename__ = "scan_sheets"
    __table_args__ = (UniqueConstraint("file_id", "sheet"), Index("ix_scan_sheets_shown", "shown"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey(StoredFile.id, ondelete="CASCADE"))
    sheet: Mapped[int] = mapped_column(SmallInteger)  # counted from 1, codes of one picture each for itself
    verdict: Mapped[str] = mapped_column(String(12))  # of documents/scans/words.py
    number: Mapped[str | None] = mapped_column(String(40))  # that its code says
    page: Mapped[int | None] = mapped_column(SmallInteger)
    pages: Mapped[int | None] = mapped_column(SmallInteger)  # that its paper has
    likeness: Mapped[int | None] = mapped_column(SmallInteger)  # how sharp it is, 0 to 100
    differing: Mapped[int | None] = mapped_column(SmallInteger)  # places that are not as they were printed
    shown: Mapped[bytes | None] = mapped_column(FileDigest)  # digest of the picture of both side by side
    read_at: Mapped[datetime] = mapped_column(Timestamp, default=clock.now)
