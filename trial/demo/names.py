"""Invented people and units for the demonstration and the generator: valid in form, and nobody's.

Everything takes a random.Random, so the same seed invents the same country. Where a `serial` may be given,
different serials never give the same value. Numbers lie where none are issued: identity numbers under region
codes that no card carries, credit codes under an organisation prefix not in use, unopened mobile ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Final

from app.base.values.credit_codes import credit_check_character, organisation_check_character
from app.base.values.id_numbers import id_check_digit

MALE, FEMALE = "1", "2"

# Repeated by rough frequency, so that a school looks like a school.
_SURNAMES: Final = (
    *"王李张刘陈杨黄赵吴周" * 12,
    *"徐孙马朱胡郭何林高罗" * 6,
    *"郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖" * 2,
    *"石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文",
    *("欧阳", "上官", "司徒", "慕容", "诸葛", "夏侯", "尉迟", "令狐"),
)
_MALE_FIRST: Final = tuple("子俊浩宇泽天志文建家博思明国晓嘉一逸承景立云海致绍启永振修")
_MALE_LAST: Final = tuple("轩豪杰涛鹏辉超强伟磊洋波宁凯帆然睿哲翔远航昊诚瑞峰川恺霖安舟")
_FEMALE_FIRST: Final = tuple("雨梓思欣诗雅晓静佳紫若婉梦语可心芷慧书清宛采沐灵乐知映念舒")
_FEMALE_LAST: Final = tuple("涵怡萱婷琪雯颖璇洁琳瑶蕾妍菲娜敏薇玥彤岚宁溪禾晴悦珊芸昕筠苒")
_RARE: Final = tuple("䶮㛃喆堃玥翀曌淼犇骉祎赟彧頔玚珺")  # two of them outside the common character sets
_MINORITY_GIVEN: Final = {
    MALE: ("阿迪力", "艾尼瓦尔", "吐尔逊", "库尔班", "叶尔肯", "木合塔尔", "亚森江", "热合曼江"),
    FEMALE: ("阿依古丽", "热依汗", "古丽娜尔", "帕提古丽", "阿依努尔", "迪丽拜尔", "麦尔哈巴", "祖丽胡玛尔"),
}
_MINORITY_FATHER: Final = (
    "买买提",
    "阿不都热合曼",
    "吾买尔",
    "依明江",
    "哈力克",
    "赛买提",
    "肉孜",
    "达吾提",
    "拜尔迪",
)

_CITIES: Final = (
    *("北京", "上海", "天津", "重庆", "南京", "苏州", "无锡", "杭州", "宁波", "合肥", "福州", "厦门", "南昌"),
    *("济南", "青岛", "郑州", "洛阳", "武汉", "长沙", "广州", "深圳", "东莞", "南宁", "海口", "成都", "绵阳"),
    *(
        "贵阳",
        "昆明",
        "西安",
        "兰州",
        "西宁",
        "银川",
        "乌鲁木齐",
        "太原",
        "石家庄",
        "沈阳",
        "大连",
        "长春",
        "哈尔滨",
    ),
)
# Words that do not go together in any trade name: the brand is meant to sound right and to belong to nobody.
_BRAND_FIRST: Final = tuple("砚梧檀榆苇茉芸蘅荻橡桦杉槿栀枫")
_BRAND_MIDDLE: Final = tuple("渡笙汀溯澜漪岫岚峤壑陌阡翎羽鹭")
_BRAND_LAST: Final = tuple("禾简舟序策帧弦砾穹屿籁牧耘砥")
_TRADES: Final = (
    *("科技", "信息技术", "软件", "智能装备", "新材料", "生物医药", "医疗器械", "新能源", "电子", "精密制造"),
    *("环境工程", "建筑设计", "检测技术", "供应链管理", "物流", "文化传媒", "教育咨询", "农业科技", "食品"),
    *(
        "化工",
        "汽车零部件",
        "航空技术",
        "轨道交通设备",
        "数据服务",
        "网络技术",
        "商贸",
        "旅游发展",
        "工程咨询",
    ),
)
_LEGAL_FORMS: Final = (*("有限公司",) * 6, "股份有限公司", *("有限责任公司",) * 2, "（集团）有限公司")

# City-level placeholders and zones of the statistics office: in the region table, but on no card.
_UNISSUED_REGIONS: Final = (
    *("110100", "120100", "310100", "419000", "429000", "469000", "500100", "500200", "659000", "130171"),
    *("130273", "130471", "130672", "130871", "131071", "140271", "150271", "220171", "220271", "220871"),
    *("320671", "321071", "340177", "340371", "341172", "341372", "370572", "370871", "371171", "371772"),
    *("410371", "410671", "410871", "411171", "411471", "411771", "430372", "430671", "431171", "540172"),
)
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_UNUSED_ORGANISATIONS: Final = "MX"
_SEATS: Final = (
    *(
        "110105",
        "110108",
        "310104",
        "310115",
        "120104",
        "500112",
        "320102",
        "320106",
        "320594",
        "320206",
        "330106",
    ),
    *(
        "330212",
        "340104",
        "350102",
        "350203",
        "360108",
        "370102",
        "370202",
        "410105",
        "420106",
        "430104",
        "440106",
    ),
    *(
        "440305",
        "441900",
        "450103",
        "460105",
        "510107",
        "520115",
        "530102",
        "610113",
        "620102",
        "210102",
        "220104",
    ),
)
_OTHER_ETHNICITIES: Final = ("02", "03", "04", "06", "07", "08", "09", "10", "11", "12", "15", "16")

_SPREAD: Final = 1_000_003
_ID_NUMBERS: Final = len(_UNISSUED_REGIONS) * 500  # 500 serial numbers a sex, region and day
_CREDIT_CODES: Final = len(_CREDIT_ALPHABET) ** 6
_EMPLOYERS: Final = len(_CITIES) * len(_BRAND_FIRST) * len(_BRAND_MIDDLE) * len(_BRAND_LAST) * len(_TRADES)


def invented_name(rng: Random, sex: str = MALE) -> str:
    """A name of two to twelve characters; one in 300 holds a rare one, one in 100 a dot."""
    chance = rng.random()
    if chance < 0.01:
        return f"{_pick(rng, _MINORITY_GIVEN[sex])}·{_pick(rng, _MINORITY_FATHER)}"
    surname = _pick(rng, _SURNAMES)
    first, last = (_MALE_FIRST, _MALE_LAST) if sex == MALE else (_FEMALE_FIRST, _FEMALE_LAST)
    if chance > 0.9967:
        return f"{surname}{_pick(rng, first)}{_pick(rng, _RARE)}"
    if chance > 0.85:
        return surname + _pick(rng, last)
    return surname + _pick(rng, first) + _pick(rng, last)


def invented_ethnicity(rng: Random, name: str) -> str:
    """A code of the table ethnicity that fits an invented name: nine in ten 汉族, with a dot 维吾尔族."""
    if "·" in name:
        return "05"
    return "01" if rng.random() < 0.91 else _pick(rng, _OTHER_ETHNICITIES)


def invented_employer_name(rng: Random, serial: int | None = None) -> str:
    """A company with a place, a brand that no company has, trade and legal form; one in 50 is a branch."""
    number = _number(rng, serial, _EMPLOYERS)
    number, city = divmod(number, len(_CITIES))
    number, first = divmod(number, len(_BRAND_FIRST))
    number, middle = divmod(number, len(_BRAND_MIDDLE))
    trade, last = divmod(number, len(_BRAND_LAST))
    brand = _BRAND_FIRST[first] + _BRAND_MIDDLE[middle] + _BRAND_LAST[last]
    branch = f"{_pick(rng, _CITIES)}分公司" if rng.random() < 0.02 else ""
    return f"{_CITIES[city]}{brand}{_TRADES[trade]}{_pick(rng, _LEGAL_FORMS)}{branch}"


def invented_id_number(rng: Random, sex: str, birth: date, serial: int | None = None) -> str:
    """A valid identity number under a region code that no card carries; `sex` is "1" or "2".

    With `serial` it is unique among 20,000 people of the same sex born on the same day.
    """
    number, region = divmod(_number(rng, serial, _ID_NUMBERS), len(_UNISSUED_REGIONS))
    order = number * 2 + (1 if sex == MALE else 0)
    body = f"{_UNISSUED_REGIONS[region]}{birth.isoformat().replace('-', '')}{order:03d}"
    return body + id_check_digit(body)


def invented_credit_code(rng: Random, serial: int | None = None) -> str:
    """A valid credit code of a company, both checks right, under an organisation prefix not in use."""
    number = _number(rng, serial, _CREDIT_CODES)
    organisation = _UNUSED_ORGANISATIONS
    for _place in range(6):
        number, value = divmod(number, len(_CREDIT_ALPHABET))
        organisation += _CREDIT_ALPHABET[value]
    body = f"91{_pick(rng, _SEATS)}{organisation}{organisation_check_character(organisation)}"
    return body + credit_check_character(body)


def invented_mobile(rng: Random, serial: int | None = None) -> str:
    """A mobile number, valid in form, in the range 154 that no operator was ever given."""
    return f"154{_number(rng, serial, 10**8):08d}"


def _number(rng: Random, serial: int | None, size: int) -> int:
    # Multiplying by a prime that does not divide the size spreads neighbours far apart and never meets twice.
    return int(rng.random() * size) if serial is None else serial * _SPREAD % size


def _pick(rng: Random, among: Sequence[str]) -> str:
    return among[int(rng.random() * len(among))]
