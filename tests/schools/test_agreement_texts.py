"""A province's own text of the agreement: written by one, signed off by another, on paper from its day on, for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.access.actors import Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.documents.lasting.records import blocks_of, words_of
from app.documents.models import AgreementText, StoredFile
from app.documents.services import read_file
from app.documents.texts.words import NEWEST, faults, platform_text, platform_versions, required
from app.schools.texts import services
from app.schools.texts.queries import differences
from app.signing.online.models import OnlineSigning
from tests.documents.pdf import bare_text
from tests.documents.samples import longest, render_agreement, snapshot
from tests.notices.browser import logged_in, token
from tests.signing.stage import Stage, fire, user

Api = Callable[..., Any]
OWN = "本条由省级毕业生就业主管部门制定。"
PLACE = "/staff/agreement-texts"


def sent(words: str = OWN, days: int = 0, kind: str = "two_party") -> dict[str, str]:
    """The platform's text with a line more, from so many days from now on."""
    changed = platform_text(kind).replace("# 违约责任\n", f"# 违约责任\n{words}\n")
    return {"text": changed, "valid_from": (clock.today() + timedelta(days=days)).isoformat()}


def second() -> Actor:
    """Another account of the same province."""
    first = user("province11")
    return replace(first, user_id=(first.user_id or 0) + 1_000_000, name="复核人")


def signed_off(words: str = OWN, days: int = 0) -> AgreementText:
    """A version that two people have made."""
    made = services.begin_text(sent(words, days), actor=user("province11"))
    return services.sign_off(made.id, actor=second())


def test_what_was_printed_before_is_set_as_it_was() -> None:
    """Each version of the platform's text can be printed with all that a form lets pass."""
    for kind in ("two_party", "three_party"):
        assert {"2026.2", NEWEST} <= set(platform_versions(kind))
        for version in platform_versions(kind):
            for facts in (snapshot(kind, wording=version), longest(kind) | {"wording": version}):
                assert f"文本版本：{version}" in bare_text(render_agreement(facts))
        assert faults(platform_text(kind)) == []


def test_what_people_typed_fills_no_place_in() -> None:
    read = bare_text(render_agreement(snapshot(wording=NEWEST, clauses="{岗位约定}{{ 7 * 7 }}<b>")))
    assert "{岗位约定}{{7*7}}<b>" in read


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("{报到期限}", "{报到日}"), "{报到日}"),
        (("{补充条款}", "无"), "{补充条款}"),
        (("{补充条款}", "见{补充条款}"), "{补充条款}"),
        (("{违约金约定}", "{违约金约定}{违约金约定}"), "{违约金约定}"),
        (("{户口约定}", "{户口约定"), "花括号"),
        (("# 解除\n", "# \n"), "#"),
        (("# 解除\n", "# {甲方名称}\n"), ""),
        (("违约责任\n", "违约责任\n😀\n"), "😀"),
        (("违约责任\n", "违约责任\n" + "长" * 801 + "\n"), "800"),
    ],
)
def test_what_no_paper_can_be_made_of_is_refused_at_saving(
    api: Api, fresh_database: str, changes: tuple[str, str], said: str
) -> None:
    answer = api("province11").post(
        "/agreement_texts/", {**sent(), "text": platform_text("two_party").replace(*changes)}
    )
    assert answer.status_code == 422
    assert said in " ".join(answer.get_json()["errors"]["text"])


def test_one_writes_and_another_signs_off_for_ever(api: Api, app: Flask, fresh_database: str) -> None:
    author = api("province11")
    made = author.post("/agreement_texts/", sent()).get_json()
    number = made["id"]
    assert made["result"]["version"].endswith(f"{clock.today().year}.1")
    assert author.post(f"/agreement_texts/{number}/sign_off").get_json()["code"] == "own_text"
    with app.app_context():
        services.change_text(number, sent("改了一句。"), actor=second())
        with pytest.raises(Conflict):
            services.sign_off(number, actor=second())
        done = services.sign_off(number, actor=replace(second(), user_id=2_000_000))
        assert done.signed_off_by == "复核人"
        with pytest.raises(DBAPIError), transaction():
            session.execute(text("UPDATE agreement_texts SET text = 'x' WHERE id = :id"), {"id": number})
        session.remove()
    for answer in (author.put(f"/agreement_texts/{number}", sent()), author.delete(f"/agreement_texts/{number}")):
        assert answer.get_json()["code"] == "signed_off"
    told = author.get(f"/audit/?subject=agreement_texts {number}").get_json()["result"]
    assert [line["action"] for line in told] == ["can_sign_off", "can_edit", "can_create"]
    assert told[1]["detail"]["changed"] == [{"from": [OWN], "to": ["改了一句。"]}]


