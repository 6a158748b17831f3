"""Table of the archive registrations (W7)."""

from __future__ import annotations

from app.base.database import Model
from app.household.models import HouseholdMixin, promises


class Archive(HouseholdMixin, Model):
    """W7 档案信息登记: where the archive of a graduate is sent."""

    __tablename__ = "archives"
    __table_args__ = promises("archives")
    workflow_name = "archive"
