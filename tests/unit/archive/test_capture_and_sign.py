"""
One record's life through the public API: capture, sign-off, amendment, withdrawal, refusal.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support import BOSS, PASSWORD, QA1, STAFF, TestClock, visit

from archive_core import Archive, Ref
from archive_core.errors import (
    ContentRefused,
    DuplicateKey,
    LoginNeeded,
    NothingToSign,
    NotInForce,
    ProposalWaiting,
    ReasonMissing,
    RecordWithdrawn,
    SelfApproval,
    StaleVersion,
    StepNotOpen,
    TypeNotInForce,
    UnknownRecord,
    UnknownRecordType,
    UnknownVersion,
)
from archive_core.model.lifecycle import State

Open = Callable[[str | None], Archive]


def signed_visit(archive: Archive, number: str = "V-1", **changes: object) -> int:
    """
    Capture a visit note as staff and have it signed by both.
    """
    archive.login(STAFF, PASSWORD)
    record = archive.capture("visit_note", visit(number, **changes)).record
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    return record


def test_a_record_is_in_force_once_all_steps_are_signed(open_as: Open) -> None:
    """
    Proposed after capture, proposed after the first step, in force after the last.
    """
    archive = open_as(STAFF)
    captured = archive.capture("visit_note", visit())
    states = [archive.show(captured.record).state]
    states += [done.state for done in archive.sign(captured.record)]
    archive.login(BOSS, PASSWORD)
    states += [done.state for done in archive.sign(captured.record)]
    assert states == [State.PROPOSED, State.PROPOSED, State.IN_FORCE]


def test_a_sign_off_shows_name_role_meaning_and_time(open_as: Open) -> None:
    """
    The manifestation holds what 21 CFR 11.50(a) asks for, in both languages.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    shown = archive.show(record).signoffs
    told = [(mark.name_zh, mark.name_en, mark.role, mark.meaning_zh, mark.meaning_en) for mark in shown]
    assert told == [
        ("张三", "Zhang San", "handler", "经办", "Recorded"),
        ("赵敏", "Zhao Min", "responsible_person", "负责人审核", "Approved"),
    ]
    assert [mark.at < archive.now() for mark in shown] == [True, True]


def test_python_values_are_taken_as_they_are(open_as: Open) -> None:
    """
    Decimal, date and Ref are written in wire form.
    """
    archive = open_as(STAFF)
    first = archive.capture("visit_note", visit("V-1")).record
    fields = visit("V-2", visited_on=date(2026, 11, 19), cost=Decimal("12.50"), follows=Ref("V-1"))
    record = archive.capture("visit_note", fields).record
    kept = archive.show(record).fields
    assert (kept["visited_on"], kept["cost"]) == ("2026-11-19", "12.50")
    assert kept["follows"] == {"key": "V-1", "record": first}


def test_every_problem_is_told_at_once_and_nothing_is_written(open_as: Open) -> None:
    """
    A content with four mistakes is refused with four findings; the ledger does not grow.
    """
    archive = open_as(STAFF)
    size = archive.ledger.reader.head().size
    with pytest.raises(ContentRefused) as caught:
        archive.capture("visit_note", {"visit_no": 5, "visited_on": "2026-02-30", "kind": "mail", "nots": "x"})
    assert len(caught.value.findings) == 4
    assert any("did you mean note?" in line for line in caught.value.findings)
    assert archive.ledger.reader.head().size == size


def test_a_type_rule_refuses(open_as: Open) -> None:
    """
    The type's own `check` is asked after its fields are good.
    """
    with pytest.raises(ContentRefused, match="visit.paid"):
        open_as(STAFF).capture("visit_note", visit(paid=True))


@pytest.mark.parametrize("field", ["recorded_at", "operator", "recorded_by"])
def test_system_fields_cannot_be_supplied(open_as: Open, field: str) -> None:
    """
    Capture time and operator come from the clock and the login (GSP computer-system appendix).
    """
    with pytest.raises(ContentRefused, match="comes from the system and the login"):
        open_as(STAFF).capture("visit_note", visit(**{field: "2020-01-01"}))


def test_an_unknown_reference_is_refused(open_as: Open) -> None:
    """
    Outside a batch a reference must resolve.
    """
    with pytest.raises(ContentRefused, match="reference.unknown"):
        open_as(STAFF).capture("visit_note", visit(follows="V-404"))


def test_the_key_is_unique_among_live_records(open_as: Open) -> None:
    """
    A second record of the key is refused while the first is proposed or in force.
    """
    archive = open_as(STAFF)
    first = archive.capture("visit_note", visit()).record
    with pytest.raises(DuplicateKey) as caught:
        archive.capture("visit_note", visit())
    assert caught.value.record == first


def test_a_rejected_record_frees_its_key(open_as: Open) -> None:
    """
    After a refusal the key may be used again, and the refused version stays readable.
    """
    archive = open_as(STAFF)
    first = archive.capture("visit_note", visit()).record
    archive.reject(first, reason="日期不符")
    second = archive.capture("visit_note", visit()).record
    assert archive.find("visit_note", "V-1") == second
    assert archive.show(first).state is State.REJECTED
    assert archive.show(first).signoffs[0].reason == "日期不符"


