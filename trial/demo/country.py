"""The demonstration country as data: real places and schools, invented people and units, the same every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.access.actors import DEPARTMENT, OPERATOR, PROVINCE, READ_WRITE, SCHOOL
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY, THREE_PARTY, TWO_PARTY

PASSWORD: Final = "Qianyue@2027"  # noqa: S105 - published in the README: it opens the demonstration only
MAX_TERMINATIONS: Final = 2
ALL_MODULES: Final = dict.fromkeys(("employment", "archive", "hukou"), READ_WRITE)

# code, name, agreement type (None: the province has opened nothing)
PROVINCES: Final = (
    ("11", "北京市", TWO_PARTY),
    ("32", "江苏省", THREE_PARTY),
    ("44", "广东省", None),
)


@dataclass(frozen=True)
class SchoolData:
    """A school with the way it reviews (None: it has set nothing) and its agreement contact."""

    code: str
    name: str
    province: str
    review_mode: str | None
    contact: tuple[str, str, str, str] | None  # name, phone, address, postcode


SCHOOLS: Final = (
    SchoolData(
        "10001",
        "北京大学",
        "11",
        DEPARTMENT_FIRST,
        ("叶知章", "010-55550101", "北京市海淀区颐和园路5号", "100871"),
    ),
    SchoolData(
        "10002",
        "中国人民大学",
        "11",
        SCHOOL_ONLY,
        ("陆怀瑾", "010-55550202", "北京市海淀区中关村大街59号", "100872"),
    ),
    SchoolData(
        "10284", "南京大学", "32", SCHOOL_ONLY, ("卞清和", "025-55550303", "江苏省南京市栖霞区仙林大道163号", "210023")
    ),
    SchoolData("10558", "中山大学", "44", None, None),
)

INFORMATICS, LANGUAGES = "信息科学技术学院", "外国语学院"


@dataclass(frozen=True)
class StaffData:
    """An account of the platform's, a province's, a school's or a department's staff."""

    username: str
    name: str
    kind: str
    province: str | None = None
    school: str | None = None
    department: str | None = None


STAFF: Final = (
    StaffData("operator", "闻人朗", OPERATOR),
    StaffData("province11", "席慕山", PROVINCE, province="11"),
    StaffData("province32", "计南舟", PROVINCE, province="32"),
    StaffData("province44", "司徒岭", PROVINCE, province="44"),
    StaffData("school10001", "傅砚秋", SCHOOL, school="10001"),
    StaffData("school10002", "商叙白", SCHOOL, school="10002"),
    StaffData("school10284", "宁远川", SCHOOL, school="10284"),
    StaffData("school10558", "容海若", SCHOOL, school="10558"),
    StaffData("dept10001a", "祝青禾", DEPARTMENT, school="10001", department=INFORMATICS),
    StaffData("dept10001b", "花见微", DEPARTMENT, school="10001", department=LANGUAGES),
)


@dataclass(frozen=True)
class UnitData:
    """A unit: whether it is verified, what it says of itself, and its users as (username, personal details)."""

    verified: bool
    facts: dict[str, Any]
    users: tuple[tuple[str, dict[str, Any]], ...]


def unit_user(username: str, name: str, sex: str, post: str, phone: str, mobile: str) -> tuple[str, dict[str, Any]]:
    """A user of a unit: the account's name, and what the unit says of the person."""
    details = {"name": name, "sex": sex, "department": "人力资源部", "post": post}
    return username, {**details, "email": f"{username}@unit.invalid", "work_phone": phone, "mobile": mobile}


