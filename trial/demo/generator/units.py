"""Units of the generated country and the letters that they send."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any, Final

import psycopg

from app.codes import queries as codes
from trial.demo.generator.plan import UnitPlan
from trial.demo.names import (
    FEMALE,
    MALE,
    invented_credit_code,
    invented_employer_name,
    invented_mobile,
    invented_name,
)

_PER_UNIT: Final = 200  # graduates
_LETTERS: Final = 3
_RESERVED: Final = 100_000  # serials of credit codes and names that the demonstration's own units may have used

# title, job category, least and most pay a month
_POSITIONS: Final = (
    ("软件开发工程师", "13", 9000, 22000),
    ("测试工程师", "13", 7000, 14000),
    ("机械工程师", "13", 6500, 13000),
    ("电气工程师", "13", 6500, 14000),
    ("研究助理", "11", 6000, 12000),
    ("会计", "21", 5000, 9000),
    ("客户经理", "22", 6000, 15000),
    ("法务专员", "23", 6000, 11000),
    ("教师", "24", 6000, 12000),
    ("编辑", "27", 5500, 10000),
    ("行政专员", "30", 4500, 8000),
    ("市场专员", "40", 5000, 12000),
    ("护士", "19", 5000, 9000),
    ("设备技术员", "60", 5000, 9500),
)
# type, nature, industries that go with it
_KINDS: Final = (
    *((("2", "39", ("34", "22", "31", "38", "37")),) * 7),
    *((("1", "31", ("23", "24", "22", "35")),) * 2),
    ("3", "32", ("22", "34", "35")),
)
_REGIONS: Final = ("110108", "310115", "320106", "330106", "340104", "370202", "420106", "430104", "440305", "510107")

COLUMNS: Final = (
    *("id", "name", "short_name", "uscc", "type", "nature", "industry", "size", "region", "address"),
    *("website", "welfare", "intro", "verified_at", "created_at", "updated_at"),
)


def prepare_units(
    graduates: int, connection: psycopg.Connection[Any], now: datetime, rng: Random
) -> tuple[UnitPlan, ...]:
    """Write one verified unit for about 200 graduates by COPY and return what letters need to know of them."""
    count = max(5, graduates // _PER_UNIT)
    query = "SELECT nextval('employers_id_seq') FROM generate_series(1, %s)"
    ids = [row[0] for row in connection.execute(query, [count])]
    rows = [_row(key, key + _RESERVED, now, rng) for key in ids]
    with connection.cursor().copy(f"COPY employers ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in COLUMNS])
    return tuple(_plan(row, rng) for row in rows)


def _row(key: int, serial: int, now: datetime, rng: Random) -> dict[str, Any]:
    kind, nature, industries = rng.choice(_KINDS)
    name = invented_employer_name(rng, serial)
    return {
        "id": key,
        "name": name,
        "short_name": name[2:5],
        "uscc": invented_credit_code(rng, serial),
        "type": kind,
        "nature": nature,
        "industry": rng.choice(industries),
        "size": rng.choice("1234567"),
        "region": rng.choice(_REGIONS),
        "address": f"石榴路{rng.randint(1, 900)}号",
        "website": f"https://unit{key}.example",
        "welfare": "五险一金、带薪年假、年度体检",
        "intro": f"{name}是一家{rng.choice(('成长中', '行业领先', '专精特新'))}的企业。",
        "verified_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _plan(row: dict[str, Any], rng: Random) -> UnitPlan:
    contact = invented_name(rng, rng.choice((MALE, FEMALE)))
    phone = invented_mobile(rng)
    letters = tuple(_letter(row, contact, phone, rng) for _ in range(_LETTERS))
    facts = {
        "name": row["name"],
        "short_name": row["short_name"],
        "uscc": row["uscc"],
        "nature": codes.label("employer_nature", row["nature"]),
        "nature_code": row["nature"],
        "industry": codes.label("employer_industry", row["industry"]),
        "industry_code": row["industry"],
        "address": f"{codes.region_label(row['region'])} {row['address']}",
        "region_code": row["region"],
        "contact": contact,
        "phone": phone,
    }
    return UnitPlan(row["id"], facts, contact, letters)


def _letter(row: dict[str, Any], contact: str, phone: str, rng: Random) -> dict[str, Any]:
    title, category, least, most = rng.choice(_POSITIONS)
    pay = rng.randrange(least, most, 500)
    months = rng.choice((0, 3, 6))
    position = {
        "title": title,
        "category": category,
        "department": "人力资源部",
        "region": row["region"],
        "address": row["address"],
        "salary_month": f"{pay}.00",
        "probation_months": months,
        "probation_salary": f"{pay * 8 // 10}.00" if months else None,
        "liquidated_damages": rng.choice(("0.00", "3000.00", "5000.00")),
        "contact": contact,
        "phone": phone,
    }
    archive: dict[str, Any] = {"accept": False}
    if rng.random() < 0.5:
        archive = {
            "accept": True,
            "receiver": row["name"],
            "department": "人力资源部",
            "address": row["address"],
            "postcode": "100000",
            "contact": contact,
            "phone": phone,
        }
    hukou: dict[str, Any] = {"accept": False, "optional": False}
    if rng.random() < 0.3:
        hukou = {"accept": True, "optional": True, "address": row["address"]}
    clauses = rng.choice(("", "公司提供过渡宿舍，服务期不作要求。", "入职后安排导师带教，试用期按劳动合同约定。"))
    return {"position": position, "archive": archive, "hukou": hukou, "clauses": clauses}
