"""Fields that many types share: the unit and how to reach it. 教学厅函〔2021〕19号 annex 2 and the 2024 export."""

from __future__ import annotations

from app.destination.types.declared import Field

EMPLOYER = Field(
    "employer", "text", "单位名称", most=128, example="示例科技有限公司", hint="与营业执照或公章上的全称一致"
)
USCC = Field("uscc", "uscc", "统一社会信用代码", hint="18 位，见营业执照或单位官网")
NATURE = Field("nature", "code", "单位性质", table="employer_nature", leave_out=("99",))
INDUSTRY = Field("industry", "code", "单位行业", table="employer_industry")
REGION = Field("region", "region", "单位所在地", hint="选到区县；没有区县的选到地市")
ADDRESS = Field("address", "text", "单位地址", required=False, most=128, example="中关村大街 1 号")
CATEGORY = Field("category", "code", "工作职位类别", table="job_category")
CONTACT = Field("contact", "text", "单位联系人", most=32, example="李敏")
PHONE = Field("phone", "phone", "联系人电话")
EMAIL = Field("email", "email", "单位电子邮箱", required=False)
SIGNED_ON = Field("signed_on", "date", "签约日期")
COUNTRY = Field("country", "country", "所在国家或地区", ems="address")
ABROAD = PHONE.but(example="+81312345678", hint="境外号码请加国家代码，例如 +81")

# What an employment in a unit asks for.
UNIT = (EMPLOYER, USCC, NATURE, INDUSTRY, REGION, ADDRESS, CATEGORY, CONTACT, PHONE, EMAIL)
# Where no contract says what the work is paid, it is compared with the local minimum wage.
PAY = (
    Field("pay", "money", "薪酬（元）", required=False, hint="填写后与当地最低工资标准比较，仅作提示"),
    Field(
        "pay_unit",
        "choice",
        "薪酬计算方式",
        required=False,
        choices=(("month", "每月"), ("hour", "每小时")),
        hint="不选按每月计算",
    ),
)