UNITS: Final = (
    UnitData(
        verified=True,
        facts={
            "name": "北京砚渡禾信息技术有限公司",
            "short_name": "砚渡禾",
            "uscc": "91110108MX5PER7K08",
            "type": "2",
            "nature": "39",
            "industry": "34",
            "job_industry": "互联网/软件",
            "business_scope": "行业软件、数据平台与信息安全服务",
            "size": "4",
            "region": "110108",
            "address": "清河梧桐路18号砚渡大厦9层",
            "website": "https://yanduhe.example",
            "welfare": "六险一金、带薪年假、导师带教、过渡宿舍、年度体检",
            "intro": "砚渡禾为制造业和公共服务提供数据平台与信息安全产品，在北京、南京设有研发中心。",
        },
        users=(
            unit_user("employer1", "苗望舒", "2", "招聘经理", "010-55551001", "15400010001"),
            unit_user("employer1b", "戚若川", "1", "校园招聘主管", "010-55551002", "15400010002"),
        ),
    ),
    UnitData(
        verified=True,
        facts={
            "name": "南京榆溯弦轨道交通设备有限公司",
            "short_name": "榆溯弦",
            "uscc": "91320106MXB7W33413",
            "type": "1",
            "nature": "31",
            "industry": "22",
            "job_industry": "轨道交通装备",
            "business_scope": "轨道交通信号与牵引设备的研制、生产和维护",
            "size": "5",
            "region": "320106",
            "address": "江滨石榴巷66号",
            "website": "https://yusuxian.example",
            "welfare": "五险二金、企业年金、人才公寓、子女托管",
            "intro": "从事轨道交通信号与牵引设备的研制，产品用于多个城市的地铁线路。",
        },
        users=(unit_user("employer2", "柏临川", "1", "人力资源主管", "025-55552001", "15400020001"),),
    ),
    UnitData(
        verified=False,
        facts={
            "name": "广州荻鹭穹生物医药有限公司",
            "short_name": "荻鹭穹",
            "uscc": "91440106MXP3NNB90C",
            "type": "2",
            "nature": "39",
            "industry": "38",
            "job_industry": "生物医药",
            "business_scope": "体外诊断试剂的研究、开发与技术服务",
            "size": "3",
            "region": "440106",
            "address": "黄埔榕荫街7号3栋",
            "website": "https://diluqiong.example",
            "welfare": "五险一金、弹性工作、餐补",
            "intro": "做体外诊断试剂的研发型企业。",
        },
        users=(unit_user("employer3", "关越溪", "2", "行政人事", "020-55553001", "15400030001"),),
    ),
)
FAVORITES_OF: Final = ("employer1", (1, 2, 7, 8, 13))


@dataclass(frozen=True)
class GraduateData:
    """A graduate; `number` is that of the account (None: no account), `back` counts cohorts before the current one."""

    number: int | None
    school: str
    department: str
    major: str
    name: str
    id_number: str
    mobile: str
    education: str = "31"
    ethnicity: str = "01"
    political_status: str = "03"
    training_mode: str = "1"
    origin_region: str = "370102"
    back: int = 0
    removed: bool = False

    @property
    def username(self) -> str | None:
        """The name of the account, if there is one."""
        return f"graduate{self.number}" if self.number else None

    def row(self, cohort: int, serial: int) -> dict[str, Any]:
        """The roster row as an import would bring it, for `cohort` as the current one."""
        year = cohort - self.back
        postgraduate = self.education[0] in "01"
        entry, region = year - (3 if postgraduate else 4), self.origin_region
        exam = f"{self.school}{entry}{serial:06d}" if postgraduate else f"{entry % 100:02d}{region[:4]}{serial:08d}"
        return {
            "school": self.school,
            "cohort": year,
            "exam_number": exam,
            "student_number": f"{entry}{self.school[-3:]}{serial:04d}",
            "name": self.name,
            "sex": "1" if int(self.id_number[16]) % 2 else "2",
            "id_number": self.id_number,
            "ethnicity": self.ethnicity,
            "political_status": self.political_status,
            "department": self.department,
            "major": self.major,
            "education": self.education,
            "duration": "3" if postgraduate else "4",
            "training_mode": self.training_mode,
            "graduated_on": date(year, 6, 30).isoformat(),
            "origin_region": region,
            "mobile": self.mobile,
            "email": f"student{serial}@student.invalid",
            "address": f"梧桐里{serial}号",
        }


