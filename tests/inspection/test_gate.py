"""The gate: who may ask for what, and nothing shown that is not recorded."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from datasette import hookimpl  # type: ignore[import-untyped]

from archive_core.errors import ReadingRoomMismatch, RoomMissing
from archive_core.inspection import plugin
from archive_core.inspection.app import Setup, build_app, check_hooks
from archive_core.inspection.doors import safe_path
from archive_core.inspection.profile import PROFILES

TABLE = "/room/sterile_device_sales_record"
OPEN_TO_ALL = ("/-/login", "/assets/room.css", "/assets/room.js", "/assets/mark.svg", "/favicon.ico")
PAGES = (
    "/", "/-/records", "/-/records/complaint", "/-/search?q=x", "/-/record/18", "/-/record/18/v/1",
    "/-/record/18/diff/1/2", "/-/due", "/-/types", "/-/type/complaint", "/-/people", "/-/checkpoints", "/-/access",
    "/-/logout",
    TABLE, f"{TABLE}?_search=x", f"{TABLE}?_sort=key", f"{TABLE}__items",
)  # fmt: skip
CLOSED = (
    "/-/plugins", "/-/versions", "/-/settings", "/-/config", "/-/databases", "/-/threads", "/-/metadata", "/-/actor",
    "/-/actor.json", "/-/jump", "/-/allow-debug", "/-/permissions", "/-/check", "/-/rules", "/-/allowed", "/-/api",
    "/-/patterns", "/-/messages", "/-/logout/x", "/-/create-token", "/-/schema", "/-/queries", "/-.json", "/.json",
    "/room.json", "/room.db", "/room/-/query", "/room/-/schema", "/room/-/create", f"{TABLE}.json", f"{TABLE}.csv",
    f"{TABLE}/18.json", f"{TABLE}/-/insert", f"{TABLE}/-/autocomplete", f"{TABLE}/-/count", "/room/records",
    "/room/versions", "/room/meta", "/room/people", "/room/record_fts", "/room/record_fts_data", "/room/record_words",
    "/room/sqlite_master", "/room/Sterile_Device_Sales_Record", "/_internal", "/_memory", "/:memory:", "/room2",
    "/-/static/app.css", "/-/record/18%2Fv", "/assets/../words.toml", "/-/type/../x", "/nope",
    "/-/record/99999999999999999999", "/~72oom/complaint",
)  # fmt: skip
REFUSED_ARGUMENTS = (
    "_where=1", "_searchmode=raw", "_trace=1", "_context=1", "_shape=array", "_labels=on", "_facet=key", "_extra=query",
    "_through=x", "_fts_table=meta", "_nocount=1", "_json=x", "_col=key", "_ttl=9",
)  # fmt: skip


@pytest.fixture
def reader(open_room: Any, source: Any) -> Any:
    return open_room(source)


@pytest.fixture
def stranger(open_room: Any, source: Any) -> Any:
    return open_room(source, logged_in=False)


def test_a_stranger_sees_only_the_door(stranger: Any) -> None:
    """Without a login every page leads to the login page, and nothing but its looks is served."""
    assert {200} == {stranger.get(path).status_code for path in OPEN_TO_ALL}
    for path in (*PAGES, *CLOSED):
        answer = stranger.get(path)
        assert (303, "") == (answer.status_code, answer.text), path
        assert answer.headers["location"].startswith("/-/login")


def test_a_reader_sees_every_page(reader: Any) -> None:
    """Every page of the house answers."""
    assert dict.fromkeys(PAGES, 200) == {path: reader.get(path).status_code for path in PAGES}


def test_what_is_not_on_the_list_does_not_exist(reader: Any) -> None:
    """Datasette's own pages, formats, shadow tables and odd spellings of paths are not there."""
    assert dict.fromkeys(CLOSED, 404) == {path: reader.get(path).status_code for path in CLOSED}


