"""Every spelling of a value is read as the one value; what is wrong is named (12.1, F1-F15 of the rows on typing)."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from app.base.spelling import invisible_in, visible
from app.base.values import Unreadable, addresses, credit_codes, days, id_numbers, money, names, phones

DATA = Path(__file__).parents[3] / "app" / "codes" / "data"
WIDE = {place: place + 0xFEE0 for place in range(0x21, 0x7F)}
UNSEEN = ["\u200b", "\ufeff", "\u200e", "\u00ad", "\u2060", "\u202c", "\u3164", "\ufe0f"]
BLANKS = [" ", "\u3000", "\u00a0", "\u2003", "  "]
FILLERS = [*UNSEEN, *BLANKS, *[""] * 13]
DOTS = "·•・‧∙⋅･᛫●◦.．。*-—_"


def _rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@st.composite
def padded(draw: st.DrawFn, text: str) -> str:
    """The text as somebody may paste it: blanks and unseen characters anywhere, some of it in full width."""
    chance = draw(st.randoms(use_true_random=False))
    signs = [chance.choice((sign, sign.translate(WIDE))) + chance.choice(FILLERS) for sign in text]
    return chance.choice(FILLERS) + "".join(signs)


@given(st.data(), st.sampled_from(["李明", "王䶮", "欧阳㛃𠮷", "古丽米热·艾比布力"]))
def test_a_persons_name_is_the_same_however_it_is_padded(data: st.DataObject, name: str) -> None:
    typed = data.draw(padded(name))
    assert names.person_name(typed) == name
    assert names.is_same(typed, name)


@given(st.sampled_from(DOTS), st.sampled_from(["", " ", "\u3000"]))
def test_whatever_stands_between_the_parts_of_a_name_is_one_dot(dot: str, blank: str) -> None:
    typed = f"古丽米热{blank}{dot}{blank}艾比布力"
    assert names.person_name(typed) == "古丽米热·艾比布力"
    assert names.is_same(typed, "古丽米热·艾比布力")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("John  SMITH", "John SMITH"),
        ("Jean-Luc O'Neil", "Jean-Luc O'Neil"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"),
        ("Jose\u0301 Garci\u0301a", "José García"),
        ("张三、李四", "张三、李四"),  # two names are no name with a dot
        ("张三(留学生)", "张三（留学生）"),
        ("\ue000明", "\ue000明"),
        ("﨑", "﨑"),  # a compatibility form is another character in a name
    ],
)
def test_what_is_kept_of_a_name(typed: str, kept: str) -> None:
    assert names.person_name(typed) == kept


def test_capitals_do_not_tell_people_apart() -> None:
    assert names.is_same("John Smith", "JOHN  SMITH")
    assert names.is_same("ＪＯＨＮ·ｓｍｉｔｈ", "john smith")
    assert not names.is_same("John Smith", "John Smyth")


@given(st.text(max_size=40))
@example("𠀀\x08.㐀")  # what is no sign between Chinese characters is no dot
@example("a\u0327'\u0301")  # accents find each other again when what stood between them is gone
def test_reading_twice_changes_nothing(text: str) -> None:
    for reader in (names.person_name, names.place_name, names.name_key):
        once = reader(text)
        assert reader(once) == once
    assert invisible_in(visible(text)) == []


@pytest.mark.parametrize(
    "typed", ["中山大学(深圳)", "中山大学（深圳）", " 中山大学 （深圳） ", "中山大学［深圳］", "中山大学（\u200b深圳）"]
)
def test_brackets_of_a_school_have_one_width(typed: str) -> None:
    assert names.place_name(typed) == "中山大学（深圳）"
    assert names.is_same(typed, "中山大学（深圳）")


def test_no_two_schools_have_one_key() -> None:
    schools = [row["label"] for row in _rows("university")]
    keys = {names.name_key(school) for school in schools}
    assert len(keys) == len(set(schools))
    brackets = [school for school in schools if "（" in school]
    assert brackets
    assert all(names.is_same(school, school.replace("（", " (").replace("）", ") ")) for school in schools)


@given(st.data())
def test_an_id_number_in_every_spelling(data: st.DataObject) -> None:
    typed = data.draw(padded("11010519491231002X"))
    for spelling in (typed, typed.lower(), typed.replace("X", "Х"), typed.replace("X", "×")):
        assert id_numbers.read(spelling) == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("110105491231002", "15 digits"),
        ("1101051949123100", "this has 16"),
        ("1101O519491231002X", "“O” in place 5"),
        ("11010519491331002X", "19491331"),
        ("110105194912310021", "last character"),
    ],
)
def test_what_is_wrong_with_an_id_number_is_named(app: Flask, typed: str, said: str) -> None:
    assert said in _refusal(app, id_numbers.read, typed)


@pytest.mark.parametrize("code", ["91350203M0001QKT19", "91350211M0000XUF46"])
def test_lawful_codes_that_fail_the_last_check_are_odd(code: str) -> None:
    assert credit_codes.credit_check_character(code[:17]) != code[17]
    assert credit_codes.read(code.lower()) == code
    assert "compare it with the licence" in _english(credit_codes.warning_of(code))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("000000000000000000", "No unit has this"),
        ("111111111111111111", "No unit has this"),
        ("370572200401010138", "ID number"),
        ("11010519491231002X", "ID number"),
        ("9111010874935230", "this has 16"),
        ("9111O108749352307A", "“O” in place 5"),
        ("91110108749352307B", None),
        ("91110108749352308B", "not a valid"),
        ("99110108749352307A", "not a valid"),
    ],
)
def test_impossible_credit_codes_are_refused_by_what_is_wrong(app: Flask, typed: str, said: str | None) -> None:
    if said is None:  # the inner character is right: odd, not impossible
        assert credit_codes.read(typed)
    elif said == "not a valid" and credit_codes.organisation_check_character(typed[8:16]) == typed[16]:
        assert credit_codes.warning_of(typed) is not None
    else:
        assert said in _refusal(app, credit_codes.read, typed)


@given(st.data())
def test_a_credit_code_in_every_spelling(data: st.DataObject) -> None:
    typed = data.draw(padded("91110108749352307A"))
    assert credit_codes.read(typed) == credit_codes.read(typed.lower()) == "91110108749352307A"
    assert credit_codes.warning_of("91110108749352307A") is None


def test_registrars_and_provinces_are_those_of_the_tables() -> None:
    pairs = {row["code"] for row in _rows("uscc_registrar") if len(row["code"]) == 2}
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert {a + b for a in signs for b in signs if credit_codes.is_known_registrar(a + b)} == pairs
    provinces = {row["code"][:2] for row in _rows("region") if row["code"].endswith("0000")}
    taken = {f"{place:02d}" for place in range(100) if credit_codes._PROVINCE.fullmatch(f"{place:02d}")}
    assert taken == provinces | {"10"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("95588", "95588"),
        ("12345", "12345"),
        ("010-62510000转801", "010-62510000-801"),
        ("010-62510000 ext. 801", "010-62510000-801"),
        ("0512 66668888 # 12", "0512-66668888-12"),
        ("400-820-8820转1", "400-820-8820-1"),
        ("4008208820", "400-820-8820"),
        ("（０５１２）６６６６８８８８", "0512-66668888"),
        ("+86 (0)10 6251 0000", "010-62510000"),
        ("(+86) 13800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("0085223456789", "+85223456789"),
        ("+852 2345-6789", "+85223456789"),
        ("13800138000 / 010-62510000", "13800138000 / 010-62510000"),
        ("13800138000、13800138000", "13800138000"),
        ("010-62510000，801", "010-62510000-801"),
        ("\u200e13800138000", "13800138000"),
    ],
)
def test_a_phone_in_every_spelling(typed: str, kept: str) -> None:
    assert phones.read(typed) == kept
    assert phones.read(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("62510000", "area code is missing"),
        ("1380013800", "this has 10"),
        ("138001380001", "this has 12"),
        ("1380013800a", "“a”"),
        ("+1 1", "country"),
        ("110", "such as 010"),
        ("0512-66668888转8012/0512-66668889转8013", "too many"),
    ],
)
def test_what_is_wrong_with_a_phone_is_named(app: Flask, typed: str, said: str) -> None:
    assert said in _refusal(app, phones.read, typed)


@pytest.mark.parametrize("number", ["010-62510000", "400-820-8820", "+85291234567", "95588"])
def test_what_can_be_called_need_not_take_a_message(app: Flask, number: str) -> None:
    assert phones.is_phone(number)
    assert "no text messages" in _refusal(app, phones.read_mobile, number)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("8000", "8000"),
        ("8千", "8000"),
        ("8,000", "8000"),
        ("12,000.50", "12000.5"),
        ("５０００", "5000"),
        ("8，000", "8000"),
        ("1.2万", "12000"),
        ("8k", "8000"),
        ("¥8000元", "8000"),
        ("8000元/月", "8000"),
        (" 8 000 ", "8000"),
        ("0.35万元", "3500"),
    ],
)
def test_money_in_every_spelling(typed: str, amount: str) -> None:
    assert money.read(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("8000-10000", "range"),
        ("8,00", "such as 8000.00"),
        ("8000.005", "two decimals"),
        ("8000$", "“$”"),
        ("面议", "such as 8000.00"),
        ("-5", "“-”"),
        ("1e5", "“e”"),
    ],
)
def test_what_is_wrong_with_an_amount_is_named(app: Flask, typed: str, said: str) -> None:
    assert said in _refusal(app, money.read, typed)


_SPELLINGS = (
    *("{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}"),
    *("{0.year}年{0.month}月{0.day}日", "{0:%Y}年{0:%m}月{0:%d}", "{0.year} 年 {0.month} 月 {0.day} 号", "{0:%Y%m%d}"),
    *("{0:%Y-%m-%d} 00:00:00", "{0:%Y-%m-%d}T00:00:00+08:00", "{0.day} {0:%B} {0.year}", "{0:%B} {0.day}, {0.year}"),
    *("{0:%d}-{0:%b}-{0.year}", "{0:%Y}—{0:%m}—{0:%d}"),
)


@given(st.dates(date(1950, 1, 1), date(2040, 12, 31)), st.sampled_from(_SPELLINGS), st.booleans(), st.booleans())
def test_a_day_in_every_spelling_that_means_one(day: date, spelling: str, wide: bool, unseen: bool) -> None:
    typed = spelling.format(day)
    typed = typed.translate(WIDE) if wide else typed
    assert days.read(f"\ufeff{typed} " if unseen else typed) == day


def test_days_in_chinese_figures_and_with_the_year_last() -> None:
    assert days.read("二〇二七年六月三十日") == date(2027, 6, 30)
    assert days.read("二零二七年十二月二十一日") == date(2027, 12, 21)
    assert days.read("30/06/2027") == days.read("06/30/2027") == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2027-06", "day is missing"),
        ("2027年6月", "day is missing"),
        ("202706", "day is missing"),
        ("2027", "Month and day"),
        ("6月30日", "year is missing"),
        ("27-6-30", "four digits"),
        ("05/06/2027", "two days"),
        ("2027-02-30", "no such day"),
        ("明年六月", "such as"),
    ],
)
def test_what_a_day_lacks_is_said(app: Flask, typed: str, said: str) -> None:
    assert said in _refusal(app, days.read, typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.example.com", "http://www.example.com"),
        ("HTTPS://www.example.com/a?b=1", "https://www.example.com/a?b=1"),
        ("ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ", "http://www.example.com"),
        ("http:/example.com", "http://example.com"),
        ("例子.中国", "http://例子.中国"),
    ],
)
def test_a_web_address_in_every_spelling(typed: str, kept: str) -> None:
    assert addresses.read_web_address(typed) == kept


@pytest.mark.parametrize("typed", ["example", "http://", "javascript:alert(1)", "ftp://example.com", "a b.com"])
def test_other_texts_are_no_web_addresses(typed: str) -> None:
    with pytest.raises(Unreadable):
        addresses.read_web_address(typed)


def test_postcodes_in_full_width() -> None:
    assert addresses.read_postcode("１００ ８７１") == "100871"


def _refusal(app: Flask, reader: object, typed: str) -> str:
    with app.test_request_context(headers={"Accept-Language": "en"}), pytest.raises(Unreadable) as refused:
        reader(typed)  # type: ignore[operator]
    return _english(refused.value.reason)


def _english(reason: object) -> str:
    return str(reason._args[0]) % reason._kwargs if getattr(reason, "_kwargs", None) else str(reason._args[0])  # type: ignore[attr-defined]
