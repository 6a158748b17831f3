"""What approving a signing does whatever its kind: it gives a new agreement number, never used again."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from app.base.database import session
from app.documents.models import AgreementSerial
from app.documents.numbering import agreement_number, level_digit
from app.roster.models import Graduate


def issue_number(graduate: Graduate, education: str) -> str:
    """The next number of the graduate's school, cohort and level, in the running transaction.

    `education` is the 学历 that stands on the agreement.
    """
    digit = level_digit(education)
    counter = insert(AgreementSerial).values(
        school_id=graduate.school_id, cohort=graduate.cohort, level_digit=digit, last=1
    )
    serial = session.scalar(
        counter.on_conflict_do_update(
            index_elements=["school_id", "cohort", "level_digit"], set_={"last": AgreementSerial.last + 1}
        ).returning(AgreementSerial.last)
    )
    return agreement_number(graduate.cohort, graduate.school.code, digit, int(serial or 1))
