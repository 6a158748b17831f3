"""Who is told what, in which words, exactly once (R7.14, R10.1, R10.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from app.base.database import session, transaction
from app.codes import queries as codes
from app.notices.models import NoticeDelivery, NoticeTemplate, Notification
from app.notices.queries import unread_count
from app.workflow import delivery
from app.workflow.models import OutboxMessage
from tests.notices.signings import Story, inbox

Drain = Callable[..., int]


@pytest.fixture
def story(signing: Story, drain: Drain) -> Iterator[Story]:
    """A signing whose graduate is free again afterwards."""
    drain()
    yield signing
    signing.end()
    drain()


def newest(story: Story, username: str) -> Notification:
    """The last notice of a user."""
    return inbox(story.actor_of(username).user_id)[-1]


def test_an_invitation_reaches_the_graduate_alone(story: Story, drain: Drain) -> None:
    case = story.invite("graduate7", title="数据分析师")
    before = len(inbox(story.actor_of("employer1").user_id))
    drain()
    notice = newest(story, "graduate7")
    assert (notice.workflow, notice.case_id, notice.event) == ("online_signing", case.id, "invite")
    assert notice.title == "收到签约邀请"
    assert case.employer.name in notice.text
    assert "数据分析师" in notice.text
    assert "24:00 前" in notice.text
    assert notice.read_at is None
    assert len(inbox(story.actor_of("employer1").user_id)) == before


def test_all_users_of_the_unit_are_told(story: Story, drain: Drain) -> None:
    story.invite()
    story.fire("decline", "graduate7", reason="已有其他去向。")
    drain()
    for username in ("employer1", "employer1b"):
        notice = newest(story, username)
        assert notice.event == "decline"
        assert "原因：已有其他去向。如已另行商定" in notice.text
    assert all(entry.case_id != story.case.id for entry in inbox(story.actor_of("employer2").user_id))


def test_a_graduate_without_an_account_is_no_mistake(story: Story, drain: Drain) -> None:
    case = story.invite()
    user_id = story.actor_of("graduate7").user_id
    with transaction():
        session.connection().exec_driver_sql("UPDATE ab_user SET active = false WHERE id = %s", (user_id,))
    try:
        drain()
        assert inbox(user_id, case_id=case.id) == []
    finally:
        with transaction():
            session.connection().exec_driver_sql("UPDATE ab_user SET active = true WHERE id = %s", (user_id,))


@pytest.mark.parametrize(
    ("graduate", "school", "verb"),
    [("graduate7", "school10002", "鉴证"), ("graduate13", "school10284", "审核")],
    ids=["two-party", "three-party"],
)
def test_the_verb_follows_the_agreement_type(story: Story, drain: Drain, graduate: str, school: str, verb: str) -> None:
    story.invite(graduate)
    story.fire("accept", graduate)
    story.fire("approve", school)
    drain()
    told = newest(story, graduate)
    assert told.title == f"签约{verb}通过"
    assert story.case.number in told.text
    assert newest(story, "employer1").title == f"签约{verb}通过"
    story.fire("void", school, reason="信息有误")
    drain()
    assert "信息有误" in newest(story, graduate).text


def test_a_rejection_names_its_reason(story: Story, drain: Drain) -> None:
    story.invite()
    story.fire("accept", "graduate7")
    code = codes.choices("reject_reason")[0][0]
    story.fire("reject", "school10002", reason_code=code, reason="岗位与专业不符")
    drain()
    assert "原因：岗位与专业不符" in newest(story, "graduate7").text
    assert "原因：岗位与专业不符" in newest(story, "employer1").text


def test_each_change_of_the_category_is_told_as_it_was(story: Story, drain: Drain) -> None:
    story.invite(category="13")
    story.fire("accept", "graduate7")
    story.fire("approve", "school10002")
    story.fire("edit_category", "school10002", category="11")
    story.fire("edit_category", "school10002", category="17")
    drain()
    texts = [entry.text for entry in inbox(story.actor_of("graduate7").user_id, event="edit_category")][-2:]
    assert f"改为“{codes.label('job_category', '11')}”" in texts[0]
    assert f"改为“{codes.label('job_category', '17')}”" in texts[1]


def test_delivering_twice_gives_one_entry(story: Story, drain: Drain) -> None:
    case = story.invite()
    drain()
    message_id = session.scalar(
        select(OutboxMessage.id).where(OutboxMessage.kind == "notice", OutboxMessage.case_id == case.id)
    )
    with transaction():
        session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(status="queued"))
    assert delivery.deliver(message_id)
    entries = inbox(story.actor_of("graduate7").user_id, case_id=case.id)
    assert len(entries) == 1
    rows = session.scalars(select(NoticeDelivery).where(NoticeDelivery.notification_id == entries[0].id)).all()
    assert [row.channel for row in rows] == ["wechat"]
    drain()


def test_edited_words_win_and_a_missing_row_falls_back(story: Story, drain: Drain) -> None:
    mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
    with transaction():
        row = session.scalars(select(NoticeTemplate).where(*mine)).one()
        kept = row.body
        row.body = "%(graduate)s，%(unit)s 请您应约，100% 真实"
    story.invite()
    drain()
    assert newest(story, "graduate7").text.endswith("请您应约，100% 真实")
    story.end()
    with transaction():
        session.delete(session.merge(row))
    story.invite()
    drain()
    assert "邀请您签约" in newest(story, "graduate7").text
    with transaction():
        session.add(NoticeTemplate(name=row.name, reader=row.reader, title=row.title, body=kept, channels=["wechat"]))


def test_a_notice_that_was_switched_off_is_not_sent(story: Story, drain: Drain) -> None:
    mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
    with transaction():
        session.execute(update(NoticeTemplate).where(*mine).values(active=False))
    case = story.invite()
    drain()
    assert inbox(story.actor_of("graduate7").user_id, case_id=case.id) == []
    with transaction():
        session.execute(update(NoticeTemplate).where(*mine).values(active=True))


def test_unread_notices_are_counted(story: Story, drain: Drain) -> None:
    from app.notices.services import mark_all_read, mark_read

    actor = story.actor_of("graduate7")
    mark_all_read(actor=actor)
    story.invite()
    drain()
    assert unread_count(actor) == 1
    notice = newest(story, "graduate7")
    mark_read(notice.id, actor=actor)
    assert unread_count(actor) == 0
    first = newest(story, "graduate7").read_at
    mark_read(notice.id, actor=actor)
    assert newest(story, "graduate7").read_at == first


def test_nobody_reads_anothers_notice(story: Story, drain: Drain) -> None:
    from app.base.errors import NotFound
    from app.notices.services import mark_read

    story.invite()
    drain()
    notice = newest(story, "graduate7")
    for stranger in ("graduate8", "employer1", "school10002", "operator"):
        with pytest.raises(NotFound):
            mark_read(notice.id, actor=story.actor_of(stranger))


def test_reviewers_can_be_told(story: Story, actor_of: Callable[[str], Any]) -> None:
    from app.notices.recipients import recipients

    case = story.invite("graduate1")
    found = recipients(["school", "department", "province", "operator"], case)
    names = {"school10001": "school", "dept10001a": "department", "province11": "province", "operator": "operator"}
    assert {(actor_of(name).user_id, kind, "zh") for name, kind in names.items()} == set(found)
