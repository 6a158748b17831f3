"""Agreements to print: an ordinary one, and one whose every part is as long as people can make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents.agreement import Way, lasting_agreement
from app.documents.lasting import print_lasting
from app.documents.texts.words import NEWEST

NUMBER = "202710001300000016"
# A name in each script of the country that GB 18030 knows, and as neighbours write theirs.
SCRIPTS = {
    "uyghur": "ئابدۇرېھىم ئابلىمىت",
    "kazakh": "نۇرسۇلتان ءابىش ۇلى",
    "tibetan": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "mongolian": "ᠪᠠᠲᠤ ᠰᠠᠷ\u180eᠠ",
    "yi": "ꆈꌠꉙ ꀊꒉ",
    "lisu": "ꓡꓲ ꓢꓴ",
    "dehong": "ᥖᥭᥰ ᥘᥫᥴ",
    "xishuangbanna": "ᦺᦑ ᦟᦹᧉ",
    "hangul": "김민준",
    "cyrillic": "Нұрсұлтан Әбішұлы Қайрат",
    "latin": "Nguyễn Thị Ánh Šťastný Łukasz Ŋaŋ",
}
JOINED = {"uyghur", "kazakh", "tibetan", "mongolian"}


def render_agreement(facts: Mapping[str, Any], way: Way = "online") -> bytes:
    """The agreement as the worker prints it, before it is sealed."""
    return print_lasting(lasting_agreement(facts, way))


def snapshot(agreement_type: str = "two_party", **parts: Any) -> dict[str, Any]:
    """An invented agreement; parts given as mappings are laid over the sample's, all others replace it."""
    sample = {
        "number": NUMBER,
        "agreement_type": agreement_type,
        "wording": NEWEST,
        "employer": {
            "name": "北京星河智能科技有限公司",
            "short_name": "星河智能",
            "uscc": "91110108749352307A",
            "nature": "其他企业",
            "industry": "信息传输、软件和信息技术服务业",
            "address": "北京市 海淀区 中关村大街27号",
            "contact": "王敏",
            "phone": "010-62510000",
        },
        "graduate": {
            "name": "李思源",
            "id_number": "110101200501011234",
            "sex": "男",
            "ethnicity": "汉族",
            "political_status": "共青团员",
            "school": "北京大学",
            "department": "信息科学技术学院",
            "major": "计算机科学与技术",
            "education": "本科生毕业",
            "duration": "4",
            "student_number": "2300012345",
            "graduated_on": "2027-07-01",
            "mobile": "13800001234",
            "address": "江苏省南京市鼓楼区汉口路22号",
        },
        "school": {
            "name": "北京大学",
            "contact": "赵志远",
            "phone": "010-62750000",
            "address": "北京市海淀区颐和园路5号",
            "postcode": "100871",
        },
        "position": {
            "title": "后端开发工程师",
            "category": "工程技术人员",
            "department": "云平台研发部",
            "region": "北京市 海淀区",
            "address": "中关村大街27号",
            "salary_month": "18000.00",
            "probation_months": 3,
            "probation_salary": "16000.00",
            "report_by": "2027-07-15",
            "liquidated_damages": "5000.00",
            "contact": "王敏",
            "phone": "010-62510001",
        },
        "archive": {
            "accept": True,
            "receiver": "北京市海淀区人才服务和档案管理中心",
            "department": "档案科",
            "address": "北京市海淀区西四环北路73号",
            "postcode": "100195",
            "contact": "档案室",
            "phone": "010-88490000",
        },
        "hukou": {"accept": True, "optional": True, "address": "北京市海淀区中关村大街27号集体户"},
        "clauses": "一、甲方为乙方提供两年免费住宿；\n二、乙方考取研究生的，可以解除本协议。",
        "confirmations": [
            {"role": "employer", "name": "王敏", "at": "2026-11-20T02:12:35+00:00"},
            {"role": "graduate", "name": "李思源", "at": "2026-11-20T12:40:02+08:00"},
            {"role": "department", "name": "孙立新", "at": "2026-11-21T09:03:11+08:00"},
            {"role": "school", "name": "周文斌", "at": "2026-11-21T16:30:45+08:00"},
        ],
        "verify_url": f"https://qianyue.example.edu.cn/verify?number={NUMBER}",
    }
    laid = {k: {**sample[k], **v} if isinstance(v, dict) else v for k, v in parts.items()}  # type: ignore[dict-item]
    return {**sample, **laid}


def longest(agreement_type: str = "three_party") -> dict[str, Any]:
    """The same with names, addresses and terms of the greatest length that the forms let pass."""
    place = "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巩乃斯沟乡巩乃斯林场国道217线与国道218线交会处以西约三公里处"
    return snapshot(
        agreement_type,
        employer={
            "name": "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巩乃斯沟乡水管站",
            "industry": "公共管理、社会保障和社会组织",
            "address": (place * 3)[:128],
            "contact": "阿卜杜热合曼·买买提",
        },
        graduate={
            "name": "阿依古丽·阿卜杜热西提·买买提明·吐尔逊",
            "ethnicity": "维吾尔族",
            "political_status": "中国国民党革命委员会会员",
            "department": "马克思主义学院与国际合作交流中心联合培养基地" * 2,
            "major": "马克思主义中国化研究（中国特色社会主义理论与实践方向）" * 2,
            "address": (place * 3)[:128],
        },
        school={"address": (place * 3)[:128]},
        position={
            "title": "基层治理综合执法协管与民族团结进步创建工作专职干事（乡镇）" * 2,
            "department": "党政综合办公室（民族宗教事务工作组）" * 3,
            "address": (place * 3)[:128],
            "salary_month": "99999999.99",
            "probation_salary": "88888888.88",
            "liquidated_damages": "99999999.99",
        },
        archive={"receiver": place[:64], "address": (place * 3)[:128], "contact": "档案室" * 10},
        hukou={"address": (place * 3)[:128]},
        clauses=long_clauses(),
    )


def in_script(name: str) -> dict[str, Any]:
    """An agreement that says the name wherever people write, in lines that are full of it and amid Chinese and figures."""
    return snapshot(
        "three_party",
        employer={"name": f"新疆{name}有限公司", "contact": name, "address": f"{name} " * 5},
        graduate={"name": name, "department": f"{name}（{name}）", "address": f"{name}12号"},
        position={"title": f"{name}、{name}"},
        clauses=f"一、乙方姓名为{name}，（{name}）2027年7月{name}到岗；\n{f'{name} ' * 14}\n{name}，{name}：3,500.50",
    )


def long_clauses(length: int = 2000) -> str:
    """Terms with everything that breaks lines: Latin words, an address, quotes, dashes, indents, blank lines."""
    start = (
        "　　一、甲方承诺为乙方提供住房补贴（每月2,000元），期限三十六个月；"
        "“人才公寓”的申请条件，详见《人才引进办法》——以最新版本为准……\n"
        "\n"
        "二、Technical stack: Python/PostgreSQL; see https://careers.example.com/policies/remote-work/2026/very/long/path/"
        "index.html?lang=zh-CN&version=20261120#section-12 for details.\n"
        "      (1) 缩进的条款，价格￥5,000.00、百分比50%、温度25℃。\n"
        "\t制表符开头的条款，<b>不是标记</b> & 不是实体 &amp;。\n"
    )
    sentence = (
        "乙方应当保守甲方的商业秘密，未经书面同意，不得向任何第三方披露；"
        "违反本条约定的，应当赔偿损失（包括律师费、诉讼费）。"
    )
    return (start + sentence * 60)[:length]
