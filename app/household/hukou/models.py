"""Table of the hukou registrations (W8)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.base.database import Model
from app.base.sealed import PersonalJson
from app.cases.models import AT_HOME
from app.household.models import HouseholdMixin, promises


class Hukou(HouseholdMixin, Model):
    """W8 户口信息登记: where the hukou of a graduate moves."""

    __tablename__ = "hukous"
    __table_args__ = promises("hukous")
    workflow_name = "hukou"

    data: Mapped[dict[str, Any]] = mapped_column(PersonalJson(*AT_HOME), default=dict)
