"""Further study: 801–803 at home, 85 abroad."""

from __future__ import annotations

from app.destination.types.declared import DestinationType, Field, Proof, declare

SCHOOL = Field("school_name", "text", "升学单位名称", ems="employer", most=128, example="示例大学")
MAJOR = Field("major", "text", "录取专业", most=64, example="计算机科学与技术")
FORM = Field("study_form", "code", "学习形式", table="study_form")
DEGREE = Field("degree", "code", "学历层次", table="education_group")
REGION = Field("region", "region", "升学单位所在地", required=False)
NOTICE = Proof("admission_notice", "录取通知书或拟录取证明")
# 学历 codes of those who have finished a level, whether 毕业 or 结业.
SPECIALIST, BACHELOR, SECOND, MASTER, DOCTOR = ("41", "43"), ("31", "33"), ("25", "26"), ("11", "13"), ("01", "03")


def _fields(*degrees: str) -> tuple[Field, ...]:
    return (SCHOOL, DEGREE.but(only=degrees), MAJOR, FORM, REGION)


declare(
    DestinationType(
        "801",
        "研究生",
        "80",
        _fields("博士", "硕士"),
        (NOTICE,),
        hint="考取或推免为国内高校、科研机构的研究生",
        educations=(*BACHELOR, *SECOND, *MASTER),
    ),
    DestinationType(
        "802",
        "第二学士学位",
        "80",
        _fields("二学位"),
        (NOTICE,),
        hint="录取为第二学士学位",
        educations=BACHELOR,
    ),
    DestinationType(
        "803",
        "专升本",
        "80",
        _fields("本科"),
        (NOTICE,),
        hint="专科毕业生升入本科",
        educations=SPECIALIST,
    ),
    DestinationType(
        "85",
        "境外留学",
        "G4",
        (
            Field("country", "country", "留学国家或地区", ems="address", leave_out=("CN",)),
            SCHOOL.but(label="留学院校中文名称"),
            Field("school_foreign", "text", "留学院校外文名称", most=128, example="Example University"),
            MAJOR.but(label="留学专业中文名称"),
            Field("major_foreign", "text", "留学专业外文名称", most=128, example="Computer Science"),
            DEGREE.but(label="留学学历层次"),
        ),
        (Proof("overseas_admission", "境外院校录取通知或签证"),),
        hint="到国外或港澳台地区的院校学习",
    ),
)
