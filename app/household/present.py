"""What other rooms ask this one: which archive and hukou records hold now (R4.8)."""

from __future__ import annotations

from typing import Any

from app.base.database import session
from app.household.models import MODELS, RecordCursor
from app.household.records import record_json
from app.roster.models import Graduate


def present_record(kind: str, case_id: int) -> dict[str, Any] | None:
    """The record to report again when its graduate is back on the roster.

    None when it was changed in the employment system meanwhile: what is held there then is the newer word.
    """
    case = session.get_one(MODELS[kind], case_id)
    graduate = session.get_one(Graduate, case.graduate_id)
    place = session.get(RecordCursor, (case.school_id, case.cohort))
    if place is not None and [graduate.exam_number, kind] in place.held:
        return None
    return record_json(case)