def test_a_withdrawn_record_frees_its_key_and_stays_readable(open_as: Open) -> None:
    """
    A withdrawal is a version like any other: it takes effect when signed.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    archive.login(STAFF, PASSWORD)
    archive.withdraw(record, reason="重复登记", seen=1)
    assert archive.find("visit_note", "V-1") == record
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    with pytest.raises(UnknownRecord):
        archive.find("visit_note", "V-1")
    assert archive.show(record).withdrawn
    assert [view.reason for view in archive.history(record)] == ["", "重复登记"]
    assert list(archive.list("visit_note")) == []


def test_nothing_is_added_to_a_withdrawn_record(open_as: Open) -> None:
    """
    Amending a void record is refused.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    archive.login(STAFF, PASSWORD)
    archive.withdraw(record, reason="重复登记", seen=1)
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    with pytest.raises(RecordWithdrawn):
        archive.amend(record, visit(), reason="x", seen=2)


def test_the_old_version_stays_in_force_while_the_new_one_waits(open_as: Open) -> None:
    """
    Only the last signature moves what is in force.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    archive.login(STAFF, PASSWORD)
    archive.amend(record, visit(note="更正"), reason="笔误", seen=1)
    assert (archive.show(record).version, archive.show(record, version=2).state) == (1, State.PROPOSED)
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    assert archive.show(record).version == 2
    assert archive.show(record, version=1).state is State.SUPERSEDED


def test_a_stale_amendment_is_refused(open_as: Open) -> None:
    """
    Who saw version 1 may not amend version 2 away.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    archive.login(STAFF, PASSWORD)
    archive.amend(record, visit(note="一"), reason="笔误", seen=1)
    with pytest.raises(StaleVersion) as caught:
        archive.amend(record, visit(note="二"), reason="笔误", seen=1, replace=True)
    assert (caught.value.seen, caught.value.latest) == (1, 2)


def test_one_proposal_at_a_time_unless_replaced(open_as: Open) -> None:
    """
    Amending a waiting proposal needs `replace`; the old proposal is then replaced.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    with pytest.raises(ProposalWaiting):
        archive.amend(record, visit(note="二"), reason="笔误", seen=1)
    archive.amend(record, visit(note="二"), reason="笔误", seen=1, replace=True)
    assert [view.state for view in archive.history(record)] == [State.REPLACED, State.PROPOSED]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_needed(open_as: Open, reason: str) -> None:
    """
    Amending, withdrawing and rejecting say why.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    with pytest.raises(ReasonMissing):
        archive.amend(record, visit(), reason=reason, seen=1, replace=True)
    with pytest.raises(ReasonMissing):
        archive.withdraw(record, reason=reason, seen=1)
    with pytest.raises(ReasonMissing):
        archive.reject(record, reason=reason)


def test_the_author_may_not_approve(open_as: Open, folder: Path) -> None:
    """
    Self-approval of the last step is refused even for somebody who holds both roles.
    """
    archive = open_as(QA1)
    both = archive.add_person(
        "sun.li", name_zh="孙丽", name_en="Sun Li", roles=["handler", "responsible_person"], password="a long password"
    )
    archive.login("wang.wei", PASSWORD)
    archive.sign(both.record)
    archive.login("sun.li", "a long password")
    record = archive.capture("visit_note", visit()).record
    archive.sign(record)
    with pytest.raises(SelfApproval):
        archive.sign(record)


def test_who_signed_the_first_step_may_not_sign_the_second(open_as: Open) -> None:
    """
    `not_by` binds steps to different people, whoever the author is.
    """
    archive = open_as(QA1)
    both = archive.add_person(
        "sun.li", name_zh="孙丽", name_en="Sun Li", roles=["handler", "responsible_person"], password="a long password"
    )
    archive.login("wang.wei", PASSWORD)
    archive.sign(both.record)
    archive.login(STAFF, PASSWORD)
    record = archive.capture("visit_note", visit()).record
    archive.login("sun.li", "a long password")
    archive.sign(record)
    with pytest.raises(SelfApproval) as caught:
        archive.sign(record)
    assert caught.value.did == "they signed step record"


def test_steps_are_signed_in_order_by_their_roles(open_as: Open) -> None:
    """
    The responsible person cannot sign before the handler did.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    archive.login(BOSS, PASSWORD)
    with pytest.raises(StepNotOpen) as caught:
        archive.sign(record)
    assert (caught.value.step, caught.value.role) == ("record", "handler")


def test_a_ceremony_signs_all_or_none(open_as: Open) -> None:
    """
    When one of several records cannot be signed, none is.
    """
    archive = open_as(STAFF)
    first = archive.capture("visit_note", visit("V-1")).record
    with pytest.raises(UnknownRecord):
        archive.sign(first, 999_999)
    assert archive.show(first).signoffs == ()


def test_nothing_is_signed_twice(open_as: Open) -> None:
    """
    A version in force waits for nobody.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    with pytest.raises(NothingToSign):
        archive.sign(record)


