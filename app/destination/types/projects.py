"""Service projects: of the country 501–503, of provinces and cities 511–515 and 519."""

from __future__ import annotations

from app.destination.types import parts
from app.destination.types.declared import DestinationType, Field, Proof, declare

SERVICE = (
    parts.EMPLOYER.but(label="服务单位名称", example="示例县第一中学"),
    parts.REGION.but(label="服务地"),
    parts.CONTACT,
    parts.PHONE,
    parts.USCC.but(required=False),
    parts.NATURE.but(required=False),
    parts.INDUSTRY.but(required=False),
    parts.CATEGORY.but(required=False),
    parts.ADDRESS,
    parts.SIGNED_ON.but(name="service_from", label="服务开始日期", required=False),
)
NOTICE = Proof("project_notice", "项目录用通知、服务通知或协议")


def _project(code: str, label: str, parent: str, hint: str) -> DestinationType:
    return DestinationType(code, label, parent, SERVICE, (NOTICE,), hint=hint)


declare(
    _project("501", "特岗教师", "50", "国家“特岗计划”教师"),
    _project("502", "三支一扶", "50", "支教、支农、支医和帮扶乡村振兴"),
    _project("503", "西部计划", "50", "大学生志愿服务西部计划"),
    _project("511", "地方特岗教师", "51", "省、市组织的特岗教师"),
    _project("512", "地方选调生", "51", "省、市组织部门选调"),
    _project("513", "农技特岗", "51", "省、市组织的农业技术推广岗位"),
    _project("514", "乡村医生", "51", "大学生乡村医生专项计划等"),
    _project("515", "乡村教师", "51", "省、市组织的乡村教师项目"),
    DestinationType(
        "519",
        "其他地方基层项目",
        "51",
        (Field("project", "text", "项目名称", example="乡村振兴协理员"), *SERVICE),
        (NOTICE,),
        hint="上面没有列出的省、市基层项目",
    ),
)
