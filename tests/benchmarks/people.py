"""Accounts of a unit and a graduate in the generated country, with whose records the pages are full."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.house import House

UNIT_ACCOUNT, GRADUATE_ACCOUNT = "bench-unit", "bench-graduate"
# Of the first generated school: where it is, a unit that has signed with its graduates, one of these, a record to review.
_FOUND = """
SELECT s.school_id, s.province_id, s.employer_id, s.graduate_id, s.cohort,
       (SELECT min(w.id) FROM online_signings w WHERE w.school_id = s.school_id AND w.state = 'school_review')
FROM online_signings s JOIN graduates g ON g.id = s.graduate_id
WHERE s.school_id = (SELECT min(chain) FROM history_heads) AND s.state = 'signed' AND g.confirmed_at IS NOT NULL
  AND s.cohort = (SELECT max(cohort) FROM online_signings WHERE school_id = s.school_id)
ORDER BY s.id LIMIT 1
"""


@dataclass(frozen=True)
class Whole:
    """Ids of what is looked at."""

    school: int
    province: int
    unit: int
    graduate: int
    cohort: int
    waiting: int


def whole_accounts(house: House) -> Whole:
    """Make the two accounts, once; returns whose they are."""
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import EMPLOYER, SYSTEM
    from app.base.database import session, transaction
    from app.employers.models import Employer
    from app.employers.services import add_unit_user
    from app.roster.models import Graduate
    from trial.demo.country import PASSWORD, UNITS
    from trial.demo.load import settle_graduate

    with house.connect() as connection:
        row = connection.execute(_FOUND).fetchone()
    assert row is not None
    whole = Whole(*row)
    with house.app.app_context(), transaction():
        if account_named(UNIT_ACCOUNT) is None:
            password = hash_password(PASSWORD)
            unit = session.get_one(Employer, whole.unit)
            account = create_account(
                username=UNIT_ACCOUNT,
                name="bench",
                kind=EMPLOYER,
                password_hash=password,
                employer_id=unit.id,
                actor=SYSTEM,
            )
            add_unit_user(account.user_id, unit, UNITS[0].users[0][1], actor=SYSTEM)
            settle_graduate(session.get_one(Graduate, whole.graduate), GRADUATE_ACCOUNT, password)
    return whole
