"""The way to the right type: a few questions in plain words. Data; a type that no answer names is in the full list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

START = "start"
SIGNING = "signing"  # an answer that leads out of the destinations: an agreement is signed, not registered


@dataclass(frozen=True)
class Answer:
    """One answer: it leads to a further question (`asks`), to a type (`type`), or elsewhere (`leads`)."""

    label: str
    hint: str = ""
    asks: str = ""
    type: str = ""
    leads: str = ""


@dataclass(frozen=True)
class Question:
    """One question and its answers."""

    text: str
    answers: tuple[Answer, ...]


QUESTIONS: Mapping[str, Question] = {
    START: Question(
        "毕业后您去做什么？",
        (
            Answer("去单位工作", "企业、机关、学校、医院、科研机构、境外单位等", asks="work"),
            Answer("继续读书", "读研、第二学士学位、专升本、出国出境留学", asks="study"),
            Answer("参加基层服务项目", "特岗教师、三支一扶、西部计划、选调生、乡村医生等", asks="project"),
            Answer("参军入伍", "义务兵、军士（士官）、文职人员", asks="army"),
            Answer("自己创业，或做自由职业", "开公司、开网店、在孵化器创业、写作、翻译等", asks="own"),
            Answer("还没有确定", "正在找工作，准备考试，或暂不就业", asks="waiting"),
        ),
    ),
    "work": Question(
        "单位给您的是哪一种材料？",
        (
            Answer("劳动合同", type="11"),
            Answer("聘用证明，或者只有工资收入证明、收入流水", "没有签合同，也没有签就业协议", type="12"),
            Answer("公开招考后的录用接收函", "由人事部门出具", type="10A"),
            Answer("科研助理或管理助理的聘用协议", type="271"),
            Answer("博士后进站的批件或接收函", type="272"),
            Answer("住院医师规范化培训协议", type="10C"),
            Answer("境外单位或国际组织的接收证明", asks="abroad"),
            Answer("就业协议书", "两方或三方协议，纸质或线上：到“签约”里办理", leads=SIGNING),
        ),
    ),
    "abroad": Question(
        "接收您的是国际组织吗？",
        (
            Answer("是国际组织", "如联合国及其专门机构", type="10D"),
            Answer("不是，是国外或港澳台的单位", type="10E"),
        ),
    ),
    "study": Question(
        "您去读什么？",
        (
            Answer("国内的研究生", "硕士或博士，考取或推免", type="801"),
            Answer("国内的第二学士学位", type="802"),
            Answer("国内的专升本", type="803"),
            Answer("出国或到港澳台留学", type="85"),
        ),
    ),
    "project": Question(
        "是国家的项目，还是省、市的项目？",
        (
            Answer("国家的项目", "特岗教师、三支一扶、西部计划", asks="national"),
            Answer("省、市的项目", "地方特岗教师、选调生、农技特岗、乡村医生、乡村教师等", asks="local"),
        ),
    ),
    "national": Question(
        "是哪一个国家项目？",
        (
            Answer("特岗教师", type="501"),
            Answer("三支一扶", type="502"),
            Answer("西部计划", type="503"),
        ),
    ),
    "local": Question(
        "是哪一个地方项目？",
        (
            Answer("地方特岗教师", type="511"),
            Answer("选调生", type="512"),
            Answer("农技特岗", type="513"),
            Answer("乡村医生", type="514"),
            Answer("乡村教师", type="515"),
            Answer("上面没有的项目", type="519"),
        ),
    ),
    "army": Question(
        "您以什么身份入伍？",
        (
            Answer("义务兵", type="46"),
            Answer("军士（士官）或文职人员", type="10B"),
        ),
    ),
    "own": Question(
        "哪一种最符合您的情况？",
        (
            Answer("已注册公司或个体工商户", type="751"),
            Answer("在孵化机构里，还没有注册完", type="752"),
            Answer("开网店等电子商务", type="753"),
            Answer("自由职业", "撰稿、翻译、艺术、新媒体等，收入来自独立完成的工作", type="76"),
        ),
    ),
    "waiting": Question(
        "目前是什么情况？",
        (
            Answer("正在找工作，或有意向还没有落实", type="70"),
            Answer("准备升学考试或出国深造", type="71"),
            Answer("因其他原因暂不就业", type="72"),
        ),
    ),
}


def question_at(place: str, offered: Collection[str]) -> Question | None:
    """The question of that name with the answers that lead to something this graduate may register.

    `offered`: the codes of the types that are open now. None for an unknown place.
    """
    question = QUESTIONS.get(place)
    if question is None:
        return None
    answers = tuple(answer for answer in question.answers if _leads_on(answer, offered))
    return Question(question.text, answers)


def way_to(place: str) -> list[str]:
    """The questions before this one, the first one first, for the way back."""
    for name, question in QUESTIONS.items():
        if any(answer.asks == place for answer in question.answers):
            return [*way_to(name), name]
    return []


def reachable_types(place: str = START) -> set[str]:
    """Every type that the answers lead to from here."""
    found: set[str] = set()
    for answer in QUESTIONS[place].answers:
        found |= reachable_types(answer.asks) if answer.asks else {answer.type} - {""}
    return found


def _leads_on(answer: Answer, offered: Collection[str]) -> bool:
    if answer.asks:
        return bool(reachable_types(answer.asks) & set(offered))
    return bool(answer.leads) or answer.type in offered
