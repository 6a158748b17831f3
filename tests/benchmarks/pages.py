"""List pages as a browser and a program ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import psycopg
from werkzeug.test import TestResponse

from tests.benchmarks.house import House
from tests.benchmarks.recording import recording, replay, usual, without_authentication

ROUNDS = 40
PAGE = 25
SCHOOL_ACCOUNT, PROVINCE_ACCOUNT = "bench-school", "bench-province"


@dataclass(frozen=True)
class Figure:
    """One measured thing."""

    name: str
    statements: int
    milliseconds: float
    bare: float

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
    """在线签约管理 as a school and a province see it, and the same list from the API."""
    for name, ask in _requests(house):
        yield measure(house, name, ask)


def measured_figures(house: House) -> Iterator[Figure]:
    """The figures of employment: those of a school, of a province by school, of the whole country."""
    client = house.app.test_client()
    for name, account in (("a school", SCHOOL_ACCOUNT), ("a province", PROVINCE_ACCOUNT), ("the country", "operator")):
        headers = house.token(account)
        yield measure(
            house, f"of {name}", lambda headers=headers: client.get("/api/v1/statistics/employment", headers=headers)
        )


def _requests(house: House) -> Iterator[tuple[str, Callable[[], TestResponse]]]:
    view = staff_view(house)
    address, view_name = f"{view.route_base}/list/", type(view).__name__
    school, province = house.browser(SCHOOL_ACCOUNT), house.browser(PROVINCE_ACCOUNT)
    with house.connect() as connection:
        rows, name = _facts(connection)
    last = max(0, (min(rows, 10_000) - 1) // PAGE)
    yield "first page", lambda: school.get(address)
    yield f"page {last + 1}", lambda: school.get(f"{address}?page_{view_name}={last}")
    yield "name contains two characters", lambda: school.get(f"{address}?_flt_0_graduate_name={name}")
    yield "waiting for the school", lambda: school.get(f"{address}?_flt_0_state=school_review")
    yield "a province's first page", lambda: province.get(address)
    headers, client = house.token(SCHOOL_ACCOUNT), house.app.test_client()
    yield "API, first page", lambda: client.get("/api/v1/online_signing/", headers=headers)


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


def measure(house: House, name: str, ask: Callable[[], TestResponse]) -> Figure:
    """Ask again and again; beside it the same statements by psycopg alone."""
    for _ in range(3):
        answer = ask()
        assert answer.status_code == 200, (name, answer.status_code, answer.text[:500])
    with recording(house.app) as statements:
        ask()
    times, bare = [], []
    with house.connect() as connection:
        for _ in range(6):  # so that psycopg has prepared them, as in the program
            replay(connection, statements)
        for _ in range(ROUNDS):  # in turn, so that whatever else the machine does falls on both
            begun = perf_counter()
            ask()
            times.append((perf_counter() - begun) * 1000)
            bare.append(replay(connection, statements))
    return Figure(name, without_authentication(statements), usual(times), usual(bare))
