"""Working for oneself: 751–753 自主创业, 76 自由职业."""

from __future__ import annotations

from app.destination.types import parts
from app.destination.types.declared import DestinationType, Field, Proof, declare

declare(
    DestinationType(
        "751",
        "创立公司(含个体工商户)",
        "75",
        (
            parts.EMPLOYER.but(label="企业名称"),
            parts.USCC,
            parts.REGION.but(label="所在地"),
            parts.INDUSTRY.but(label="所属行业"),
            parts.NATURE,
            parts.ADDRESS,
            parts.CONTACT.but(label="联系人", required=False),
            parts.PHONE.but(required=False),
        ),
        (Proof("business_licence", "营业执照"),),
        hint="本人是公司或个体工商户的法定代表人、股东或经营者",
    ),
    DestinationType(
        "752",
        "在孵化机构中暂未注册或注册中",
        "75",
        (
            Field("project", "text", "项目名称", example="校园跑腿平台"),
            parts.EMPLOYER.but(name="incubator", label="孵化机构名称", ems="employer", example="示例大学生创业园"),
            parts.REGION.but(label="所在地"),
            parts.INDUSTRY.but(label="所属行业"),
            parts.CONTACT.but(label="孵化机构联系人", required=False),
            parts.PHONE.but(required=False),
        ),
        (Proof("incubator_proof", "孵化机构出具的证明"),),
        hint="创业团队已入驻孵化机构，尚未完成工商登记",
    ),
    DestinationType(
        "753",
        "电子商务创业(开设网店等)",
        "75",
        (
            parts.EMPLOYER.but(name="shop", label="网店名称", ems="employer", example="示例手工坊", hint=""),
            Field("url", "uri", "网店网址"),
            parts.REGION.but(label="所在地"),
            parts.INDUSTRY.but(label="所属行业", required=False),
        ),
        (Proof("shop_page", "网店信息截图"), Proof("income_record", "收入流水")),
        hint="通过电商平台开店经营",
    ),
    DestinationType(
        "76",
        "自由职业",
        "G3",
        (
            Field(
                "occupation",
                "long_text",
                "职业说明",
                hint="做什么、为谁做、怎样取得收入；如作家、翻译、自由撰稿人、互联网营销、电子竞技",
                example="为出版社翻译日文图书，按字数结算稿酬。",
            ),
            parts.REGION.but(label="所在地"),
            *parts.PAY,
            Field(
                "department_opinion",
                "long_text",
                "院系审定意见",
                hint="自由职业须经院系、学校两级审定：写明院系就业工作负责人的姓名和意见",
                example="经核实情况属实，同意登记。审定人：王老师",
            ),
        ),
        (Proof("signed_statement", "本人签字确认的证明材料", hint="由院系就业工作负责人一并签字"),),
        hint="以个体劳动为主、收入来自独立完成的工作",
        minimum_wage=True,
        two_levels=True,
    ),
)