def test_the_queue_shows_what_i_may_sign(open_as: Open) -> None:
    """
    Only the open step's role sees a version; the author's own approval is not offered.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit()).record
    assert [one.record for one in archive.queue()] == [record]
    archive.sign(record)
    assert list(archive.queue()) == []
    archive.login(BOSS, PASSWORD)
    assert [(one.record, one.step, one.meaning) for one in archive.queue()] == [(record, "approve", "Approved")]


def test_as_of_answers_with_the_version_of_that_day(open_as: Open, clock: TestClock) -> None:
    """
    `show` and `list` answer as it was in force on a day, in the archive's time zone.
    """
    archive = open_as(None)
    record = signed_visit(archive)
    clock.now += timedelta(days=10)
    archive.login(STAFF, PASSWORD)
    archive.amend(record, visit(note="更正"), reason="笔误", seen=1)
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    then = [
        archive.show(record, as_of=day).version for day in (date(2026, 11, 21), date(2026, 11, 30), date(2026, 12, 1))
    ]
    assert then == [1, 1, 2]
    assert [view.version for view in archive.list("visit_note", as_of=date(2026, 11, 25))] == [1]
    with pytest.raises(NotInForce):
        archive.show(record, as_of=date(2026, 11, 20))


def test_a_version_may_take_effect_later(open_as: Open, clock: TestClock) -> None:
    """
    Signed before its day, a version is not in force yet; from that moment on it is.
    """
    archive = open_as(STAFF)
    with pytest.raises(ContentRefused, match="effective_from"):
        archive.capture("visit_note", visit(), effective_from="2027-01-01")
    record = archive.capture("visit_note", visit(), effective_from="2027-01-01T00:00:00.000000Z").record
    archive.sign(record)
    archive.login(BOSS, PASSWORD)
    archive.sign(record)
    assert list(archive.list("visit_note")) == []
    with pytest.raises(NotInForce):
        archive.show(record, as_of=date(2026, 12, 31))
    clock.now += timedelta(days=60)
    assert [view.record for view in archive.list("visit_note")] == [record]
    assert archive.verify().flaws == ()


def test_the_difference_of_two_versions_names_each_field(open_as: Open) -> None:
    """
    Changed, added and removed fields appear by path, lines item by item.
    """
    archive = open_as(STAFF)
    record = archive.capture("visit_note", visit(points=[{"topic": "价格"}, {"topic": "交期", "minutes": 5}])).record
    changed = visit(cost="3.00", points=[{"topic": "价格"}, {"topic": "交期", "minutes": 9}])
    del changed["note"]
    archive.amend(record, changed, reason="补充", seen=1, replace=True)
    told = [(change.path, change.old, change.new) for change in archive.diff(record, 1, 2)]
    assert told == [("$.note", "讨论手套供应", None), ("$.points[1].minutes", 5, 9), ("$.cost", None, "3.00")]


def test_a_type_must_be_registered_and_signed(open_as: Open, folder: Path) -> None:
    """
    An installed type that waits for QA's signature cannot be used, and says which record waits.
    """
    plugin = (folder / "plugins" / "visits.py").read_text(encoding="utf-8").replace("visit_note", "call_note")
    (folder / "plugins" / "calls.py").write_text(plugin.replace("VisitNote", "CallNote"), encoding="utf-8")
    archive = open_as(STAFF)
    with pytest.raises(TypeNotInForce) as caught:
        archive.capture("call_note", visit())
    assert caught.value.waiting is None
    archive.login(QA1, PASSWORD)
    (captured,) = archive.register_types()
    archive.login(STAFF, PASSWORD)
    with pytest.raises(TypeNotInForce) as caught:
        archive.capture("call_note", visit())
    assert caught.value.waiting == captured.record


def test_unknown_things_are_named(open_as: Open) -> None:
    """
    Unknown type, record and version each get their own refusal.
    """
    archive = open_as(STAFF)
    with pytest.raises(UnknownRecordType) as caught:
        archive.capture("visit_nota", visit())
    assert caught.value.nearest == "visit_note"
    with pytest.raises(UnknownRecord):
        archive.show(10_000)
    with pytest.raises(UnknownVersion):
        archive.show(0, version=9)


def test_writing_needs_a_login(open_as: Open) -> None:
    """
    An archive opened for nobody only reads.
    """
    archive = open_as(None)
    for act in (lambda: archive.capture("visit_note", visit()), lambda: archive.sign(0), archive.queue):
        with pytest.raises(LoginNeeded):
            act()


def test_an_attachment_is_kept_and_checked(open_as: Open, tmp_path: Path) -> None:
    """
    A scan is stored under its digest; the verification reads it.
    """
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 scan")
    archive = open_as(STAFF)
    stored = archive.attach(scan, media_type="application/pdf")
    archive.capture("visit_note", visit(scan=stored))
    report = archive.verify()
    assert (report.flaws, report.counts["attachments"]) == ((), 1)
    path = archive.blobs.path(stored.sha256)
    path.chmod(0o644)
    path.write_bytes(b"%PDF-1.7 scam")
    assert [flaw.code for flaw in archive.verify().flaws] == ["attachment"]
