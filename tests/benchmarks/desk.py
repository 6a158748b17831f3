"""The reviewer's desk: every filter and order of the list, the search over everything, a record with those beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.house import House
from tests.benchmarks.pages import PROVINCE_ACCOUNT, SCHOOL_ACCOUNT, Figure, measure, school_of, staff_view

_WAITING = "school_review"


def measured_desk(house: House) -> Iterator[Figure]:
    """Each column by which the list can be filtered, each by which the API's can be ordered, then the desk's pages."""
    view, said = staff_view(house), _sample(house)
    address = f"{view.route_base}/list/"
    school, province = house.browser(SCHOOL_ACCOUNT), house.browser(PROVINCE_ACCOUNT)
    for column, kinds in view._filters.get_search_filters().items():
        for number, kind in enumerate(kinds):
            asked = urlencode({f"_flt_{number}_{column}": said[column]})
            yield measure(house, f"{column} {kind.arg_name}", lambda asked=asked: school.get(f"{address}?{asked}"))
    asked = urlencode({"_flt_0_school": said["school"]})
    yield measure(house, "a province: school ct", lambda: province.get(f"{address}?{asked}"))
    headers, client = house.token(SCHOOL_ACCOUNT), house.app.test_client()
    for column in _orders(house):
        for order in (column, f"-{column}"):
            path = f"/api/v1/online_signing/?order={order}"
            yield measure(house, f"API, order {order}", lambda path=path: client.get(path, headers=headers))
    for name in ("graduate_name", "number", "unit", "exam_number"):
        path = f"/staff/find/?{urlencode({'text': said[name]})}"
        yield measure(house, f"found by {name}", lambda path=path: school.get(path))
    path = f"{view.route_base}/show/{said['waiting']}"
    yield measure(house, "a waiting record on the desk", lambda: school.get(path))
    yield measure(house, "the same, list filtered", lambda: school.get(f"{path}?_flt_0_state={_WAITING}"))


def _orders(house: House) -> tuple[str, ...]:
    """The columns that may order the API's list."""
    for view in house.app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if getattr(view, "workflow", "") == "online_signing" and hasattr(view, "listing"):
            return tuple(view.listing.order)
    raise SystemExit("There is no list of the online signings in the API.")


def _sample(house: House) -> Mapping[str, Any]:
    """A value for each column, of a signing of the school that has a number, and a record that waits."""
    from app.base.database import session
    from app.employers.models import Employer
    from app.roster.models import Graduate
    from app.signing.online.models import OnlineSigning

    with house.connect() as connection:
        school = school_of(connection)
    with house.app.app_context():
        of_school = session.query(OnlineSigning).filter(OnlineSigning.school_id == school)
        row = of_school.filter(OnlineSigning.number.is_not(None)).order_by(OnlineSigning.id).first()
        waiting = of_school.filter(OnlineSigning.state == _WAITING).order_by(OnlineSigning.id).first()
        assert row is not None
        assert waiting is not None
        graduate = session.get_one(Graduate, row.graduate_id, options=Graduate.eager_options())
        return {
            "state": _WAITING,
            "reviewer": "nobody",
            "cohort": row.cohort,
            "level": row.level,
            "number": row.number,
            "unit": session.get_one(Employer, row.employer_id).name,
            "school": graduate.school.name,
            "department": graduate.department.name,
            "major": graduate.major,
            "graduate_name": graduate.name[-2:],
            "id_number": graduate.id_number,
            "exam_number": graduate.exam_number,
            "waiting": waiting.id,
        }
