"""Pages as a browser and a program ask for them, and beside those that it has the peer's (`peer`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg

from tests.benchmarks import peer as beside
from tests.benchmarks.house import House
from tests.benchmarks.peer.running import Peer
from tests.benchmarks.people import GRADUATE_ACCOUNT, UNIT_ACCOUNT, Whole, whole_accounts
from tests.benchmarks.recording import recording, replay, usual, without_authentication

ROUNDS = 40
PAGE = 25
SCHOOL_ACCOUNT, PROVINCE_ACCOUNT, COUNTRY_ACCOUNT = "bench-school", "bench-province", "operator"
Ask = Callable[[], Any]


@dataclass(frozen=True)
class Figure:
    """One measured thing."""

    name: str
    statements: int
    milliseconds: float
    bare: float
    peer: float | None = None  # Django's admin, where it has such a page

    @property
    def ratio(self) -> float:
        """How many times the work of psycopg alone."""
        return self.milliseconds / self.bare


def open_accounts(house: House) -> str:
    """Make a school's and a province's account in the generated country, once; returns the school's name."""
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import SYSTEM
    from app.base.database import session
    from app.schools.models import School
    from trial.demo.country import ALL_MODULES, PASSWORD

    with house.app.app_context():
        with house.connect() as connection:
            school = session.get(School, school_of(connection))
        assert school is not None
        if account_named(SCHOOL_ACCOUNT) is None:
            common = {"password_hash": hash_password(PASSWORD), "modules": ALL_MODULES, "actor": SYSTEM}
            scope = {"province_id": school.province_id}
            school_scope = {**scope, "school_id": school.id, "level": "all"}
            create_account(username=SCHOOL_ACCOUNT, name=school.name, kind="school", **common, **school_scope)
            create_account(username=PROVINCE_ACCOUNT, name=school.province.name, kind="province", **common, **scope)
        return school.name


def school_of(connection: psycopg.Connection[Any]) -> int:
    """The first generated school: the same at every size."""
    query = "SELECT min(chain) FROM history_heads"
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def measured_pages(house: House) -> Iterator[Figure]:
    """在线签约管理 as a school, a province and the country see it, the roster, what a unit and a graduate open."""
    for name, ask, peer in _requests(house):
        yield measure(house, name, ask, peer)


def measured_figures(house: House) -> Iterator[Figure]:
    """The figures of employment: those of a school, of a province by school, of the whole country."""
    client = house.app.test_client()
    for name, account in (("a school", SCHOOL_ACCOUNT), ("a province", PROVINCE_ACCOUNT), ("the country", "operator")):
        headers = house.token(account)
        yield measure(
            house, f"of {name}", lambda headers=headers: client.get("/api/v1/statistics/employment", headers=headers)
        )