@pytest.mark.parametrize("argument", REFUSED_ARGUMENTS)
def test_arguments_that_reach_into_datasette_are_refused(reader: Any, argument: str) -> None:
    """Arguments with an underscore are admitted one by one."""
    assert 400 == reader.get(f"{TABLE}?{argument}").status_code


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(reader: Any, method: str) -> None:
    """Every method but reading is refused, on every page, before Datasette sees it."""
    for path in ("/", TABLE, f"{TABLE}/-/insert", "/-/record/18"):
        assert 405 == reader.ask(method, path).status_code


def test_the_file_itself_is_opened_read_only(reader: Any) -> None:
    """Even code inside the server cannot write to the room."""
    write = reader.room.get_database("room").execute_write("delete from records")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._runner.run(write)


def test_a_forged_datasette_cookie_opens_nothing(stranger: Any) -> None:
    """Only our own session lets anybody in, not what Datasette's signing key could make."""
    stranger.cookies["ds_actor"] = stranger.room.client.actor_cookie({"id": "root"})
    assert 303 == stranger.get("/-/records").status_code


@pytest.mark.parametrize(("username", "password"), [("li.na", "wrong"), ("nobody", "reads everything"), ("", "")])
def test_a_wrong_login_says_only_that_it_is_wrong(stranger: Any, username: str, password: str) -> None:
    """The answer does not tell which of the two was wrong."""
    answer = stranger.log_in(username, password)
    assert 403 == answer.status_code
    assert "用户名与密码不符" in answer.text
    assert "archive_room" not in answer.cookies


def test_an_account_that_is_over_sees_nothing(stranger: Any) -> None:
    """A session that outlives its account ends with it."""
    stranger.log_in("late")
    assert 303 == stranger.get("/").status_code


def test_wrong_passwords_are_throttled(stranger: Any) -> None:
    """After five wrong ones the right one has to wait."""
    for _ in range(5):
        stranger.log_in("li.na", "wrong")
    answer = stranger.log_in()
    assert 429 == answer.status_code
    assert "15 分钟" in answer.text


def test_the_session_cookie_is_out_of_reach(stranger: Any) -> None:
    """Scripts cannot read it, other sites cannot send it, and the token is long."""
    header = stranger.log_in().headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=strict" in header
    assert len(stranger.cookies["archive_room"]) >= 43


def test_logging_out_ends_the_session(reader: Any) -> None:
    """The old cookie is worth nothing afterwards."""
    kept = reader.cookies["archive_room"]
    assert 303 == reader.post("/-/logout").status_code
    reader.cookies["archive_room"] = kept
    assert 303 == reader.get("/").status_code


def test_looking_at_the_way_out_logs_nobody_out(reader: Any) -> None:
    """A link or a picture that asks for the address ends no session: the page shows the button that does."""
    answer = reader.get("/-/logout")
    assert 200 == answer.status_code
    assert '<button class="main" type="submit">退出</button>' in answer.text
    assert "set-cookie" not in answer.headers
    assert 200 == reader.get("/").status_code


def test_after_login_one_comes_where_one_wanted(stranger: Any) -> None:
    """The wanted page is kept through the login."""
    wanted = stranger.get("/-/record/18").headers["location"]
    answer = stranger.post(wanted, data={"username": "li.na", "password": "reads everything"})
    assert (303, "/-/record/18") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\\b", "/a\nb", "evil"]
)
def test_no_login_leads_elsewhere(wanted: str) -> None:
    """A forged address cannot send a reader to another site."""
    assert "/" == safe_path(wanted)


def test_every_answer_forbids_scripts_and_frames(reader: Any, stranger: Any) -> None:
    """The policy stands on pages, refusals and missing pages alike, and no page holds an inline script or style."""
    for browser, path in ((reader, "/"), (reader, TABLE), (reader, "/nope"), (stranger, "/"), (stranger, "/-/login")):
        answer = browser.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "nosniff" == answer.headers["x-content-type-options"]
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script src="/assets/room.js" defer></script>')


def test_pages_are_not_kept_by_caches(reader: Any) -> None:
    """What a reader saw does not lie in a proxy."""
    assert "private, no-store" == reader.get("/-/record/18").headers["cache-control"]


