"""The access log keeps what happened, in order, and shows when it was touched."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive_core.inspection.access import Access, AccessLog

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AccessLog]:
    kept = AccessLog(tmp_path / "access.db", lambda: NOW)
    kept.write(Access(act="view", who="li.na", address="::1", path="/-/record/7", records=(7,)))
    kept.write(Access(act="view", who="wang.wei", address="::1", path="/"))
    kept.write(Access(act="login_failed", who="li.na", address="10.0.0.9", status=403))
    yield kept
    kept.close()


def test_a_person_sees_what_he_did_newest_first(log: AccessLog) -> None:
    """Acts of other people are not among them."""
    assert [item.act for item in log.of("li.na", 10)] == ["login_failed", "view"]
    assert log.of("li.na", 10)[1].records == (7,)


def test_acts_are_counted_by_person_and_address(log: AccessLog) -> None:
    """Counting looks at the act, the time and who or where."""
    since = "2026-11-21T07:59:00.000000Z"
    assert log.count("login_failed", since, who="li.na") == 1
    assert log.count("login_failed", since, who="wang.wei") == 0
    assert log.count("login_failed", since, address="10.0.0.9") == 1
    assert log.count("login_failed", "2026-11-21T08:00:00.000001Z", who="li.na") == 0


@pytest.mark.parametrize("sql", ["update access set who = 'x'", "delete from access"])
def test_rows_cannot_be_changed(log: AccessLog, tmp_path: Path, sql: str) -> None:
    """SQLite itself refuses to update or delete."""
    db = sqlite3.connect(tmp_path / "access.db")
    with pytest.raises(sqlite3.IntegrityError, match="insert-only"):
        db.execute(sql)
    db.close()
    assert log.is_whole()


@pytest.mark.parametrize("sql", ["update access set path = '/' where seq = 1", "delete from access where seq = 2"])
def test_tampering_behind_the_triggers_breaks_the_chain(log: AccessLog, tmp_path: Path, sql: str) -> None:
    """Whoever drops the triggers still cannot hide it."""
    db = sqlite3.connect(tmp_path / "access.db")
    db.executescript("drop trigger access_no_update; drop trigger access_no_delete;")
    db.execute(sql)
    db.commit()
    db.close()
    assert not log.is_whole()


def test_the_newest_rows_can_be_checked_alone(log: AccessLog, tmp_path: Path) -> None:
    """A fault further back is not seen by a look at the end, and is by a look that reaches it."""
    db = sqlite3.connect(tmp_path / "access.db")
    db.executescript("drop trigger access_no_update; update access set path = '/x' where seq = 1;")
    db.close()
    assert [True, True, False] == [log.is_whole(newest=count) for count in (1, 2, 3)]


def test_two_writers_make_one_chain(tmp_path: Path) -> None:
    """Two servers over one archive extend the same chain in turn."""
    first, second = (AccessLog(tmp_path / "a.db", lambda: NOW + timedelta(seconds=1)) for _ in range(2))
    for log in (first, second, first):
        log.write(Access(act="view", who="li.na", address="::1"))
    assert first.is_whole()
    assert len(second.of("li.na", 10)) == 3
    first.close()
    second.close()