def _requests(house: House) -> Iterator[tuple[str, Ask, Ask | None]]:
    view = staff_view(house)
    address, view_name = f"{view.route_base}/list/", type(view).__name__
    school, province, country = (house.browser(one) for one in (SCHOOL_ACCOUNT, PROVINCE_ACCOUNT, COUNTRY_ACCOUNT))
    whole = whole_accounts(house)
    django = Peer(house, school=whole.school, province=whole.province, unit=whole.unit)
    theirs, signings = {one: django.browser(one) for one in beside.scopes}, "/admin/peer/onlinesigning/"
    with house.connect() as connection:
        rows, name = _facts(connection)
    last = max(0, (min(rows, 10_000) - 1) // PAGE)

    def of(ours: Any, scope: str, asked: str = "", peers: str = "") -> tuple[Ask, Ask]:
        return lambda: ours.get(f"{address}{asked}"), lambda: theirs[scope].get(f"{signings}{peers}")

    yield "first page", *of(school, beside.SCHOOL)
    yield f"page {last + 1}", *of(school, beside.SCHOOL, f"?page_{view_name}={last}", f"?p={last + 1}")
    by_name = (f"?_flt_0_graduate_name={name}", f"?q={name}")
    yield "name contains two characters", *of(school, beside.SCHOOL, *by_name)
    waiting = ("?_flt_0_state=school_review", "?state__exact=school_review")
    yield "waiting for the school", *of(school, beside.SCHOOL, *waiting)
    yield "a waiting record, reviewed", *_review(view, whole, school, theirs[beside.SCHOOL])
    yield "a province's first page", *of(province, beside.PROVINCE)
    yield "the country's first page", *of(country, beside.COUNTRY)
    yield "the country: waiting for schools", *of(country, beside.COUNTRY, *waiting)
    yield "the country: name contains two characters", *of(country, beside.COUNTRY, *by_name)
    for who, ours, scope in (("a school", school, beside.SCHOOL), ("the country", country, beside.COUNTRY)):
        yield (
            f"graduates of {who}",
            lambda ours=ours: ours.get("/staff/graduates/list/"),
            lambda scope=scope: theirs[scope].get("/admin/peer/graduate/"),
        )
    yield from _outside_the_office(house, whole, theirs[beside.UNIT])
    headers, client = house.token(SCHOOL_ACCOUNT), house.app.test_client()
    yield "API, first page", lambda: client.get("/api/v1/online_signing/", headers=headers), None


def _review(view: Any, whole: Whole, school: Any, theirs: Any) -> tuple[Ask, Ask]:
    return (
        lambda: school.get(f"{view.route_base}/show/{whole.waiting}"),
        lambda: theirs.get(f"/admin/peer/onlinesigning/{whole.waiting}/change/"),
    )


def _outside_the_office(house: House, whole: Whole, theirs: Any) -> Iterator[tuple[str, Ask, Ask | None]]:
    unit, graduate = house.browser(UNIT_ACCOUNT, "employer"), house.browser(GRADUATE_ACCOUNT, "graduate")
    address = f"/employer/signings?tab=signed&cohort={whole.cohort}"
    asked = f"/admin/peer/onlinesigning/?state__exact=signed&cohort__exact={whole.cohort}"
    yield "a unit's tab", lambda: unit.get(address), lambda: theirs.get(asked)
    yield "a graduate's home", lambda: graduate.get("/graduate/"), None


def staff_view(house: House) -> Any:
    """FAB's view of the online signings."""
    for view in house.app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if getattr(view, "workflow", "") == "online_signing" and hasattr(view, "list_template"):
            return view
    raise SystemExit("There is no staff list of the online signings.")


def _facts(connection: psycopg.Connection[Any]) -> tuple[int, str]:
    """How many signings the school has, and two characters that stand in some of its graduates' names."""
    row = connection.execute(
        "SELECT count(*), (array_agg(right(g.name, 2)) FILTER (WHERE length(g.name) = 3))[1]"
        " FROM online_signings s JOIN graduates g ON g.id = s.graduate_id WHERE s.school_id = %s",
        [school_of(connection)],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def measure(house: House, name: str, ask: Ask, peer: Ask | None = None) -> Figure:
    """Ask again and again; beside it the peer for its page, and the same statements by psycopg alone."""
    for _ in range(3):
        for one in filter(None, (ask, peer)):
            answer = one()
            assert answer.status_code == 200, (name, answer.status_code, str(answer.headers)[:500])
    with recording(house.app) as statements:
        ask()
    times, peers, bare = [], [], []
    with house.connect() as connection:
        for _ in range(6):  # so that psycopg has prepared them, as in the program
            replay(connection, statements)
        for _ in range(ROUNDS):  # in turn, so that whatever else the machine does falls on all
            times.append(_timed(ask))
            if peer is not None:
                peers.append(_timed(peer))
            bare.append(replay(connection, statements))
    beside_it = usual(peers) if peers else None
    return Figure(name, without_authentication(statements), usual(times), usual(bare), beside_it)


def _timed(ask: Ask) -> float:
    begun = perf_counter()
    ask()
    return (perf_counter() - begun) * 1000
