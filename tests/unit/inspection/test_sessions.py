"""Sessions end when they should, and wrong passwords run out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from archive_core.inspection.access import AccessLog
from archive_core.inspection.sessions import Door, Throttled, Visitor

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@attrs.define
class House:
    """A door with a clock that a test can turn."""

    now: datetime
    door: Door
    log: AccessLog

    def after(self, **time: float) -> Door:
        self.now += timedelta(**time)
        return self.door


def verify(username: str, password: str) -> Visitor | None:
    known = {
        "li.na": Visitor(username="li.na", name="李娜"),
        "guest": Visitor(username="guest", name="检查员", kind="inspector", until=START + timedelta(minutes=10)),
    }
    return known.get(username) if password == "right" else None


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    log = AccessLog(tmp_path / "access.db", lambda: made.now)
    made = House(START, Door(verify, log, lambda: made.now), log)
    yield made
    log.close()


def test_the_right_password_opens_a_session(house: House) -> None:
    """The token stands for the person; no other token does."""
    token = house.door.enter("li.na", "right", "::1")
    assert Visitor(username="li.na", name="李娜") == house.door.visitor(token)
    assert None is house.door.visitor(f"{token}x")
    assert None is house.door.visitor(None)


def test_the_wrong_password_opens_nothing(house: House) -> None:
    """The attempt is recorded with the name tried."""
    assert None is house.door.enter("li.na", "wrong", "::1")
    assert [item.act for item in house.log.of("li.na", 5)] == ["login_failed"]


def test_a_session_ends_after_idle_minutes(house: House) -> None:
    """Fifteen minutes are borne, a second more is not, and looking renews them."""
    token = house.door.enter("li.na", "right", "::1")
    assert None is not house.after(minutes=15).visitor(token)
    assert None is not house.after(minutes=15).visitor(token)
    assert None is house.after(minutes=15, seconds=1).visitor(token)


def test_a_session_ends_after_eight_hours(house: House) -> None:
    """However busy he is, a visitor logs in again after eight hours."""
    token = house.door.enter("li.na", "right", "::1")
    inside = [house.after(minutes=14).visitor(token) is not None for _ in range(35)]
    assert inside == [True] * 34 + [False]


def test_a_session_ends_with_the_account(house: House) -> None:
    """An inspector's account that ends at ten past ends there, logged in or not."""
    token = house.door.enter("guest", "right", "::1")
    assert None is not house.after(minutes=10).visitor(token)
    assert None is house.after(seconds=1).visitor(token)


def test_leaving_ends_the_session_at_once(house: House) -> None:
    """The cookie is worthless after logout, and the logout is recorded."""
    token = house.door.enter("li.na", "right", "::1")
    house.door.leave(token, "::1")
    assert None is house.door.visitor(token)
    assert [item.act for item in house.log.of("li.na", 5)] == ["logout", "login"]


def test_wrong_passwords_run_out(house: House) -> None:
    """The sixth attempt within a quarter of an hour is not looked at, even if it is right; later it is."""
    for name in ("li.na", "Li.Na", "LI.NA", "li.na", "li.nA"):
        house.door.enter(name, "wrong", "::1")
    with pytest.raises(Throttled):
        house.door.enter("li.na", "right", "::1")
    assert None is not house.after(minutes=15, seconds=1).enter("li.na", "right", "::1")


def test_a_stranger_cannot_shut_a_colleague_out(house: House) -> None:
    """Wrong passwords from one place close the name to that place only."""
    for _ in range(5):
        house.door.enter("li.na", "wrong", "10.0.0.1")
    with pytest.raises(Throttled):
        house.door.enter("li.na", "right", "10.0.0.1")
    assert None is not house.door.enter("li.na", "right", "::1")


def test_many_addresses_cannot_try_one_name(house: House) -> None:
    """Fifty wrong passwords for a name, wherever they come from, close it for a while."""
    for number in range(50):
        house.door.enter("li.na", "wrong", f"10.0.0.{number // 4}")
    with pytest.raises(Throttled):
        house.door.enter("li.na", "right", "::1")
    assert None is not house.after(minutes=15, seconds=1).enter("li.na", "right", "::1")


def test_one_address_cannot_try_many_names(house: House) -> None:
    """Thirty wrong passwords from one address close the door to it, not to others."""
    for number in range(30):
        house.door.enter(f"user{number}", "wrong", "10.0.0.1")
    with pytest.raises(Throttled):
        house.door.enter("li.na", "right", "10.0.0.1")
    assert None is not house.door.enter("li.na", "right", "::1")