_PKU, _RUC, _NJU, _SYSU = "10001", "10002", "10284", "10558"
_BUSINESS, _LAW, _PRESS = "商学院", "法学院", "新闻学院"
_COMPUTING, _ARTS = "计算机科学与技术系", "文学院"
_LIFE, _PLANNING = "生命科学学院", "地理科学与规划学院"

GRADUATES: Final = (
    GraduateData(1, _PKU, INFORMATICS, "计算机科学与技术", "李婉昕", "410671200508030042", "15401000303"),
    GraduateData(2, _PKU, INFORMATICS, "软件工程", "陈䶮", "340177200507060111", "15402000306", political_status="01"),
    GraduateData(3, _PKU, INFORMATICS, "智能科学与技术", "潘念珊", "130871200405030166", "15403000309"),
    GraduateData(4, _PKU, LANGUAGES, "英语", "尹绍安", "429000200409080230", "15404000312"),
    GraduateData(5, _PKU, LANGUAGES, "日语语言文学", "任若禾", "411771200408130261", "15405000315", education="11"),
    GraduateData(6, _PKU, LANGUAGES, "英语语言文学", "熊天瑞", "370572200410270337", "15406000318", education="01"),
    GraduateData(7, _RUC, _BUSINESS, "会计学", "杨舒妍", "220171200408090387", "15407000321"),
    GraduateData(8, _RUC, _BUSINESS, "市场营销", "陈㛃睿", "659000200503090454", "15408000324", political_status="02"),
    GraduateData(9, _RUC, _LAW, "法学", "佟佳彤", "540172200402160488", "15409000327", ethnicity="11"),
    GraduateData(10, _RUC, _LAW, "法学", "赵宇凯", "410371200509010557", "15410000330"),
    GraduateData(11, _RUC, _PRESS, "新闻学", "余可敏", "321071200501010600", "15411000333", education="11"),
    GraduateData(12, _RUC, _PRESS, "广播电视学", "周天帆", "130672200408070679", "15412000336", political_status="13"),
    GraduateData(
        13,
        *(_NJU, _COMPUTING, "计算机科学与技术", "阿依努尔·达吾提", "419000200510010729", "15413000339"),
        ethnicity="05",
        origin_region="653101",
    ),
    GraduateData(14, _NJU, _COMPUTING, "信息安全", "丁浩杰", "41147120050412077X", "15414000342"),
    GraduateData(15, _NJU, _ARTS, "汉语言文学", "罗舒苒", "341372200407050821", "15415000345"),
    GraduateData(16, _NJU, _ARTS, "戏剧与影视学", "郑思远", "150271200405120891", "15416000348", education="11"),
    GraduateData(17, _RUC, _BUSINESS, "财务管理", "苏乐珊", "500200200512070949", "15417000351", training_mode="21"),
    GraduateData(18, _RUC, _LAW, "法学", "王绍辉", "43117120050719099X", "15418000354", back=1),
    GraduateData(19, _RUC, _PRESS, "新闻学", "陈乐婷", "371772200405221049", "15419000357", back=2),
    GraduateData(20, _RUC, _BUSINESS, "会计学", "张云轩", "320671200407031116", "15420000360", removed=True),
    GraduateData(None, _SYSU, _LIFE, "生物科学", "何婷", "130471200505191168", "15421000363"),
    GraduateData(None, _SYSU, _LIFE, "生物科学", "李天波", "310100200509141231", "15422000366"),
    GraduateData(None, _SYSU, _LIFE, "生物技术", "田清苒", "411171200411071263", "15423000369"),
    GraduateData(None, _SYSU, _LIFE, "生态学", "廖辉", "341172200407231330", "15424000372"),
    GraduateData(None, _SYSU, _PLANNING, "城乡规划", "陈佳颖", "140271200412171388", "15425000375"),
    GraduateData(None, _SYSU, _PLANNING, "城乡规划", "王天哲", "500100200512081458", "15426000378"),
    GraduateData(None, _SYSU, _PLANNING, "地理科学", "钱可薇", "430671200508031487", "15427000381"),
    GraduateData(None, _SYSU, _PLANNING, "地理科学", "孙承杰", "371171200508051557", "15428000384"),
)