def test_every_page_is_recorded_with_the_records_on_it(reader: Any) -> None:
    """Lists, tables and record pages name what they showed."""
    reader.get("/-/record/18")
    reader.get("/-/records/purchaser_file?q=医院")
    reader.get(f"{TABLE}?_search=LOT2026B01")
    table, listed, page = reader.room.log.of("li.na", 3)
    assert ("view", "/-/record/18", (18,)) == (page.act, page.path, page.records)
    assert (6, 8, 9) == listed.records
    assert (18,) == table.records
    assert reader.room.log.is_whole()


def test_refusals_are_recorded_too(reader: Any, stranger: Any) -> None:
    """What somebody tried and did not get stands in the log."""
    reader.get("/-/plugins")
    reader.get(f"{TABLE}?_where=1")
    stranger.log_in("li.na", "wrong")
    acts = [(item.act, item.status) for item in reader.room.log.of("li.na", 3)]
    assert [("login_failed", 403), ("refused", 400), ("refused", 404)] == acts


def test_the_looks_of_pages_do_not_drown_the_record(reader: Any) -> None:
    """Style, script and mark are served unrecorded; a page is recorded, and so is an asset that does not exist."""
    for path in ("/-/due", "/assets/room.css", "/assets/room.js", "/assets/mark.svg", "/favicon.ico", "/assets/x.css"):
        reader.get(path)
    acts = [(item.act, item.path) for item in reader.room.log.of("li.na", 9)]
    assert [("refused", "/assets/x.css"), ("view", "/-/due"), ("login", "")] == acts


def test_what_cannot_be_recorded_is_not_shown(reader: Any, tmp_path: Path) -> None:
    """A full disk or a lost log closes the room instead of opening it unrecorded."""
    db = sqlite3.connect(tmp_path / "access.db")
    db.executescript("create trigger full before insert on access begin select raise(abort, 'disk is full'); end")
    db.close()
    answer = reader.get("/-/record/18")
    assert 503 == answer.status_code
    assert "XS-2026-00001" not in answer.text
    assert "无法记录" in answer.text


def test_a_failing_page_says_so_without_a_trace(reader: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The reader gets plain words; the server's log gets the cause, and no session token."""
    reader.room.words = None
    reader.room.words = type(reader.room.door)  # not a catalogue: every page must fail now
    with pytest.raises(AttributeError):
        reader.get("/-/types")
    assert reader.cookies["archive_room"] not in capsys.readouterr().err


def test_a_hook_that_datasette_lost_keeps_the_room_closed() -> None:
    """A guard that would silently not be called is a reason not to open."""

    class Lost:
        @staticmethod
        @hookimpl  # type: ignore[untyped-decorator]
        def permission_resources_sqll() -> None:
            """A hook of a Datasette that does not exist."""

    with pytest.raises(ReadingRoomMismatch, match="permission_resources_sqll"):
        check_hooks(Lost)


def test_the_installed_datasette_has_every_hook() -> None:
    """All hooks that guard the room exist: the check looks at eight of them and does not object."""
    check_hooks(plugin)
    assert 8 == sum(hasattr(value, "datasette_impl") for value in vars(plugin).values())


def test_a_room_that_was_not_built_is_named(tmp_path: Path) -> None:
    """The message names the file and the command that builds it."""
    setup = Setup(
        room=tmp_path / "full.db", access=tmp_path / "a.db", profile=PROFILES["full"], verify=lambda _u, _p: None
    )
    with pytest.raises(RoomMissing, match="not built yet") as caught:
        build_app(setup)
    assert "archive room build --profile full" in caught.value.hint


@pytest.fixture
def masked(open_room: Any, source: Any) -> Any:
    return open_room(source, profile="inspector")


def test_masked_values_are_on_no_page(masked: Any) -> None:
    """The page says that something is masked, and nothing of it is anywhere, searched for or not."""
    found = {path: masked.get(path).text for path in (*PAGES, "/-/record/6", "/-/record/18/v/1")}
    assert [] == [path for path, text in found.items() if "周建国" in text or "13800000001" in text]
    assert "已遮蔽" in found["/-/record/18"]
    assert "没有找到记录" in masked.get("/-/records?q=13800000001").text
