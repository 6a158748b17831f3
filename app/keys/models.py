"""Which keys this database needs, by their ids."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.workflow.models import Timestamp

DATA = "data"  # of values and files; that of the indexes is "index"


class NeededKey(Model):
    """A key without which something here could not be read or found; never the key itself."""

    __tablename__ = "data_keys"

    purpose: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    since: Mapped[datetime] = mapped_column(Timestamp, server_default=func.now())
