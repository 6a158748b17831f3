"""Which text an agreement is set with: what its case was begun with, for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.documents.models import AgreementText
from app.documents.texts.words import FIRST, NEWEST, Wording, platform_versions, platform_wording, wording_of


def texts_in_force(province_ids: Iterable[int]) -> dict[int, AgreementText]:
    """The own texts of provinces that hold today, by province; the platform's holds for all others. One statement."""
    query = (
        select(AgreementText)
        .distinct(AgreementText.province_id)
        .where(
            AgreementText.province_id.in_(set(province_ids)),
            AgreementText.signed_off_at.is_not(None),
            AgreementText.valid_from <= clock.today(),
        )
        .order_by(AgreementText.province_id, AgreementText.valid_from.desc(), AgreementText.signed_off_at.desc())
    )
    return {text.province_id: text for text in session.scalars(query)}


def versions_in_force(province_ids: Iterable[int]) -> dict[int, str]:
    """Which version agreements that are begun now are set with, by province."""
    places = set(province_ids)
    return dict.fromkeys(places, NEWEST) | {place: text.version for place, text in texts_in_force(places).items()}


def wording_for(snapshot: Mapping[str, Any]) -> Wording:
    """The text of an agreement, by its snapshot: `wording` names it; those without are from before it was noted."""
    version = snapshot.get("wording") or FIRST
    if version in platform_versions(snapshot["agreement_type"]):
        return platform_wording(snapshot["agreement_type"], version)
    return _of_province(version)


@lru_cache(maxsize=64)
def _of_province(version: str) -> Wording:
    # What was signed off never changes, so it is read once a process.
    query = select(AgreementText.text).where(AgreementText.version == version, AgreementText.signed_off_at.is_not(None))
    return wording_of(session.scalars(query).one(), version)