def test_others_reach_nothing(api: Api, app: Flask, fresh_database: str) -> None:
    number = api("province11").post("/agreement_texts/", sent()).get_json()["id"]
    for who in ("province44", "school10001", "dept10001a", "employer1", "graduate1"):
        for method in ("GET", "PUT", "DELETE"):
            assert api(who).call(method, f"/agreement_texts/{number}", json=sent()).status_code == 404, (method, who)
        assert api(who).post(f"/agreement_texts/{number}/sign_off").status_code == 404, who
        assert logged_in(app, who).get(f"{PLACE}/{number}/sample.pdf").status_code in (403, 404), who
        if who != "province44":
            assert api(who).post("/agreement_texts/", sent()).status_code == 403, who
    with app.app_context():
        for who in (replace(second(), modules={"employment": "ro"}), replace(second(), permissions=frozenset())):
            with pytest.raises(Forbidden):
                services.sign_off(number, actor=who)
        with pytest.raises(NotFound):
            services.sign_off(number, actor=replace(second(), province_id=None))
        session.remove()


def test_it_holds_for_what_is_begun_from_its_day_on(app: Flask, fresh_database: str, drain: Callable[..., int]) -> None:
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        before = stage.bring("invited")
        signed_off("明天起施行。", days=1)
        held = signed_off()
        assert before.wording == NEWEST
        fire(before, "accept", stage.graduate)
        other = Stage("employer1", "graduate3", "dept10001a", "school10001").bring("signed")
        assert other.wording == held.version
        assert other.snapshot["wording"] == held.version
        session.remove()
    drain()
    with app.app_context():
        kept = session.scalars(select(StoredFile).where(StoredFile.case_id == other.id, StoredFile.generated)).one()
        read = bare_text(read_file(kept))
        assert OWN in read
        assert f"文本版本：{held.version}" in read
        signed_off("又一版。")  # what is signed keeps its text
        case = session.get_one(OnlineSigning, other.id)
        assert OWN in "".join(words_of(blocks_of(str(preview(case)))))
        session.remove()


def preview(case: OnlineSigning) -> Any:
    """What the page of an agreement shows."""
    from app.documents.agreement import preview_of

    return preview_of(case.snapshot or {})


def test_pages_lead_from_the_platforms_text_to_a_sample(app: Flask, fresh_database: str) -> None:
    client = logged_in(app, "province11")
    form = client.get(f"{PLACE}/new").text
    assert platform_text("two_party").splitlines()[0][:20] in form
    sign = {"csrf_token": token(form)}
    kept = client.post(f"{PLACE}/new", data={**sent(), **sign})
    assert kept.status_code == 302, kept.text
    page = client.get(kept.headers["Location"]).text
    assert OWN in page
    assert "sign-off" not in page, "the author is not offered it"
    for way in ("online", "stamped"):
        sample = client.get(f"{kept.headers['Location']}/sample.pdf?way={way}")
        assert sample.mimetype == "application/pdf"
        assert "样张" in bare_text(sample.data)
        assert b"/ByteRange" not in sample.data, "nothing signs a sample"
    wrong = client.post(f"{PLACE}/new", data={**sent(), **sign, "text": "短"})
    assert wrong.status_code == 422


def test_differences_are_lines() -> None:
    assert differences("a\nb\n\nc", "a\nx\nc\nd") == [(["b"], ["x"]), ([], ["d"])]
    assert len(required()) >= 12
