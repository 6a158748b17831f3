"""The accounts of the demonstration country as a table for the README."""

from __future__ import annotations

from collections.abc import Iterator

from trial.demo import country, living
from trial.demo.country import GraduateData

_ROLES = {
    "operator": "运营",
    "province": "省级",
    "school": "学校",
    "department": "院系",
}
_COHORTS = ("本届", "上一届", "上两届")


def accounts_as_markdown() -> str:
    """Every account with name, what it is for, and the ID number of graduates; the same at each call."""
    return "\n".join((*_staff(), "", *_employers(), "", *_graduates()))


def _staff() -> Iterator[str]:
    schools = {school.code: school.name for school in (*country.SCHOOLS, *living.SCHOOLS)}
    provinces = {code: name for code, name, _agreement in country.PROVINCES}
    yield from ("| 账号 | 姓名 | 身份 | 范围 |", "|---|---|---|---|")
    for data in (*country.STAFF, *living.STAFF):
        parts = (provinces.get(data.province or ""), schools.get(data.school or ""), data.department)
        scope = " ".join(part for part in parts if part) or "全国"
        yield f"| `{data.username}` | {data.name} | {_ROLES[data.kind]} | {scope} |"


def _employers() -> Iterator[str]:
    yield from ("| 账号 | 姓名 | 单位 | 统一社会信用代码 | 认证 |", "|---|---|---|---|---|")
    for unit in country.UNITS:
        state = "已认证" if unit.verified else "未认证"
        for username, details in unit.users:
            yield f"| `{username}` | {details['name']} | {unit.facts['name']} | {unit.facts['uscc']} | {state} |"
    last = living.unit_username(living.UNITS)
    yield f"| `{living.unit_username(1)}`–`{last}` | | 有签约、解约记录的单位 | | 已认证 |"


def _graduates() -> Iterator[str]:
    schools = {school.code: school.name for school in country.SCHOOLS}
    yield from ("| 账号 | 姓名 | 身份证号 | 学校 | 院系 | 说明 |", "|---|---|---|---|---|---|")
    for data in country.GRADUATES:
        account = f"`{data.username}`" if data.username else "—"
        place = f"{schools[data.school]} | {data.department}"
        yield f"| {account} | {data.name} | {data.id_number} | {place} | {_remark(data)} |"


def _remark(data: GraduateData) -> str:
    parts = [_COHORTS[data.back]]
    if data.training_mode != "1":
        parts.append(f"培养方式 {data.training_mode}")
    if data.removed:
        parts.append("已从学生名单中删除")
    return "，".join(parts)
